import { SECOND } from '../../../../model/instant.ts'
import { keyedUuid } from '../../../../model/keyed.ts'
import type { ActionOutcome, LifecycleAction, LifecycleHook, Member, ScalingGroup } from './group.ts'
import type { Scaling } from './scaling.ts'

/** An action lives for a hundred heartbeats, but never longer than 48 hours (API reference, PutLifecycleHook). */
const LONGEST = 172_800

/** Seconds that an action of this hook can last, heartbeats included. */
export function globalTimeoutOf({ heartbeat }: LifecycleHook): number {
  return Math.min(100 * heartbeat, LONGEST)
}

/** Begins the group's actions for a transition, all at once. False when it has no such hook, and then nothing follows. */
export function awaitActions(
  scaling: Scaling,
  group: ScalingGroup,
  member: Member,
  transition: LifecycleHook['transition'],
  then: (outcome: ActionOutcome) => void,
): boolean {
  const hooks = [...group.hooks.values()].filter((hook) => hook.transition === transition)
  for (const hook of hooks) {
    const token = keyedUuid(scaling.seed, 'lifecycle-action', member.instance.id, hook.name, group.activities.length)
    const globalDeadline = scaling.timeline.now() + globalTimeoutOf(hook) * SECOND
    const action: LifecycleAction = { hook, token, globalDeadline, then }
    member.actions.set(hook.name, action)
    extendAction(scaling, group, member, action)
  }
  return hooks.length > 0
}

/** A heartbeat: the time of the action begins anew, within its global timeout. */
export function extendAction(scaling: Scaling, group: ScalingGroup, member: Member, action: LifecycleAction): void {
  const key = timerOf(group, member, action)
  scaling.timeline.cancel(key)
  const deadline = Math.min(scaling.timeline.now() + action.hook.heartbeat * SECOND, action.globalDeadline)
  scaling.timeline.at(deadline, key, () => completeAction(scaling, group, member, action, action.hook.defaultResult, 'Heartbeat Timed Out'))
}

/** The last one to continue, or the first to abandon, lets the instance go on. */
export function completeAction(
  scaling: Scaling,
  group: ScalingGroup,
  member: Member,
  action: LifecycleAction,
  result: 'CONTINUE' | 'ABANDON',
  how: string,
): void {
  scaling.timeline.cancel(timerOf(group, member, action))
  member.actions.delete(action.hook.name)
  if (result === 'ABANDON') dropActions(scaling, group, member)
  if (member.actions.size === 0) action.then({ abandoned: result === 'ABANDON', token: action.token, how })
}

/** Forgets what the member waited for. */
export function dropActions(scaling: Scaling, group: ScalingGroup, member: Member): void {
  for (const action of member.actions.values()) scaling.timeline.cancel(timerOf(group, member, action))
  member.actions.clear()
}

function timerOf(group: ScalingGroup, { instance }: Member, { hook }: LifecycleAction): string {
  return `scaling/${group.name}/hook/${instance.id}/${hook.name}`
}
