import type { Instance } from '../instances.ts'
import { conclude, record } from './activities.ts'
import { type Activity, isTerminating, type Member, type ScalingGroup } from './group.ts'
import { atTime, type Scaling } from './scaling.ts'

/** The way of an instance through its group (Auto Scaling user guide, "instance lifecycle"). */

/** A launched instance becomes a member; it comes into service once it runs. */
export function admit(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): void {
  const { instance } = member
  const details = detailsOf(instance)
  group.members.set(instance.id, member)
  member.activity = record(scaling, group, {
    code: 'PreInService',
    description: `Launching a new EC2 instance: ${instance.id}`,
    cause,
    details,
  })
}

function detailsOf({ subnetId, zone }: Instance): Readonly<Record<string, string>> {
  return { 'Subnet ID': subnetId, 'Availability Zone': zone }
}

/** EC2 says that the instance runs. */
export function arrive(scaling: Scaling, member: Member): void {
  if (member.lifecycle !== 'Pending') return
  member.lifecycle = 'InService'
  member.inServiceAt = scaling.timeline.now()
  conclude(scaling, member.activity, 'Successful')
}

/** Takes a member away for good; one that is already going keeps its activity. */
export function end(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): Activity {
  const { instance } = member
  if (isTerminating(member) && member.activity !== undefined) return member.activity
  conclude(scaling, member.activity, 'Cancelled')
  member.lifecycle = 'Terminating'
  const activity = record(scaling, group, {
    code: 'InProgress',
    description: `Terminating EC2 instance: ${instance.id}`,
    cause,
    details: detailsOf(instance),
  })
  member.activity = activity
  scaling.instances.terminate(instance, `User initiated (${atTime(scaling.timeline.now()).slice(3)})`)
  return activity
}

/** EC2 says that the instance has shut down: it is a member no more. */
export function depart(scaling: Scaling, group: ScalingGroup, member: Member): void {
  group.members.delete(member.instance.id)
  conclude(scaling, member.activity, 'Successful')
  scaling.gone(member.instance)
}
