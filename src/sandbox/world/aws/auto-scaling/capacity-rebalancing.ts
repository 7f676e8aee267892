import { isSettled, type Member, type ScalingGroup } from './group.ts'
import { end } from './members.ts'
import { atTime, type Scaling } from './scaling.ts'

/** Replacing Spot Instances at elevated risk before EC2 takes them (Auto Scaling user guide, "capacity rebalancing"). */

/** EC2 recommends to replace a member; without capacity rebalancing the group waits for the end. */
export function doom(scaling: Scaling, group: ScalingGroup, member: Member): void {
  if (!group.settings.capacityRebalance) return
  member.doomed = true
  scaling.reconcileSoon(group, `${atTime(scaling.timeline.now())} an EC2 instance rebalance recommendation was received.  `)
}

function doomedMembers(group: ScalingGroup): readonly Member[] {
  return [...group.members.values()].filter(({ doomed, lifecycle }) => doomed && lifecycle === 'InService')
}

/** Units for which replacements come while the doomed are still in service. */
export function doomedUnits(group: ScalingGroup): number {
  return doomedMembers(group).reduce((sum, { weight }) => sum + weight, 0)
}

/** Once the replacements are in service, the doomed go. */
export function endDoomed(scaling: Scaling, group: ScalingGroup): void {
  const doomed = doomedMembers(group)
  const serving = [...group.members.values()]
    .filter(({ lifecycle }) => lifecycle === 'InService')
    .reduce((sum, { weight }) => sum + weight, 0)
  if (doomed.length === 0 || !isSettled(group) || serving < group.sizes.desired + doomedUnits(group)) return
  const cause = `${atTime(scaling.timeline.now())} an instance was taken out of service in response to an EC2 instance rebalance recommendation.`
  for (const member of doomed) end(scaling, group, member, cause)
}
