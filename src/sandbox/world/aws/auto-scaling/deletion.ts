import type { Member, ScalingGroup } from './group.ts'
import { completeAction } from './lifecycle-actions.ts'
import { end } from './members.ts'
import { activeRefresh } from './refresh.ts'
import { cancelRefresh } from './refreshing.ts'
import { atTime, REACTION, type Scaling } from './scaling.ts'
import { endWarm } from './warm-pool.ts'

/**
 * A forced deletion takes the group's instances with it, whatever protects them, waits for no lifecycle action and asks no budget
 * (API reference, DeleteAutoScalingGroup). `gone` is called once the last of them has ended.
 */
export function beginDeletion(scaling: Scaling, group: ScalingGroup, gone: () => void): void {
  if (group.deleting) return
  group.deleting = true
  group.hooks.clear()
  group.sizes = { min: 0, max: 0, desired: 0 }
  const refresh = activeRefresh(group)
  if (refresh !== undefined) cancelRefresh(scaling, group, refresh, false)
  const cause = `${atTime(scaling.timeline.now())} a user request force deleted AutoScaling group changing the desired capacity to 0.`
  for (const member of [...group.members.values()]) endNow(scaling, group, member, cause)
  for (const member of [...group.warm.values()]) endWarm(scaling, group, member, cause)
  awaitEnd(scaling, group, gone)
}

function endNow(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): void {
  const [action] = member.actions.values()
  if (action !== undefined) completeAction(scaling, group, member, action, 'ABANDON', 'the AutoScaling group was deleted')
  end(scaling, group, member, cause)
}

function awaitEnd(scaling: Scaling, group: ScalingGroup, gone: () => void): void {
  if (group.members.size + group.warm.size === 0) gone()
  else scaling.timeline.after(REACTION, `scaling/${group.name}/delete`, () => awaitEnd(scaling, group, gone))
}
