import type { Instant } from '../../../model/instant.ts'
import type { Sizes } from '../world-spec.ts'
import { type Activity, capacityOf, type NewScalingGroup, type ScalingGroup } from './auto-scaling/group.ts'
import { launchOne, launchSettled } from './auto-scaling/launching.ts'
import { arrive, depart, end } from './auto-scaling/members.ts'
import { type AutoScalingDeps, atTime, REACTION, RETRY_LAUNCH, type Scaling } from './auto-scaling/scaling.ts'
import { surplus } from './auto-scaling/termination.ts'
import type { Instance, InstanceEvent } from './instances.ts'

export interface AutoScaling {
  /** A group of the world's beginning: its members have been running since `launchedAt`. Throws when an address is lacking. */
  create(group: NewScalingGroup, launchedAt: Instant): ScalingGroup
  get(name: string): ScalingGroup | undefined
  all(): readonly ScalingGroup[]
  /** Sets sizes; the group launches or terminates to match a few seconds later. */
  resize(group: ScalingGroup, sizes: Sizes, why: string): void
  /** Ends a member. Without `decrement` the group launches another one. */
  terminate(group: ScalingGroup, instanceId: string, decrement: boolean, why: string): Activity
  /** Looks again whether members and sizes agree, as after processes were resumed. */
  reconcile(group: ScalingGroup): void
}

/** EC2 Auto Scaling: keeps as many instances as desired, spread over the subnets. */
export function createAutoScaling(deps: AutoScalingDeps): AutoScaling {
  const scaling: Scaling = {
    ...deps,
    groups: new Map(),
    reconcileSoon: (group, cause, delay) => reconcileSoon(scaling, group, cause, delay),
  }
  deps.instances.on((instance, event) => follow(scaling, instance, event))
  return {
    create: (wanted, launchedAt) => create(scaling, wanted, launchedAt),
    get: (name) => scaling.groups.get(name),
    all: () => [...scaling.groups.values()],
    resize: (group, sizes, why) => resize(scaling, group, sizes, why),
    terminate: (group, instanceId, decrement, why) => terminate(scaling, group, instanceId, decrement, why),
    reconcile: (group) => reconcileSoon(scaling, group, ''),
  }
}

function create(scaling: Scaling, wanted: NewScalingGroup, launchedAt: Instant): ScalingGroup {
  const group: ScalingGroup = { ...wanted, createdAt: launchedAt, members: new Map(), suspended: new Set(), activities: [] }
  scaling.groups.set(group.name, group)
  for (let nth = 0; nth < group.sizes.desired; nth++) launchSettled(scaling, group, launchedAt)
  return group
}

/** What EC2 tells of an instance, for its group. */
function follow(scaling: Scaling, instance: Instance, event: InstanceEvent): void {
  const group = scaling.groups.get(instance.group)
  const member = group?.members.get(instance.id)
  if (group === undefined || member === undefined) return
  if (event === 'running') arrive(scaling, member)
  else if (event === 'booted') scaling.booted(group, instance)
  else if (event === 'ending') depart(scaling, group, member)
}

function resize(scaling: Scaling, group: ScalingGroup, sizes: Sizes, why: string): void {
  const change = `constraints to min: ${sizes.min}, max: ${sizes.max}, desired: ${sizes.desired} changing the desired capacity from ${group.sizes.desired} to ${sizes.desired}`
  group.sizes = sizes
  reconcileSoon(scaling, group, `${atTime(scaling.timeline.now())} ${why} AutoScalingGroup ${change}.  `)
}

function reconcileSoon(scaling: Scaling, group: ScalingGroup, cause: string, delay = REACTION): void {
  const key = `scaling/${group.name}/reconcile`
  scaling.timeline.cancel(key)
  scaling.timeline.after(delay, key, () => reconcile(scaling, group, cause))
}

function reconcile(scaling: Scaling, group: ScalingGroup, cause: string): void {
  const capacity = capacityOf(group)
  const { desired } = group.sizes
  if (capacity < desired && !group.suspended.has('Launch')) launchMissing(scaling, group, cause)
  if (capacity > desired && !group.suspended.has('Terminate')) shrink(scaling, group, capacity - desired, cause)
}

const DIFFERENCE = 'in response to a difference between desired and actual capacity'

function launchMissing(scaling: Scaling, group: ScalingGroup, cause: string): void {
  const from = capacityOf(group)
  const started = `an instance was started ${DIFFERENCE}, increasing the capacity from ${from} to ${group.sizes.desired}.`
  while (capacityOf(group) < group.sizes.desired) {
    if (launchOne(scaling, group, `${cause}${atTime(scaling.timeline.now())} ${started}`)) continue
    reconcileSoon(scaling, group, cause, RETRY_LAUNCH)
    return
  }
}

function shrink(scaling: Scaling, group: ScalingGroup, count: number, cause: string): void {
  const at = atTime(scaling.timeline.now())
  const { desired } = group.sizes
  for (const member of surplus(group, count, scaling.templates, scaling.seed)) {
    const out = `an instance was taken out of service ${DIFFERENCE}, shrinking the capacity from ${desired + count} to ${desired}.`
    end(scaling, group, member, `${cause}${at} ${out}  ${at} instance ${member.instance.id} was selected for termination.`)
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
