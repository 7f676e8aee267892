import type { Instant } from '../../../src/model/instant.ts'
import type { Faults, Machine } from '../../../src/sandbox/contract.ts'
import type { LeverName, Levers, Subject } from '../../../src/sandbox/levers.ts'
import type { PodNetwork } from '../../../src/sandbox/network-contract.ts'

export const START: Instant = Date.UTC(2026, 10, 23, 10)

/**
 * Gives the lowest free address of 10.0.0.0/16, so that a freed one is given again at once.
 * Throws when a pod asks a second time, or when an address is given back that was not held.
 */
export function fakeNetwork(limit = 65_000): PodNetwork & { readonly held: ReadonlyMap<string, number> } {
  const held = new Map<string, number>()
  const free: number[] = []
  let next = 1
  return {
    held,
    start: () => ({ ok: true }),
    look() {},
    figures: () => undefined,
    reconcile: () => undefined,
    isCutOff: () => false,
    assign(_instance, uid) {
      if (held.has(uid)) throw new Error(`pod ${uid} has an address already`)
      if (held.size >= limit) return undefined
      const address = free.pop() ?? next++
      held.set(uid, address)
      return `10.0.${address >> 8}.${address & 255}`
    },
    release(_instance, uid) {
      const address = held.get(uid)
      if (address === undefined) throw new Error(`pod ${uid} holds no address`)
      held.delete(uid)
      free.push(address)
      free.sort((a, b) => b - a)
    },
  }
}

export const NO_FAULTS: Faults = { effects: () => [], onRequest: () => undefined, onChange: () => {} }

/** ipamd does not come to serve, and nothing says why. */
export const HANGS: Partial<Levers> = { 'aws-node/start': { step: 'host-network', fate: 'hang' } }

/** Faults that pull the levers given, where `holds` says so. */
export function faultsWhere(levers: Partial<Levers>, holds: (subject: Subject) => boolean): Faults {
  const effects = <L extends LeverName>(lever: L, subject: Subject): readonly Levers[L][] => {
    const effect = levers[lever]
    return effect !== undefined && holds(subject) ? [effect] : []
  }
  return { ...NO_FAULTS, effects }
}

/** A healthy m5.large in zone a of group `app`; node `ip-10-1-0-<n>`. */
export function machine(n: number, changes: Partial<Machine> = {}): Machine {
  const zone = `eu-central-1${['a', 'b', 'c'][n % 3]}`
  return {
    instanceId: `i-${String(n).padStart(17, '0')}`,
    privateIp: `10.1.${n >> 8}.${n & 255}`,
    nodeName: `ip-10-1-${n >> 8}-${n & 255}.eu-central-1.compute.internal`,
    group: 'app',
    zone,
    subnetId: `subnet-${zone}`,
    instanceType: 'm5.large',
    imageId: 'ami-0123456789abcdef0',
    kubeletVersion: 'v1.33.5-eks-113cf36',
    architecture: 'amd64',
    osImage: 'Amazon Linux 2023.9.20251014',
    labels: { 'eks.amazonaws.com/nodegroup': 'app' },
    taints: [],
    vcpus: 2,
    memoryMiB: 8192,
    maxPods: 29,
    ...changes,
  }
}
