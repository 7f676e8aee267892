import { record } from './activities.ts'
import { type Activity, capacityOf, type Member, type ScalingGroup } from './group.ts'
import { detailsOf, leaveOff } from './members.ts'
import { atTime, REACTION, type Scaling } from './scaling.ts'

/** Members that leave the group's count for a while or for good, and come back (Auto Scaling user guide, "standby" and "detach"). */

/** Takes a member out of service but keeps it in the group. */
export function enterStandby(scaling: Scaling, group: ScalingGroup, member: Member, decrement: boolean): Activity {
  member.lifecycle = 'EnteringStandby'
  const activity = move(scaling, group, member, decrement, ['Moving EC2 instance to Standby', 'was moved to standby'])
  scaling.timeline.after(REACTION, `instance/${member.instance.id}/standby`, () => {
    if (member.lifecycle === 'EnteringStandby') member.lifecycle = 'Standby'
  })
  return activity
}

/** Puts a member back into service; the desired capacity rises with it. */
export function exitStandby(scaling: Scaling, group: ScalingGroup, member: Member): Activity {
  const { desired } = group.sizes
  group.sizes = { ...group.sizes, desired: desired + member.weight }
  member.lifecycle = 'InService'
  member.inServiceAt = scaling.timeline.now()
  scaling.reconcileSoon(group, '')
  const cause = `instance ${member.instance.id} was moved out of standby in response to a user request, increasing the capacity from ${desired} to ${group.sizes.desired}.`
  return tell(scaling, group, member, 'Moving EC2 instance out of Standby', cause)
}

/** The instance leaves the group and goes on running. */
export function detach(scaling: Scaling, group: ScalingGroup, member: Member, decrement: boolean): Activity {
  leaveOff(scaling, group, member)
  group.members.delete(member.instance.id)
  member.instance.group = ''
  return move(scaling, group, member, decrement, ['Detaching EC2 instance', 'was detached'])
}

/** An instance that runs on its own joins the group; the desired capacity rises with it. */
export function attach(scaling: Scaling, group: ScalingGroup, member: Member): void {
  const { desired } = group.sizes
  const { instance } = member
  instance.group = group.name
  group.members.set(instance.id, member)
  member.lifecycle = 'InService'
  member.inServiceAt = scaling.timeline.now()
  group.sizes = { ...group.sizes, desired: desired + member.weight }
  const cause = `an instance was attached in response to a user request, increasing the capacity from ${desired} to ${group.sizes.desired}.`
  tell(scaling, group, member, 'Attaching an existing EC2 instance', cause)
}

function move(
  scaling: Scaling,
  group: ScalingGroup,
  member: Member,
  decrement: boolean,
  [description, did]: readonly [string, string],
): Activity {
  const { desired } = group.sizes
  if (decrement) group.sizes = { ...group.sizes, desired: desired - member.weight }
  const shrinking = decrement ? `, shrinking the capacity from ${desired} to ${group.sizes.desired}` : ''
  const activity = tell(
    scaling,
    group,
    member,
    description,
    `instance ${member.instance.id} ${did} in response to a user request${shrinking}.`,
  )
  if (capacityOf(group) !== group.sizes.desired) scaling.reconcileSoon(group, '')
  return activity
}

function tell(scaling: Scaling, group: ScalingGroup, { instance }: Member, description: string, cause: string): Activity {
  return record(scaling, group, {
    code: 'Successful',
    description: `${description}: ${instance.id}`,
    cause: `${atTime(scaling.timeline.now())} ${cause}`,
    details: detailsOf(instance),
  })
}
