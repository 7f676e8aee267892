import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Subnets } from './addresses.ts'
import type { Interfaces } from './interfaces.ts'

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated'

/** An EC2 instance. `state` and the times move; the rest is fixed at launch. */
export interface Instance {
  readonly id: string
  readonly group: string
  readonly type: string
  readonly subnetId: string
  readonly zone: string
  readonly privateIp: string
  readonly nodeName: string
  readonly imageId: string
  readonly template: TemplateReference
  readonly launchedAt: Instant
  state: InstanceState
  terminatedAt?: Instant
}

export interface TemplateReference {
  readonly id: string
  readonly version: number
}

export interface Launch {
  /** The Auto Scaling group. */
  readonly group: string
  readonly type: string
  readonly subnetId: string
  readonly imageId: string
  readonly template: TemplateReference
  readonly launchedAt: Instant
}

export interface Instances {
  /** Undefined when the subnet has no address for the primary interface. */
  launch(wanted: Launch): Instance | undefined
  /** The instance has ended: its interfaces and addresses are free again. */
  terminated(instance: Instance): void
  get(id: string): Instance | undefined
  all(): readonly Instance[]
  onTerminated(listener: (instance: Instance) => void): void
}

export function createInstances(deps: {
  readonly subnets: Subnets
  readonly interfaces: Interfaces
  readonly now: () => Instant
  readonly seed: number
  readonly region: string
}): Instances {
  const { subnets, interfaces, now, seed, region } = deps
  const byId = new Map<string, Instance>()
  const launches = new Map<string, number>()
  const listeners: ((instance: Instance) => void)[] = []

  function launch(wanted: Launch): Instance | undefined {
    const nth = (launches.get(wanted.group) ?? 0) + 1
    const id = `i-${keyedId(17, seed, 'instance', wanted.group, nth)}`
    const primary = interfaces.create({ subnetId: wanted.subnetId, instanceId: id, deviceIndex: 0, description: '', secondary: 0 })
    if (primary === undefined) return undefined
    launches.set(wanted.group, nth)
    const instance: Instance = {
      ...wanted,
      id,
      zone: subnets.get(wanted.subnetId)?.zone ?? '',
      privateIp: primary.primary,
      nodeName: nodeNameOf(primary.primary, region),
      state: 'pending',
    }
    byId.set(id, instance)
    return instance
  }

  function terminated(instance: Instance): void {
    if (instance.state === 'terminated') return
    instance.state = 'terminated'
    instance.terminatedAt = now()
    for (const listener of listeners) listener(instance)
    for (const attached of [...interfaces.ofInstance(instance.id)]) interfaces.remove(attached)
  }

  return {
    launch,
    terminated,
    get: (id) => byId.get(id),
    all: () => [...byId.values()],
    onTerminated: (listener) => listeners.push(listener),
  }
}

/** IP-based host names: `ip-10-0-1-7.eu-central-1.compute.internal`, in us-east-1 `….ec2.internal` (EC2 user guide, "instance hostname types"). */
function nodeNameOf(privateIp: string, region: string): string {
  const host = `ip-${privateIp.replaceAll('.', '-')}`
  return region === 'us-east-1' ? `${host}.ec2.internal` : `${host}.${region}.compute.internal`
}
