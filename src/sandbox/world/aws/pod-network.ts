import type { IpamdNode, PodNetwork, PoolFigures } from '../../network-contract.ts'
import type { Instance } from './instances.ts'
import type { Interface } from './interfaces.ts'
import { callerOf, grow, growthKey, type IpamdDeps, interfaceTags } from './ipamd/growth.ts'
import { assignFrom, assignIpv6, ledgerOf, openPool, type Pool, releaseInto, slotsOf, thaw } from './ipamd/pool.ts'
import { reconcile } from './ipamd/reconciling.ts'
import { ipamdSettings } from './ipamd/settings.ts'
import { shrinkKey, shrinkLater } from './ipamd/shrinking.ts'
import { sweepHourly } from './ipamd/sweeping.ts'

interface Network extends IpamdDeps {
  readonly pools: Map<string, Pool>
}

type Started = ReturnType<PodNetwork['start']>

/**
 * ipamd on every instance, by the rules of amazon-vpc-cni-k8s (pkg/ipamd/ipamd.go): secondary addresses, prefix delegation, custom
 * networking and IPv6. A start does not fail for want of addresses, so that the node does not turn NotReady, unless custom networking
 * leaves it without any.
 */
export function createPodNetwork(deps: IpamdDeps): PodNetwork {
  const network: Network = { ...deps, pools: new Map() }
  deps.instances.onTerminated((instance) => {
    network.pools.delete(instance.id)
    deps.timeline.cancel(shrinkKey(instance.id))
    deps.timeline.cancel(growthKey(instance.id))
  })
  sweepHourly(deps, network.pools)
  return {
    start: (instanceId, node) => start(network, instanceId, node),
    assign: (instanceId, podUid) => assign(network, instanceId, podUid),
    release: (instanceId, podUid) => release(network, instanceId, podUid),
    look(instanceId) {
      const pool = network.pools.get(instanceId)
      if (pool !== undefined) grow(network, pool)
    },
    reconcile(instanceId, isStale) {
      const pool = network.pools.get(instanceId)
      const said = pool && reconcile(network, pool, isStale)
      if (pool !== undefined) grow(network, pool)
      return said
    },
    isCutOff: (instanceId, podUid) => network.pools.get(instanceId)?.cutOff.has(podUid) ?? false,
    figures(instanceId) {
      const pool = network.pools.get(instanceId)
      return pool && figuresOf(network, pool)
    },
  }
}

function figuresOf({ interfaces }: Network, pool: Pool): PoolFigures {
  const { total, assigned } = ledgerOf(pool)
  return {
    interfaces: interfaces.ofInstance(pool.instance.id).length - pool.forgotten.size,
    mostInterfaces: pool.facts.interfaces,
    mostAddresses: pool.facts.interfaces * slotsOf(pool),
    total,
    assigned,
    prefixes: pool.prefixes.ranges.size,
    unanswered: pool.unanswered,
    forcedOut: pool.forcedOut,
    requests: pool.requests,
    errors: pool.errors,
    failedCalls: pool.failedCalls,
    failures: pool.failures,
    ...(pool.refusal === undefined ? {} : { refusal: pool.refusal }),
  }
}

function start(network: Network, instanceId: string, node: IpamdNode): Started {
  const instance = network.instances.get(instanceId)
  const primary = network.interfaces.ofInstance(instanceId).find(({ deviceIndex }) => deviceIndex === 0)
  if (instance === undefined || primary === undefined) return { ok: false, reason: `Failed to get the metadata of instance ${instanceId}` }
  const pool = poolOf(network, instance, node)
  return initialise(network, pool, primary)
}

/** What pods have outlives a restart of ipamd; its settings are those of the new container, its counters begin anew. */
function poolOf(network: Network, instance: Instance, node: IpamdNode): Pool {
  const settings = ipamdSettings(node.environment)
  const known = network.pools.get(instance.id)
  const pool = known ?? openPool(instance, network.types.get(instance.type), node, settings, network.timeline.now())
  const changed = known !== undefined && known.settings !== settings
  pool.node = node
  pool.settings = settings
  pool.unanswered = 0
  pool.requests = 0
  for (const counts of [pool.errors, pool.failedCalls, pool.failures]) counts.clear()
  pool.forcedOut = { interfaces: 0, addresses: 0 }
  network.pools.set(instance.id, pool)
  if (changed) shrinkLater(network, pool)
  return pool
}

/** `nodeInit`: reads the interfaces, tags the primary one, gets IPv6 its prefix, fills the pool once. */
function initialise(network: Network, pool: Pool, primary: Interface): Started {
  const { calls, clusterName, interfaces } = network
  const caller = callerOf(pool)
  if (pool.settings.provisions) {
    calls.ask(caller, 'DescribeNetworkInterfaces/unfiltered')
    const refusal = calls.ask(caller, 'CreateTags')
    if (refusal !== undefined) return { ok: false, reason: `ipamd init: failed to tag managed ENI ${primary.id}: ${refusal.code}` }
    primary.tags = { ...primary.tags, ...interfaceTags(pool.instance.id, clusterName) }
  }
  if (pool.settings.ipv6) {
    const refusal = primary.ipv6Prefix === undefined ? calls.ask(caller, 'AssignIpv6Addresses') : undefined
    const prefix = refusal === undefined ? interfaces.addIpv6Prefix(primary) : undefined
    return prefix === undefined
      ? { ok: false, reason: `assignIPv6Prefix; err: ${refusal?.code ?? 'the subnet has no IPv6 block'}` }
      : { ok: true }
  }
  grow(network, pool)
  return pool.settings.customNetworking && ledgerOf(pool).total === 0
    ? { ok: false, reason: 'Failed to attach any ENIs for custom networking' }
    : { ok: true }
}

function assign(network: Network, instanceId: string, podUid: string): string | undefined {
  const pool = network.pools.get(instanceId)
  if (pool === undefined) return undefined
  const known = pool.holders.get(podUid)
  if (known !== undefined) return known.address
  if (pool.settings.ipv6) return assignIpv6From(network, pool, podUid)
  thaw(pool, network.timeline.now())
  if (ledgerOf(pool).free.size === 0) grow(network, pool)
  const address = assignFrom(pool, podUid)
  if (address === undefined) pool.unanswered += 1
  if (address !== undefined) grow(network, pool)
  return address
}

function assignIpv6From(network: Network, pool: Pool, podUid: string): string | undefined {
  const [primary] = network.interfaces.ofInstance(pool.instance.id)
  return primary?.ipv6Prefix === undefined ? undefined : assignIpv6(pool, podUid, primary.ipv6Prefix)
}

function release(network: Network, instanceId: string, podUid: string): void {
  const pool = network.pools.get(instanceId)
  if (pool === undefined) return
  if (releaseInto(pool, podUid, network.timeline.now() + pool.settings.coolDown)) shrinkLater(network, pool)
}
