import type { Instance } from '../instances.ts'
import { conclude, record } from './activities.ts'
import { type ActionOutcome, type Activity, isTerminating, type Member, type ScalingGroup } from './group.ts'
import { awaitActions, dropActions } from './lifecycle-actions.ts'
import { atTime, REACTION, type Scaling } from './scaling.ts'

/** The way of an instance through its group (Auto Scaling user guide, "instance lifecycle" and "lifecycle hooks"). */

/** A launched instance becomes a member; it comes into service once it runs and its hooks let it. */
export function admit(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): void {
  const { instance } = member
  const description = `Launching a new EC2 instance: ${instance.id}`
  group.members.set(instance.id, member)
  member.activity = record(scaling, group, { code: 'PreInService', description, cause, details: detailsOf(instance) })
}

/** Subnet and zone, as activities name them. */
export function detailsOf({ subnetId, zone }: Instance): Readonly<Record<string, string>> {
  return { 'Subnet ID': subnetId, 'Availability Zone': zone }
}

/** EC2 says that the instance runs. */
export function arrive(scaling: Scaling, group: ScalingGroup, member: Member): void {
  if (member.lifecycle !== 'Pending') return
  const waits = awaitActions(scaling, group, member, 'launching', (outcome) => proceed(scaling, group, member, outcome))
  if (!waits) enterService(scaling, group, member)
  else {
    member.lifecycle = 'Pending:Wait'
    if (member.activity !== undefined) member.activity.code = 'MidLifecycleAction'
  }
}

function proceed(scaling: Scaling, group: ScalingGroup, member: Member, { abandoned, token, how }: ActionOutcome): void {
  if (!abandoned) {
    member.lifecycle = 'Pending:Proceed'
    scaling.timeline.after(REACTION, proceedKey(member), () => enterService(scaling, group, member))
    return
  }
  const action = `Lifecycle Action with token ${token} was abandoned: ${how}`
  conclude(scaling, member.activity, 'Cancelled', `Instance failed to complete user's Lifecycle Action: ${action}`)
  end(scaling, group, member, `${atTime(scaling.timeline.now())} an instance was taken out of service in response to a launch failure.`)
  scaling.reconcileSoon(group, '')
}

function proceedKey({ instance }: Member): string {
  return `instance/${instance.id}/proceed`
}

function enterService(scaling: Scaling, group: ScalingGroup, member: Member): void {
  member.lifecycle = 'InService'
  member.inServiceAt = scaling.timeline.now()
  conclude(scaling, member.activity, 'Successful')
  scaling.balanceLater(group)
  // Whoever goes once another has come may go now.
  if (group.balancing || [...group.members.values()].some(({ doomed }) => doomed)) scaling.reconcileSoon(group, '')
}

/** Takes a member away for good; one that is already going keeps its activity. */
export function end(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): Activity {
  const { instance } = member
  if (isTerminating(member) && member.activity !== undefined) return member.activity
  leaveOff(scaling, group, member)
  member.lifecycle = 'Terminating'
  const description = `Terminating EC2 instance: ${instance.id}`
  const activity = record(scaling, group, { code: 'InProgress', description, cause, details: detailsOf(instance) })
  member.activity = activity
  const waits = awaitActions(scaling, group, member, 'terminating', () => shutDown(scaling, group, member, 'Terminating:Proceed'))
  if (!waits) shutDown(scaling, group, member, 'Terminating')
  else {
    member.lifecycle = 'Terminating:Wait'
    activity.code = 'MidLifecycleAction'
  }
  return activity
}

/** Whatever was under way for a member is not any more. */
export function leaveOff(scaling: Scaling, group: ScalingGroup, member: Member): void {
  dropActions(scaling, group, member)
  scaling.timeline.cancel(proceedKey(member))
  conclude(scaling, member.activity, 'Cancelled')
}

function shutDown(scaling: Scaling, group: ScalingGroup, member: Member, lifecycle: Member['lifecycle']): void {
  member.lifecycle = lifecycle
  if (member.activity?.code === 'MidLifecycleAction') member.activity.code = 'InProgress'
  if (member.instance.state === 'terminated') remove(scaling, group, member)
  else scaling.instances.terminate(member.instance, `Service initiated (${atTime(scaling.timeline.now()).slice(3)})`)
}

/** EC2 says that the instance has shut down. The group forgets it once it is terminating by the group's own will. */
export function depart(scaling: Scaling, group: ScalingGroup, member: Member): void {
  if (isTerminating(member) && member.actions.size === 0) remove(scaling, group, member)
  scaling.gone(member.instance)
}

function remove(scaling: Scaling, group: ScalingGroup, member: Member): void {
  group.members.delete(member.instance.id)
  conclude(scaling, member.activity, 'Successful')
  scaling.balanceLater(group)
}
