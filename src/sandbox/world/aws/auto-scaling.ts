import type { Instant, Millis } from '../../../model/instant.ts'
import type { Sizes } from '../world-spec.ts'
import { doom, doomedUnits, endDoomed } from './auto-scaling/capacity-rebalancing.ts'
import { beginDeletion } from './auto-scaling/deletion.ts'
import {
  type Activity,
  capacityOf,
  isCounted,
  isSettled,
  type LifecycleAction,
  type Member,
  type NewScalingGroup,
  openGroup,
  openMember,
  type ScalingGroup,
} from './auto-scaling/group.ts'
import { AILMENTS, checkHealth, inGrace, markUnhealthy, replaceUnhealthy } from './auto-scaling/health.ts'
import { weightOf } from './auto-scaling/launch-plan.ts'
import type { LaunchSource } from './auto-scaling/launch-source.ts'
import { launchOne, launchSettled } from './auto-scaling/launching.ts'
import { completeAction, extendAction } from './auto-scaling/lifecycle-actions.ts'
import { arrive, depart, end } from './auto-scaling/members.ts'
import { BALANCE_AGAIN, rebalance } from './auto-scaling/rebalancing.ts'
import { activeRefresh, irreversible, type Refresh, type RefreshPreferences } from './auto-scaling/refresh.ts'
import { beginRefresh, cancelRefresh, renewPool, rollBack } from './auto-scaling/refreshing.ts'
import { type AutoScalingDeps, atTime, BALANCE_AFTER, REACTION, RETRY_LAUNCH, type Scaling } from './auto-scaling/scaling.ts'
import { attach, detach, enterStandby, exitStandby } from './auto-scaling/standby.ts'
import { surplus } from './auto-scaling/termination.ts'
import { fillPool, followWarm, returnToPool, takeWarm, type WarmPool } from './auto-scaling/warm-pool.ts'
import type { Instance, InstanceEvent } from './instances.ts'

export interface AutoScaling {
  /** A group of the world's beginning: its members have been running since `launchedAt`. Throws when EC2 refuses one. */
  create(group: NewScalingGroup, launchedAt: Instant): ScalingGroup
  /** A group that a user makes now: it begins empty and launches what it wants. */
  open(group: NewScalingGroup): ScalingGroup
  get(name: string): ScalingGroup | undefined
  all(): readonly ScalingGroup[]
  /** Sets sizes; the group launches or terminates to match a few seconds later. */
  resize(group: ScalingGroup, sizes: Sizes, why: string): void
  /** A user's request for a desired capacity. */
  desire(group: ScalingGroup, desired: number): void
  /** Forgets a group that has no members. */
  remove(group: ScalingGroup): void
  /** Ends everything of a group, and then forgets it. */
  delete(group: ScalingGroup): void
  /** Ends a member. Without `decrement` the group launches another one. */
  terminate(group: ScalingGroup, instanceId: string, decrement: boolean, why: string): Activity
  /** Looks again whether the group has what it should have, as after processes were resumed. */
  reconcile(group: ScalingGroup): void
  /** EC2 recommends to rebalance: a group with capacity rebalancing launches a replacement first. */
  recommend(instance: Instance): void
  /** An instance fails EC2's status checks. */
  failChecks(instance: Instance): void
  /** Makes, changes or, with `deleting`, takes away the warm pool of a group. */
  setWarmPool(group: ScalingGroup, pool: WarmPool): void
  /** Ends the instances of the warm pool that are not what the group launches from now on; others take their place. */
  renewWarm(group: ScalingGroup): void
  readonly refreshes: Refreshes
  /** Moves of single members, for the operations that ask for them. */
  readonly members: MemberMoves
}

/** Instance refreshes; the caller has checked that there is none, or that there is one. */
export interface Refreshes {
  begin(group: ScalingGroup, preferences: RefreshPreferences, desired: LaunchSource | undefined): Refresh
  cancel(group: ScalingGroup, refresh: Refresh, wait: boolean): void
  rollBack(group: ScalingGroup, refresh: Refresh, reason: string): void
  /** Why a refresh between these could not be taken back; undefined when it could. */
  irreversible(former: LaunchSource, desired: LaunchSource | undefined): string | undefined
}

/** What operations do to members; the caller has checked that they may. */
export interface MemberMoves {
  markUnhealthy(group: ScalingGroup, member: Member, respectGrace: boolean): void
  enterStandby(group: ScalingGroup, member: Member, decrement: boolean): Activity
  exitStandby(group: ScalingGroup, member: Member): Activity
  detach(group: ScalingGroup, member: Member, decrement: boolean): Activity
  attach(group: ScalingGroup, instance: Instance): void
  completeAction(group: ScalingGroup, member: Member, action: LifecycleAction, result: 'CONTINUE' | 'ABANDON'): void
  extendAction(group: ScalingGroup, member: Member, action: LifecycleAction): void
}

