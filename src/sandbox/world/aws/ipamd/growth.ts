import { type Millis, SECOND } from '../../../../model/instant.ts'
import type { Timeline } from '../../../contract.ts'
import { PREFIX_SIZE } from '../addresses.ts'
import type { InstanceTypes } from '../instance-types.ts'
import type { Instances } from '../instances.ts'
import { type Caller, type InterfaceCalls, isRefusal, isShortOfAddresses, NO_ANSWER, type Refusal } from '../interface-calls.ts'
import type { Interface, Interfaces } from '../interfaces.ts'
import { addRanges, availableOf, hasAddressTargets, ledgerOf, type Pool, slotsOf, targetState } from './pool.ts'

export interface IpamdDeps {
  readonly timeline: Timeline
  readonly instances: Instances
  readonly interfaces: Interfaces
  readonly calls: InterfaceCalls
  readonly types: InstanceTypes
  readonly clusterName: string
}

/** Source of the rules below: pkg/ipamd/ipamd.go of amazon-vpc-cni-k8s. */
const BACK_OFF: Millis = 120 * SECOND
/** How often the pool manager looks; what failed otherwise than for want of addresses is tried again then. */
const LOOK_AGAIN: Millis = 5 * SECOND

export function callerOf(pool: Pool): Caller {
  const { instance, node } = pool
  const tally: Caller['tally'] = {
    asked: () => {
      pool.requests += 1
    },
    refused: (action, refusal) => {
      const [call = ''] = action.split('/')
      increase(pool.failedCalls, call)
      // Only what EC2 answered has a code (awsAPIErrInc of pkg/awsutils/awsutils.go).
      if (refusal !== NO_ANSWER) increase(pool.errors, `${call} ${refusal.code}`)
    },
  }
  return { role: 'ipamd', subnetId: instance.subnetId, group: instance.group, tally, reaches: () => node.reachesAws() }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/**
 * Brings the pool up to its targets, step by step: interfaces that are there are filled before new ones are attached. Stops at max-pods,
 * on a cordoned node, when there is no room, and when EC2 refuses; then it looks again by itself.
 */
export function grow(deps: IpamdDeps, pool: Pool): void {
  if (pool.settings.ipv6 || !pool.settings.provisions) return
  while (isTooLow(pool) && managesInterfaces(pool)) {
    if (deps.timeline.now() < pool.nextGrowth) {
      lookAgain(deps, pool)
      return
    }
    const refusal = growOnce(deps, pool)
    if (refusal === 'no room') return
    noteRefusal(pool, refusal)
    if (refusal === undefined) continue
    pool.nextGrowth = deps.timeline.now() + (isShortOfAddresses(refusal) ? BACK_OFF : LOOK_AGAIN)
    lookAgain(deps, pool)
    return
  }
}

function noteRefusal(pool: Pool, refusal: Refusal | undefined): void {
  if (refusal === undefined) delete pool.refusal
  else pool.refusal = refusal.code
}

/** ipamd leaves interfaces alone on a node with the taint of a cordon, unless AWS_MANAGE_ENIS_NON_SCHEDULABLE is set. */
export function managesInterfaces({ settings, node }: Pool): boolean {
  return settings.managesUnschedulable || !node.isUnschedulable()
}

function lookAgain(deps: IpamdDeps, pool: Pool): void {
  const key = growthKey(pool.instance.id)
  deps.timeline.cancel(key)
  deps.timeline.at(pool.nextGrowth, key, () => grow(deps, pool))
}

export function growthKey(instanceId: string): string {
  return `ipamd/${instanceId}/grow`
}

/** `isDatastorePoolTooLow`. */
function isTooLow(pool: Pool): boolean {
  const { settings, node } = pool
  if (ledgerOf(pool).total >= node.maxPods) return false
  if (hasAddressTargets(settings)) return targetState(pool).short > 0
  const available = availableOf(pool)
  const target = warmTarget(pool)
  return available < target.count * target.size || (target.count === 0 && available === 0)
}

/** How many of what size have to be available: whole interfaces, or prefixes. */
function warmTarget(pool: Pool): { readonly count: number; readonly size: number } {
  const { settings } = pool
  return settings.prefixes ? { count: settings.warmPrefixes, size: PREFIX_SIZE } : { count: settings.warmInterfaces, size: slotsOf(pool) }
}

function growOnce(deps: IpamdDeps, pool: Pool): Refusal | 'no room' | undefined {
  const attached = deps.interfaces.ofInstance(pool.instance.id).filter(({ type }) => type === 'interface')
  const open = attached.find((each) => hasRoom(pool, each))
  if (open !== undefined) return fill(deps, pool, open)
  return attached.length < mostInterfaces(pool) ? attach(deps, pool, attached.length) : 'no room'
}

function hasRoom(pool: Pool, each: Interface): boolean {
  const isSkipped = (pool.settings.customNetworking && each.deviceIndex === 0) || pool.forgotten.has(each)
  return !isSkipped && each.secondary.size + each.prefixes.size < slotsOf(pool)
}

/** Interfaces for pods, the primary one among them: one fewer where the trunk has its place. */
function mostInterfaces({ settings, facts }: Pool): number {
  const trunk = settings.podInterfaces && (facts.branchInterfaces ?? 0) > 0 ? 1 : 0
  return Math.min(facts.interfaces, settings.maxInterfaces) - trunk
}

/** Addresses or prefixes that the pool wants now. */
function wanted(pool: Pool): number {
  const { settings } = pool
  const { short } = targetState(pool)
  if (!settings.prefixes) return hasAddressTargets(settings) ? short : slotsOf(pool)
  const lacking = hasAddressTargets(settings) ? short : settings.warmPrefixes - ledgerOf(pool).idle
  return Math.max(lacking, 1)
}

/** A call for several that is refused is followed by one for a single one. */
function fill(deps: IpamdDeps, pool: Pool, target: Interface): Refusal | undefined {
  const room = slotsOf(pool) - target.secondary.size - target.prefixes.size
  const { calls } = deps
  const assign = pool.settings.prefixes ? calls.assignPrefixes : calls.assignAddresses
  const first = assign(callerOf(pool), target, Math.min(room, wanted(pool)))
  const got = isRefusal(first) ? assign(callerOf(pool), target, 1) : first
  if (isRefusal(got)) {
    increase(pool.failures, 'increaseIPPoolAllocIPAddressesFailed')
    return got
  }
  addRanges(pool, target, got)
  return undefined
}

function attach({ calls, timeline, clusterName }: IpamdDeps, pool: Pool, deviceIndex: number): Refusal | undefined {
  const { instance, settings } = pool
  const place = settings.customNetworking ? pool.node.eniConfig() : { subnetId: instance.subnetId, securityGroups: [] }
  if (place === undefined) return { code: 'EniConfigNotFound', message: 'error while retrieving eniconfig' }
  const count = Math.min(wanted(pool), slotsOf(pool))
  if (settings.discoversSubnets && !settings.customNetworking) calls.ask(callerOf(pool), 'DescribeSubnets')
  const made = calls.createAttached({ ...callerOf(pool), subnetId: place.subnetId }, instance, {
    ...place,
    deviceIndex,
    description: `aws-K8S-${instance.id}`,
    ...(settings.prefixes ? { prefixes: count } : { secondary: count }),
    tags: interfaceTags(instance.id, clusterName, timeline.now()),
  })
  if (isRefusal(made)) {
    increase(pool.failures, 'increaseIPPoolAllocENI')
    if (isShortOfAddresses(made)) increase(pool.failures, 'increaseIPPoolAllocIPAddressesFailed')
    return made
  }
  addRanges(pool, made, [...made.secondary, ...made.prefixes])
  return undefined
}

/** Source: pkg/awsutils/awsutils.go of amazon-vpc-cni-k8s. */
export function interfaceTags(instanceId: string, clusterName: string, createdAt?: number): Readonly<Record<string, string>> {
  return {
    ...(createdAt === undefined ? {} : { 'node.k8s.amazonaws.com/createdAt': new Date(createdAt).toISOString().replace('.000Z', 'Z') }),
    'node.k8s.amazonaws.com/instance_id': instanceId,
    'cluster.k8s.amazonaws.com/name': clusterName,
    'eks:eni:owner': 'amazon-vpc-cni',
  }
}
