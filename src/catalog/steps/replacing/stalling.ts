import type { FailureCause } from '../../../model/failure.ts'
import { MINUTE, type Millis } from '../../../model/instant.ts'
import type { ReplaceStep, Step } from '../../../model/itinerary.ts'
import type { Evidence } from '../../../model/verdict.ts'
import type { Progress, Stalled, StepInput } from '../definition.ts'
import { roomFor } from './room.ts'
import { gapOf, type Standing } from './standing.ts'

/** How long room for new instances may be waited for before a person is asked. */
export const LAUNCH_BUDGET: Millis = 15 * MINUTE
/** How long evidence may be missing before a person is asked; a gate that knows nothing waits as long. */
export const EVIDENCE_BUDGET: Millis = 10 * MINUTE
/** How long instances that were asked for may not even show in their group. */
const LAUNCHED_BY: Millis = 3 * MINUTE

/** Nothing of the group is touched while it, its nodes, their pods or the budgets cannot be seen. */
export function blind({ step, seen }: Pick<StepInput<Extract<Step, { group: string }>>, 'step' | 'seen'>): Progress {
  const gap = gapOf({ seen })
  const because = gap === undefined ? `${step.group} has not been read yet, or is gone` : `${gap.source} cannot be read (${gap.reason})`
  const evidence = gap === undefined ? [] : [{ subject: gap.source, says: gap.reason }]
  return stalledBy('evidence-missing', EVIDENCE_BUDGET, `${because}; nothing of ${step.group} is touched meanwhile`, evidence)
}

/** No node is being drained and none may go, since nothing is launched ahead: undefined where that is not so, or not known to be. */
export function unlaunched(input: StepInput<ReplaceStep>, standing: Standing): Progress | undefined {
  const { step, seen, acceptedAt, now } = input
  const { group, draining, available, size, raised, memory } = standing
  const { launchFailures, suspended = [], members = [], sizes } = group.autoScaling
  if (draining.length > 0 || available.size > size - step.pace.maxUnavailable) return undefined
  const failures = launchFailures.filter(({ at }) => at >= acceptedAt).slice(0, 3)
  const subject = `AutoScalingGroup/${step.autoScalingGroup}`
  if (failures[0] !== undefined) {
    const message = `${step.autoScalingGroup} could not launch new nodes: ${failures[0].message}`
    return stalledBy(
      'no-capacity',
      LAUNCH_BUDGET,
      message,
      failures.map(({ message: says }) => ({ subject, says })),
    )
  }
  const room = roomFor(group.subnets, seen)
  if (raised === 0 && room.nodes < 1) return withoutRoom(step, room)
  const asked = memory.sized?.at
  if (asked === undefined || now - asked < LAUNCHED_BY || members.length >= sizes.desired) return undefined
  const why = suspended.includes('Launch') ? ', and its process Launch is suspended' : ', and its activities do not say why'
  const says = `has ${members.length} instances where ${sizes.desired} are wanted${why}`
  return stalledBy('no-capacity', LAUNCH_BUDGET, `${step.autoScalingGroup} ${says}`, [{ subject, says }])
}

function withoutRoom({ group, pace }: ReplaceStep, { unknown, because }: ReturnType<typeof roomFor>): Progress {
  const none = pace.surge === 0 ? 'The plan lets none be launched ahead' : 'None can be launched ahead'
  const words = because.map(({ subject, says }) => `${subject} ${says}`).join(', ') || 'its subnets are not known'
  const message = `${group}: the plan lets ${pace.maxUnavailable} of its nodes be missing, and all others are needed. ${none}: ${words}`
  return unknown === true
    ? stalledBy('evidence-missing', EVIDENCE_BUDGET, message, because)
    : stalledBy('no-capacity', LAUNCH_BUDGET, message, because)
}

/** In progress, but for nothing: a step that stays so beyond the budget fails by this cause. */
export function stalledBy(cause: FailureCause, within: Millis, message: string, evidence: readonly Evidence[]): Progress {
  const stalled: Stalled = { within, failure: { cause, message, evidence, nodes: [] } }
  return { kind: 'in-progress', because: message, stalled }
}