/** EC2 Auto Scaling: keeps as many instances as desired, spread over the subnets. */
export function createAutoScaling(deps: AutoScalingDeps): AutoScaling {
  const scaling: Scaling = {
    ...deps,
    groups: new Map(),
    reconcileSoon: (group, cause, delay) => reconcileSoon(scaling, group, cause, delay),
    balanceLater: (group) => balanceLater(scaling, group, BALANCE_AFTER),
  }
  deps.instances.on((instance, event) => follow(scaling, instance, event))
  return {
    create: (wanted, launchedAt) => create(scaling, wanted, launchedAt),
    open: (wanted) => open(scaling, wanted),
    get: (name) => scaling.groups.get(name),
    all: () => [...scaling.groups.values()],
    resize: (group, sizes, why) => resize(scaling, group, sizes, why),
    desire: (group, desired) => desire(scaling, group, desired),
    remove: (group) => forget(scaling, group),
    delete: (group) => beginDeletion(scaling, group, () => forget(scaling, group)),
    terminate: (group, instanceId, decrement, why) => terminate(scaling, group, instanceId, decrement, why),
    reconcile(group) {
      reconcileSoon(scaling, group, '')
      scaling.balanceLater(group)
    },
    setWarmPool(group, pool) {
      group.warmPool = pool
      fillPool(scaling, group)
      if (pool.deleting && group.warm.size === 0) delete group.warmPool
    },
    renewWarm: (group) => renewPool(scaling, group, group.launch, true),
    members: movesOf(scaling),
    recommend: (instance) => withMember(scaling, instance, (group, member) => doom(scaling, group, member)),
    failChecks: (instance) =>
      withMember(scaling, instance, (group, member) => {
        if (!group.suspended.has('HealthCheck') && !inGrace(scaling, group, member))
          markUnhealthy(scaling, group, member, AILMENTS.statusChecks)
      }),
    refreshes: {
      begin: (group, preferences, desired) => beginRefresh(scaling, group, preferences, desired),
      cancel: (group, refresh, wait) => cancelRefresh(scaling, group, refresh, wait),
      rollBack: (group, refresh, reason) => rollBack(scaling, group, refresh, reason),
      irreversible: (former, desired) => irreversible(scaling, former, desired),
    },
  }
}

function movesOf(scaling: Scaling): MemberMoves {
  return {
    markUnhealthy(group, member, respectGrace) {
      if (!respectGrace || !inGrace(scaling, group, member)) markUnhealthy(scaling, group, member, AILMENTS.user)
    },
    enterStandby: (group, member, decrement) => enterStandby(scaling, group, member, decrement),
    exitStandby: (group, member) => exitStandby(scaling, group, member),
    detach: (group, member, decrement) => detach(scaling, group, member, decrement),
    attach: (group, instance) =>
      attach(scaling, group, openMember(instance, weightOf(group, instance.type), group.settings.newInstancesProtected)),
    completeAction: (group, member, action, result) =>
      completeAction(scaling, group, member, action, result, `Lifecycle Action Completed with ${result} Result`),
    extendAction: (group, member, action) => extendAction(scaling, group, member, action),
  }
}

function create(scaling: Scaling, wanted: NewScalingGroup, launchedAt: Instant): ScalingGroup {
  const group = openGroup(wanted, launchedAt)
  scaling.groups.set(group.name, group)
  while (capacityOf(group) < group.sizes.desired) launchSettled(scaling, group, launchedAt)
  return group
}

function open(scaling: Scaling, wanted: NewScalingGroup): ScalingGroup {
  const now = scaling.timeline.now()
  const group = openGroup(wanted, now)
  scaling.groups.set(group.name, group)
  const change = `changing the desired capacity from 0 to ${group.sizes.desired}`
  reconcileSoon(scaling, group, `${atTime(now)} a user request created an AutoScalingGroup ${change}.  `)
  return group
}

function forget({ groups, timeline }: Scaling, group: ScalingGroup): void {
  groups.delete(group.name)
  timeline.cancel(reconcileKey(group))
  timeline.cancel(balanceKey(group))
}

function withMember(scaling: Scaling, instance: Instance, act: (group: ScalingGroup, member: Member) => void): void {
  const group = scaling.groups.get(instance.group)
  const member = group?.members.get(instance.id)
  if (group !== undefined && member !== undefined) act(group, member)
}

/** What EC2 tells of an instance, for its group. */
function follow(scaling: Scaling, instance: Instance, event: InstanceEvent): void {
  // Nothing of an instance that stops runs on; its node comes back with it.
  if (event === 'stopping') scaling.gone(instance)
  const group = scaling.groups.get(instance.group)
  const member = group?.members.get(instance.id)
  const warm = group?.warm.get(instance.id)
  if (group !== undefined && warm !== undefined) {
    if (event === 'running' || event === 'stopped' || event === 'ending') followWarm(scaling, group, warm, event)
  } else if (group === undefined || member === undefined) {
    if (event === 'ending') scaling.gone(instance)
  } else if (event === 'running') arrive(scaling, group, member)
  else if (event === 'booted') scaling.booted(group, instance)
  else if (event === 'ending') depart(scaling, group, member)
  else if (isCounted(member)) scaling.reconcileSoon(group, '')
}

