import { conclude, record } from './activities.ts'
import type { Lifecycle, Member, ScalingGroup } from './group.ts'
import { launchOne } from './launching.ts'
import { arrive, detailsOf, leaveOff } from './members.ts'
import { atTime, REACTION, type Scaling } from './scaling.ts'

/**
 * Instances that were launched ahead and wait beside their group (Auto Scaling user guide, "warm pools"). Their kubelet registers when
 * they leave the pool, not before: user data that follows the guide waits for the target lifecycle state.
 */
export interface WarmPool {
  readonly minSize: number
  /** Instances in the group and in its pool together; absent: the group's maximum. */
  readonly maxPrepared?: number
  readonly state: 'Stopped' | 'Running' | 'Hibernated'
  readonly reuse: boolean
  /** It goes once its last instance has gone. */
  readonly deleting: boolean
}

const READY = { Stopped: 'Warmed:Stopped', Running: 'Warmed:Running', Hibernated: 'Warmed:Hibernated' } as const

/** How many instances the pool should hold. */
function wantedSize({ warmPool, sizes }: ScalingGroup): number {
  if (warmPool === undefined || warmPool.deleting) return 0
  return Math.max(warmPool.minSize, (warmPool.maxPrepared ?? sizes.max) - sizes.desired, 0)
}

function isLeaving({ lifecycle }: Member): boolean {
  return lifecycle === 'Warmed:Terminating'
}

/** Launches into the pool or ends what is too much; after the group itself has what it should have. */
export function fillPool(scaling: Scaling, group: ScalingGroup): void {
  const standing = [...group.warm.values()].filter((member) => !isLeaving(member))
  const wanted = wantedSize(group)
  const at = atTime(scaling.timeline.now())
  for (const member of standing.slice(wanted)) endWarm(scaling, group, member, `${at} an instance was taken out of the warm pool.`)
  if (group.suspended.has('Launch')) return
  for (let have = standing.length; have < wanted; have++) {
    if (
      launchOne(scaling, group, `${at} an instance was started for the warm pool.`, {
        into: (member, cause) => enter(scaling, group, member, cause),
      })
    )
      continue
    scaling.reconcileSoon(group, '', 12 * REACTION)
    return
  }
}

function enter(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): void {
  const { instance } = member
  const description = `Launching a new EC2 instance into warm pool: ${instance.id}`
  group.warm.set(instance.id, member)
  member.lifecycle = 'Warmed:Pending'
  member.activity = record(scaling, group, { code: 'PreInService', description, cause, details: detailsOf(instance) })
}

/** EC2 tells of an instance in the pool. */
export function followWarm(scaling: Scaling, group: ScalingGroup, member: Member, event: 'running' | 'stopped' | 'ending'): void {
  const state = group.warmPool?.state ?? 'Stopped'
  if (event === 'ending') {
    group.warm.delete(member.instance.id)
    conclude(scaling, member.activity, 'Successful')
    if (group.warmPool?.deleting && group.warm.size === 0) delete group.warmPool
    scaling.reconcileSoon(group, '')
  } else if (isLeaving(member)) return
  else if (event === 'running' && state !== 'Running') scaling.instances.stop(member.instance, 'Service initiated')
  else {
    member.lifecycle = READY[state]
    conclude(scaling, member.activity, 'Successful')
  }
}

/** A ready instance of the pool becomes a member, from the zone with fewest members. False when there is none. */
export function takeWarm(scaling: Scaling, group: ScalingGroup, cause: string): boolean {
  const ready = new Set<Lifecycle>(Object.values(READY))
  const load = (zone: string) => [...group.members.values()].filter(({ instance }) => instance.zone === zone).length
  const [member] = [...group.warm.values()]
    .filter(({ lifecycle }) => ready.has(lifecycle))
    .sort((a, b) => load(a.instance.zone) - load(b.instance.zone))
  if (member === undefined) return false
  const { instance } = member
  group.warm.delete(instance.id)
  group.members.set(instance.id, member)
  member.lifecycle = 'Pending'
  const description = `Launching a new EC2 instance from warm pool: ${instance.id}`
  member.activity = record(scaling, group, { code: 'PreInService', description, cause, details: detailsOf(instance) })
  if (instance.state === 'stopped') scaling.instances.start(instance)
  else wake(scaling, group, member)
  return true
}

/** A running instance of the pool needs no start. */
function wake(scaling: Scaling, group: ScalingGroup, member: Member): void {
  scaling.timeline.after(REACTION, `instance/${member.instance.id}/wake`, () => {
    arrive(scaling, group, member)
    if (member.instance.booted && group.members.has(member.instance.id)) scaling.booted(group, member.instance)
  })
}

/** A member that a scale-in chose returns to the pool; its node leaves the cluster. */
export function returnToPool(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): void {
  const { instance } = member
  leaveOff(scaling, group, member)
  group.members.delete(instance.id)
  group.warm.set(instance.id, member)
  member.lifecycle = 'Warmed:Pending'
  const description = `Moving EC2 instance to warm pool: ${instance.id}`
  member.activity = record(scaling, group, { code: 'InProgress', description, cause, details: detailsOf(instance) })
  scaling.gone(instance)
  if (group.warmPool?.state === 'Running') followWarm(scaling, group, member, 'running')
  else scaling.instances.stop(instance, 'Service initiated')
}

/** Ends an instance of the pool. */
export function endWarm(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): void {
  if (isLeaving(member)) return
  conclude(scaling, member.activity, 'Cancelled')
  member.lifecycle = 'Warmed:Terminating'
  const description = `Terminating EC2 instance: ${member.instance.id}`
  member.activity = record(scaling, group, { code: 'InProgress', description, cause, details: detailsOf(member.instance) })
  scaling.instances.terminate(member.instance, 'Service initiated')
}
