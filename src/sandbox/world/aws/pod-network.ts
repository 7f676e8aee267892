import { type Instant, type Millis, SECOND } from '../../../model/instant.ts'
import type { PodNetwork, Timeline } from '../../contract.ts'
import { type InstanceTypes, maxPods } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import type { Interface, Interfaces } from './interfaces.ts'

/** Targets of ipamd's warm pool, from the environment of aws-node. */
export interface PoolSettings {
  readonly warmInterfaces: number
  readonly warmAddresses?: number
  readonly minimumAddresses?: number
}

interface Pool {
  readonly instance: Instance
  readonly limits: { readonly interfaces: number; readonly perInterface: number; readonly pods: number }
  readonly free: Set<string>
  readonly assigned: Map<string, string>
  /** Addresses of pods that are gone, and until when they may not be given again. */
  cooling: { readonly address: string; readonly until: Instant }[]
  nextGrowth: Instant
}

export interface PodNetworkDeps {
  readonly timeline: Timeline
  readonly instances: Instances
  readonly interfaces: Interfaces
  readonly types: InstanceTypes
  readonly settings: () => PoolSettings
}

interface Network extends PodNetworkDeps {
  readonly pools: Map<string, Pool>
}

/** amazon-vpc-cni-k8s: pkg/ipamd/ipamd.go and pkg/ipamd/datastore/data_store.go. */
const ADDRESS_COOL_DOWN: Millis = 30 * SECOND
const INTERFACE_MINIMUM_AGE: Millis = 60 * SECOND
const BACK_OFF: Millis = 120 * SECOND

/**
 * ipamd on every instance, by the rules of amazon-vpc-cni-k8s (pkg/ipamd/ipamd.go): the pool keeps
 * (M-1) x WARM_ENI_TARGET addresses available, or the WARM_IP_TARGET and MINIMUM_IP_TARGET where these are set; existing interfaces
 * are filled before new ones are attached; a refusal by the subnet stops growth for two minutes.
 * A start never fails for want of addresses: ipamd swallows that, so that the node does not turn NotReady.
 */
export function createPodNetwork(deps: PodNetworkDeps): PodNetwork {
  const network: Network = { ...deps, pools: new Map() }
  deps.instances.onTerminated((instance) => {
    network.pools.delete(instance.id)
    deps.timeline.cancel(shrinkKey(instance.id))
  })
  return {
    start: (instanceId) => start(network, instanceId),
    assign: (instanceId, podUid) => assign(network, instanceId, podUid),
    release: (instanceId, podUid) => release(network, instanceId, podUid),
  }
}

function start(network: Network, instanceId: string): ReturnType<PodNetwork['start']> {
  const instance = network.instances.get(instanceId)
  if (instance?.state !== 'running') return { ok: false, reason: `Failed to get the metadata of instance ${instanceId}` }
  const pool = network.pools.get(instanceId) ?? openPool(network, instance)
  network.pools.set(instanceId, pool)
  grow(network, pool)
  return { ok: true }
}

function openPool({ types, timeline }: Network, instance: Instance): Pool {
  const facts = types.get(instance.type)
  const limits = { interfaces: facts.interfaces, perInterface: facts.addressesPerInterface - 1, pods: maxPods(facts) }
  return { instance, limits, free: new Set(), assigned: new Map(), cooling: [], nextGrowth: timeline.now() }
}

function assign(network: Network, instanceId: string, podUid: string): string | undefined {
  const pool = network.pools.get(instanceId)
  if (pool === undefined) return undefined
  const known = pool.assigned.get(podUid)
  if (known !== undefined) return known
  thaw(pool, network.timeline.now())
  if (pool.free.size === 0) grow(network, pool)
  const [address] = pool.free
  if (address === undefined) return undefined
  pool.free.delete(address)
  pool.assigned.set(podUid, address)
  grow(network, pool)
  return address
}

function release(network: Network, instanceId: string, podUid: string): void {
  const pool = network.pools.get(instanceId)
  const address = pool?.assigned.get(podUid)
  if (pool === undefined || address === undefined) return
  pool.assigned.delete(podUid)
  pool.cooling.push({ address, until: network.timeline.now() + ADDRESS_COOL_DOWN })
  scheduleShrink(network, pool)
}

