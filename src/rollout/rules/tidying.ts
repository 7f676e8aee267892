import { leftovers } from '../../catalog/steps/tidy.ts'
import type { Instant } from '../../model/instant.ts'
import { type Context, record, TICK, UNSETTLED_BUDGET } from '../context.ts'
import type { Decision } from '../decision.ts'
import type { CommandState } from '../state.ts'
import { closedByPeople, instancesGone } from '../step-input.ts'
import { commandId } from './steps.ts'

/** Rounds after which leftovers are left to a person: something keeps putting them back. */
const ROUNDS = 5

/**
 * Removes what updates left behind on these groups, as commands of a step `BATCH/tidy`; undefined when nothing is left to do.
 * @param staysOpen the run does not end with it: what would have others end nodes waits
 */
export function tidyUp(context: Context, batch: string, groups: readonly string[], staysOpen = true): Decision | undefined {
  const { state, seen, itinerary, now } = context
  const id = `${batch}/tidy`
  const { rounds, intended, commands = [] } = state.batches[batch]?.steps[id] ?? {}
  const actions = leftovers(groups, seen, itinerary.baseline, {
    gone: instancesGone(state),
    closedByPeople: closedByPeople(state),
    staysOpen,
  })
  if (actions.length === 0 || ((rounds?.count ?? 0) >= ROUNDS && !isAway(commands, rounds?.at ?? 0, now))) return undefined
  // The world needs a moment to show what it was told.
  if (rounds !== undefined && now < rounds.at + TICK)
    return { kind: 'wait', until: rounds.at + TICK, because: 'leftovers of the update are being removed' }
  return record(
    ...actions.map((action, index) => ({
      type: 'command-intended' as const,
      command: { id: commandId(state.run, id, 1, (intended ?? commands.length) + index), step: id, action },
    })),
  )
}

/** Whether calls of the last round did not get through, for no longer than that is waited for: nobody puts anything back then. */
function isAway(commands: readonly CommandState[], roundAt: Instant, now: Instant): boolean {
  const lost = commands.filter(({ result }) => result?.kind === 'unsettled')
  const since = Math.min(...lost.map(({ intendedAt }) => intendedAt))
  return lost.some(({ intendedAt }) => intendedAt >= roundAt) && now - since < UNSETTLED_BUDGET
}
