/**
 * How many subnet addresses a node takes, by the rules of ipamd's pool.
 *
 * Rules: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go, docs/eni-and-ip-target.md and
 * docs/prefix-and-ip-target.md of the same repository. Max pods:
 * https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
 */

export const ADDRESSES_PER_PREFIX = 16

/** What an instance type allows: interfaces of the default network card, IPv4 addresses of each. */
export interface EniLimits {
  readonly interfaces: number
  readonly addressesPerInterface: number
  readonly vcpus?: number
}

/** The settings of aws-node that decide how many addresses it takes ahead of need. */
export interface PoolSettings {
  readonly ipFamily?: 'ipv4' | 'ipv6'
  readonly prefixDelegation?: boolean
  /** Pods live in subnets of their own, on all interfaces but the first. */
  readonly customNetworking?: boolean
  /** Security groups for pods: one interface slot goes to the trunk. */
  readonly podEni?: boolean
  /** WARM_ENI_TARGET, by default 1. */
  readonly warmInterfaces?: number
  /** WARM_PREFIX_TARGET, by default 1. */
  readonly warmPrefixes?: number
  /** WARM_IP_TARGET; set, it overrides the two above. */
  readonly warmAddresses?: number
  /** MINIMUM_IP_TARGET; the same. */
  readonly minimumAddresses?: number
}

/** What one node takes from its subnets. */
export interface AddressUse {
  /** Secondary addresses (or prefixes) on each interface that carries pods. */
  readonly interfaces: readonly number[]
  /** Addresses for pods that no pod has yet. */
  readonly unused: number
  /** Addresses taken from the node's own subnet. */
  readonly nodeSubnet: number
  /** Addresses taken from the pods' subnet; 0 without custom networking. */
  readonly podSubnet: number
}

/** Interfaces that may carry pod addresses: not the first under custom networking, not the trunk. */
function podInterfaces(limits: EniLimits, settings: PoolSettings): number {
  return Math.max(0, limits.interfaces - (settings.customNetworking ? 1 : 0) - (settings.podEni ? 1 : 0))
}

/** Pods on the pod network that the addresses of a node suffice for: N × (M − 1), × 16 under prefix delegation. */
export function podCapacity(limits: EniLimits, settings: PoolSettings): number {
  return podInterfaces(limits, settings) * (limits.addressesPerInterface - 1) * (settings.prefixDelegation ? ADDRESSES_PER_PREFIX : 1)
}

/** N × (M − 1) + 2 without the cap. Security groups for pods do not change it, although they cost an interface. */
export function uncappedMaxPods(limits: EniLimits, settings: PoolSettings): number {
  return podCapacity(limits, { ...settings, podEni: false }) + 2
}

/** The kubelet's max pods as EKS sets it: capped under prefix delegation at 110 below 30 vCPUs, at 250 from there. */
export function maxPods(limits: EniLimits, settings: PoolSettings): number {
  const pods = uncappedMaxPods(limits, settings)
  if (!settings.prefixDelegation) return pods
  return Math.min(pods, (limits.vcpus ?? 0) < 30 ? 110 : 250)
}

/**
 * Subnet addresses that one node takes once its pool has settled, primary addresses included.
 * @param pods pods on the pod network. One DaemonSet pod is enough to leave the row of 0, so 1 is the usual estimate.
 */
export function addressesPerNode(limits: EniLimits, settings: PoolSettings, pods: number): AddressUse {
  if (settings.ipFamily === 'ipv6') return { interfaces: [], unused: 0, nodeSubnet: 1, podSubnet: 0 }
  const interfaces = poolFor(limits, settings, pods)
  const total = addressesIn(interfaces, settings)
  const unused = total - Math.min(pods, total)
  const trunk = settings.podEni ? 1 : 0
  if (settings.customNetworking) return { interfaces, unused, nodeSubnet: 1 + trunk, podSubnet: total + interfaces.length }
  return { interfaces, unused, nodeSubnet: total + Math.max(1, interfaces.length) + trunk, podSubnet: 0 }
}

/** Units on each interface that carries pods, grown step by step as ipamd does until its targets are met or nothing more fits. */
export function poolFor(limits: EniLimits, settings: PoolSettings, pods: number): readonly number[] {
  let pool: readonly number[] = []
  for (;;) {
    const step = nextGrowth(limits, settings, pool, pods)
    if (step === undefined) return pool
    pool = grown(pool, step)
  }
}

/** What ipamd asks EC2 for next. */
export interface Growth {
  /** Addresses, or prefixes where these are delegated. */
  readonly units: number
  /** On an interface more, with an address of its own; otherwise on the last one. */
  readonly attaches: boolean
}

/**
 * The next call by which ipamd grows a pool: it fills an interface before it attaches another, up to its targets and to max pods.
 * @param pool units on each interface that carries pods. The first one comes with the instance, but under custom networking.
 */
export function nextGrowth(limits: EniLimits, settings: PoolSettings, pool: readonly number[], pods: number): Growth | undefined {
  if (settings.ipFamily === 'ipv6') return undefined
  const slots = limits.addressesPerInterface - 1
  const unit = settings.prefixDelegation ? ADDRESSES_PER_PREFIX : 1
  const total = sum(pool) * unit
  const wanted = Math.ceil(missing(settings, slots, total, total - Math.min(pods, total)) / unit)
  if (wanted <= 0 || total >= maxPods(limits, settings)) return undefined
  const last = pool.at(-1)
  if (last !== undefined && last < slots) return { units: Math.min(wanted, slots - last), attaches: false }
  if (pool.length >= podInterfaces(limits, settings)) return undefined
  return { units: Math.min(wanted, slots), attaches: pool.length > 0 || settings.customNetworking === true }
}

/** The pool once EC2 gave so much of it. */
export function grown(pool: readonly number[], { units, attaches }: Growth): readonly number[] {
  if (attaches || pool.length === 0) return [...pool, units]
  return [...pool.slice(0, -1), (pool.at(-1) ?? 0) + units]
}

/** Addresses of a pool of so many units, for pods. */
export function addressesIn(pool: readonly number[], { prefixDelegation }: PoolSettings): number {
  return sum(pool) * (prefixDelegation ? ADDRESSES_PER_PREFIX : 1)
}

/** How many addresses ipamd wants more than it has. */
function missing(settings: PoolSettings, slots: number, total: number, available: number): number {
  const { warmAddresses, minimumAddresses } = settings
  if (warmAddresses !== undefined || minimumAddresses !== undefined)
    return Math.max((warmAddresses ?? 0) - available, (minimumAddresses ?? 0) - total)
  const target = settings.prefixDelegation ? ADDRESSES_PER_PREFIX * (settings.warmPrefixes ?? 1) : slots * (settings.warmInterfaces ?? 1)
  const enough = available >= target && !(target === 0 && available === 0)
  if (enough) return 0
  // an interface is filled whole; a prefix is asked for singly
  return settings.prefixDelegation ? ADDRESSES_PER_PREFIX : slots
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/**
 * Nodes that EKS launches beside the old ones: the larger of twice the zones and maxUnavailable, none under MINIMAL.
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
export function surgeNodes(group: {
  readonly zones: number
  readonly maxUnavailable: number
  readonly strategy: 'DEFAULT' | 'MINIMAL'
}): number {
  return group.strategy === 'MINIMAL' ? 0 : Math.max(2 * group.zones, group.maxUnavailable)
}

/** Of a surge, the nodes that may come up in one zone: an even share, rounded up. */
export function surgeInZone(surge: number, zones: number): number {
  return Math.ceil(surge / Math.max(1, zones))
}