function resize(scaling: Scaling, group: ScalingGroup, sizes: Sizes, why: string): void {
  const change = `constraints to min: ${sizes.min}, max: ${sizes.max}, desired: ${sizes.desired} changing the desired capacity from ${group.sizes.desired} to ${sizes.desired}`
  group.sizes = sizes
  scaling.balanceLater(group)
  reconcileSoon(scaling, group, `${atTime(scaling.timeline.now())} ${why} AutoScalingGroup ${change}.  `)
}

function desire(scaling: Scaling, group: ScalingGroup, desired: number): void {
  const change = `changing the desired capacity from ${group.sizes.desired} to ${desired}`
  group.sizes = { ...group.sizes, desired }
  reconcileSoon(scaling, group, `${atTime(scaling.timeline.now())} a user request explicitly set group desired capacity ${change}.  `)
}

function reconcileKey({ name }: ScalingGroup): string {
  return `scaling/${name}/reconcile`
}

function balanceKey({ name }: ScalingGroup): string {
  return `scaling/${name}/balance`
}

function reconcileSoon(scaling: Scaling, group: ScalingGroup, cause: string, delay = REACTION): void {
  const key = reconcileKey(group)
  scaling.timeline.cancel(key)
  scaling.timeline.after(delay, key, () => reconcile(scaling, group, cause))
}

function reconcile(scaling: Scaling, group: ScalingGroup, cause: string): void {
  checkHealth(scaling, group)
  replaceUnhealthy(scaling, group)
  if (group.balancing && isSettled(group)) group.balancing = false
  endDoomed(scaling, group)
  const capacity = capacityOf(group)
  const wanted = group.sizes.desired + group.extra + (group.balancing ? 1 : 0) + doomedUnits(group)
  if (capacity < wanted && !group.suspended.has('Launch')) launchMissing(scaling, group, wanted, cause)
  else if (capacity > wanted && !group.suspended.has('Terminate')) shrink(scaling, group, capacity - wanted, cause)
  if (group.warmPool !== undefined) fillPool(scaling, group)
}

function balanceLater(scaling: Scaling, group: ScalingGroup, delay: Millis): void {
  const key = balanceKey(group)
  scaling.timeline.cancel(key)
  scaling.timeline.after(delay, key, () => {
    if (activeRefresh(group) !== undefined || capacityOf(group) !== group.sizes.desired) return
    if (rebalance(scaling, group) === 'refused') balanceLater(scaling, group, BALANCE_AGAIN)
  })
}

const DIFFERENCE = 'in response to a difference between desired and actual capacity'

function launchMissing(scaling: Scaling, group: ScalingGroup, wanted: number, cause: string): void {
  const from = capacityOf(group)
  const started = `an instance was started ${DIFFERENCE}, increasing the capacity from ${from} to ${wanted}.`
  while (capacityOf(group) < wanted) {
    const why = `${cause}${atTime(scaling.timeline.now())} ${started}`
    if (takeWarm(scaling, group, why) || launchOne(scaling, group, why)) continue
    reconcileSoon(scaling, group, cause, RETRY_LAUNCH)
    return
  }
}

function shrink(scaling: Scaling, group: ScalingGroup, count: number, cause: string): void {
  const at = atTime(scaling.timeline.now())
  const { desired } = group.sizes
  for (const member of surplus(group, count, scaling.templates, scaling.seed)) {
    const out = `an instance was taken out of service ${DIFFERENCE}, shrinking the capacity from ${desired + count} to ${desired}.`
    const why = `${cause}${at} ${out}  ${at} instance ${member.instance.id} was selected for termination.`
    if (group.warmPool?.reuse) returnToPool(scaling, group, member, why)
    else end(scaling, group, member, why)
  }
}

function terminate(scaling: Scaling, group: ScalingGroup, instanceId: string, decrement: boolean, why: string): Activity {
  const member = group.members.get(instanceId)
  if (member === undefined) throw new Error(`Instance ${instanceId} is not a member of ${group.name}.`)
  const { min, desired } = group.sizes
  if (decrement) group.sizes = { ...group.sizes, desired: Math.max(min, desired - member.weight) }
  const shrinking = decrement ? `, shrinking the capacity from ${desired} to ${group.sizes.desired}` : ''
  const activity = end(scaling, group, member, `${atTime(scaling.timeline.now())} ${why}${shrinking}.`)
  reconcileSoon(scaling, group, '')
  return activity
}