function grow(network: Network, pool: Pool): void {
  while (network.timeline.now() >= pool.nextGrowth) {
    const short = shortage(pool, network.settings())
    if (short <= 0 || totalOf(pool) >= pool.limits.pods) return
    if (!growOnce(network, pool, short)) return
  }
}

/** Fills an interface, else attaches one. False when there is no room, or when the subnet refused. */
function growOnce(network: Network, pool: Pool, short: number): boolean {
  const attached = network.interfaces.ofInstance(pool.instance.id)
  const open = attached.find((each) => each.secondary.length < pool.limits.perInterface)
  if (open === undefined && attached.length >= pool.limits.interfaces) return false
  const room = pool.limits.perInterface - (open?.secondary.length ?? 0)
  const { warmAddresses, minimumAddresses } = network.settings()
  const wanted = warmAddresses === undefined && minimumAddresses === undefined ? room : Math.min(room, short)
  const grown = [wanted, 1].some((count) =>
    open === undefined ? attach(network, pool, attached.length, count) : fill(network, pool, open, count),
  )
  if (!grown) pool.nextGrowth = network.timeline.now() + BACK_OFF
  return grown
}

function attach({ interfaces }: Network, pool: Pool, deviceIndex: number, count: number): boolean {
  const { id, subnetId } = pool.instance
  const made = interfaces.create({ subnetId, instanceId: id, deviceIndex, description: `aws-K8S-${id}`, secondary: count })
  for (const address of made?.secondary ?? []) pool.free.add(address)
  return made !== undefined
}

function fill({ interfaces }: Network, pool: Pool, target: Interface, count: number): boolean {
  const before = target.secondary.length
  if (!interfaces.addSecondary(target, count)) return false
  for (const address of target.secondary.slice(before)) pool.free.add(address)
  return true
}

function scheduleShrink(network: Network, pool: Pool): void {
  const key = shrinkKey(pool.instance.id)
  network.timeline.cancel(key)
  network.timeline.after(INTERFACE_MINIMUM_AGE, key, () => shrink(network, pool))
}

/** Gives back interfaces that no pod uses and the targets do not need. The primary interface stays. */
function shrink(network: Network, pool: Pool): void {
  thaw(pool, network.timeline.now())
  for (const each of [...network.interfaces.ofInstance(pool.instance.id)].reverse()) {
    if (each.deviceIndex === 0 || !isDeletable(network, pool, each)) continue
    for (const address of each.secondary) pool.free.delete(address)
    network.interfaces.remove(each)
  }
  if (pool.cooling.length > 0) scheduleShrink(network, pool)
}

function isDeletable(network: Network, pool: Pool, candidate: Interface): boolean {
  if (network.timeline.now() - candidate.createdAt < INTERFACE_MINIMUM_AGE) return false
  if (!candidate.secondary.every((address) => pool.free.has(address))) return false
  return shortage(pool, network.settings(), candidate.secondary.length) <= 0
}

function shrinkKey(instanceId: string): string {
  return `ipamd/${instanceId}/shrink`
}

function thaw(pool: Pool, now: Instant): void {
  for (const { address } of pool.cooling.filter(({ until }) => until <= now)) pool.free.add(address)
  pool.cooling = pool.cooling.filter(({ until }) => until > now)
}

function totalOf(pool: Pool): number {
  return pool.free.size + pool.cooling.length + pool.assigned.size
}

/** How many addresses the pool lacks, had it `without` fewer. Cooling addresses count as available; with no warm interface it still keeps one. */
function shortage(pool: Pool, settings: PoolSettings, without = 0): number {
  const total = totalOf(pool) - without
  const available = total - pool.assigned.size
  const { warmAddresses, minimumAddresses } = settings
  if (warmAddresses === undefined && minimumAddresses === undefined)
    return Math.max(pool.limits.perInterface * settings.warmInterfaces, 1) - available
  return Math.max((warmAddresses ?? 0) - available, (minimumAddresses ?? 0) - total)
}
