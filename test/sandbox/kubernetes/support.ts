import type { Instant } from '../../../src/model/instant.ts'
import type { FaultSubject, Faults, Machine, PodNetwork } from '../../../src/sandbox/contract.ts'

export const START: Instant = Date.UTC(2026, 10, 23, 10)

/** Draws its addresses from 10.0.0.0/16, one after the other, and remembers who holds which. */
export function fakeNetwork(limit = 65_000): PodNetwork & { readonly held: Map<string, string>; readonly given: string[] } {
  const held = new Map<string, string>()
  const given: string[] = []
  let next = 0
  return {
    held,
    given,
    start: () => ({ ok: true }),
    assign(_instance, uid) {
      if (held.size >= limit) return undefined
      next++
      const address = `10.0.${(next >> 8) & 255}.${next & 255}`
      held.set(uid, address)
      given.push(address)
      return address
    },
    release(_instance, uid) {
      held.delete(uid)
    },
  }
}

export const NO_FAULTS: Faults = { onNode: () => false, on: () => false, onRequest: () => undefined }

/** Faults that hold on nodes where `holds` says so. */
export function faultsOnNodes(holds: (fault: string, subject: FaultSubject) => boolean): Faults {
  return { ...NO_FAULTS, onNode: holds }
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
