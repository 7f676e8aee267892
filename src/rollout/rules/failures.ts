import { answerTo } from '../../catalog/answers.ts'
import type { RunEvent } from '../../journal/event.ts'
import { causeInBrief } from '../../model/diagnosis.ts'
import type { Failure } from '../../model/failure.ts'
import { MINUTE } from '../../model/instant.ts'
import { type Batch, groupsOfStep, type Itinerary } from '../../model/itinerary.ts'
import { type Context, curedBy, failureOf, movingSteps, type Rule, record, undiagnosed, waitTick } from '../context.ts'
import { outcomeOf } from '../outcome.ts'
import { wayBack } from '../recovery.ts'
import { groupsTouched } from '../subjects.ts'
import { isWatching } from '../watching.ts'
import { askOf } from './people.ts'
import { tidyUp } from './tidying.ts'

/** What shows when a batch fails is looked at before anything is done about it: afterwards it may be gone. */
export const diagnoseFailures: Rule = (context) => {
  const failure = undiagnosed(context)
  return failure && { kind: 'inspect', what: 'diagnosis', because: `${failure.message}; looking for its cause` }
}

/** Where the plan allows it and the cause has a safe cure, what failed is cured before anything goes back. */
export const cureFailures: Rule = ({ batch, batchState }) => {
  const cure = batchState.failure?.cure
  if (cure === undefined || batch === undefined || batch.phase === 'back') return undefined
  return record({ type: 'cure-started', batch: batch.id, batches: cure })
}

/** When a cure fails too, the line stops: what it was to cure is answered as if it had never been tried. */
export const giveUpCures: Rule = (context) => {
  const failure = failureOf(context)
  const cured = curedBy(context.state, context.batch?.id)
  const batch = context.itinerary.batches.find(({ id }) => id === cured?.batch)
  if (failure === undefined || cured === undefined || batch === undefined) return undefined
  const message = `${cured.failure.message.replace(/\.$/, '')}. The cure was tried and failed too: ${failure.message}`
  const nodes = [...new Set([...cured.failure.nodes, ...failure.nodes])]
  const both: Failure = { ...cured.failure, message, nodes, evidence: [...cured.failure.evidence, ...failure.evidence] }
  // Nodes that the cure took out of service serve again, also where the run goes back: that restores only what the run moved.
  const cureBatch = context.batch
  const tidying = answerTo(failure.cause).tidy && cureBatch ? tidyUp(context, cureBatch.id, groupsOf(cureBatch)) : undefined
  if (tidying !== undefined) return tidying
  const goingBack = answerTo(both.cause).answer === 'back' && allowsBack(batch, context.itinerary)
  if (goingBack) return startBack(context, batch, both)
  return record({ type: 'hold-entered', because: withCause(both), resumeWith: askOf(failure), cause: both.cause, failure: both })
}

/** On the way there: the cause decides whether the run goes back, holds, or ends where nothing had changed. */
export const answerFailures: Rule = (context) => {
  const failure = failureOf(context)
  if (failure === undefined || context.batch === undefined || context.batch.phase === 'back') return undefined
  const answer = answerTo(failure.cause)
  const goingBack = answer.answer === 'back' && allowsBack(context.batch, context.itinerary)
  if (goingBack) return startBack(context, context.batch, failure)
  if (movingSteps(context).length > 0 && failure.cause !== 'update-overdue')
    return waitTick(context, `${failure.message}; waiting for the other updates of this batch to end`)
  if (answer.tidy && isBusy(context)) return waitTick(context, `${failure.message}; EKS is still busy with the group`)
  const tidying = answer.tidy ? tidyUp(context, context.batch.id, groupsOf(context.batch)) : undefined
  if (tidying !== undefined) return tidying
  if (answer.answer === 'stop-or-hold' && nothingChanged(context)) {
    return record({ type: 'run-finished', outcome: outcomeOf(context, 'blocked', `${failure.message}. Nothing was changed.`) })
  }
  return record({ type: 'hold-entered', ...toldOf(failure, context.batch), cause: failure.cause, failure })
}

/** A run that only cures stops with the first new node that fails like the old one: more of the same would cost nodes and heal nothing. */
function toldOf(failure: Failure, { id, steps, title }: Batch): { readonly because: string; readonly resumeWith: string } {
  const isReplacement = failure.at === id && steps.some(({ kind }) => kind === 'rotate-node')
  if (!isReplacement) return { because: withCause(failure), resumeWith: askOf(failure) }
  return {
    because: `${title}: the new node fails too, so no further one is replaced. ${withCause(failure)}`,
    resumeWith:
      'Nodes are not what is ill: find out what is (`serin diagnose PLAN`) and mend it. Then `serin resume` judges the new node once more; `serin abandon` ends the cure here.',
  }
}

/** What failed, and the likeliest cause where one is known. */
function withCause({ message, diagnosis = [] }: Failure): string {
  const [first] = diagnosis
  return first === undefined ? message : `${message.replace(/\.$/, '')}. Likeliest cause: ${causeInBrief(first)}`
}

function allowsBack(batch: Batch, { rollback }: Itinerary): boolean {
  // What others have moved is theirs to take back.
  if (isWatching(batch)) return false
  if (batch.phase === 'addon') return rollback.addon !== 'hold'
  if (batch.phase === 'control-plane') return rollback.controlPlane === 'automatic'
  return batch.phase === 'canary' ? rollback.canary === 'automatic' : rollback.waves !== 'hold'
}

/** The add-on step goes back at once, elsewhere a person has the grace period to say hold. */
function startBack(context: Context, batch: Batch, failure: Failure): ReturnType<Rule> {
  const { itinerary, state, now } = context
  const scope = batch.phase === 'wave' && itinerary.rollback.waves === 'failed-batch' ? 'failed-batch' : 'everything'
  const grace = batch.phase === 'addon' ? 0 : itinerary.rollback.grace
  const failed: RunEvent[] =
    context.state.batches[batch.id]?.failure === undefined ? [{ type: 'batch-failed', batch: batch.id, failure }] : []
  return record(...failed, {
    type: 'rollback-started',
    failure,
    scope,
    batches: wayBack(itinerary, state, scope, batch.id, failure),
    notBefore: now + grace,
  })
}

function groupsOf(batch: Batch): readonly string[] {
  return batch.steps.flatMap(groupsOfStep)
}

/** EKS has ended the update and still works on a group of the batch: what it leaves behind is not all there yet. */
function isBusy({ batch, seen }: Context): boolean {
  return batch !== undefined && groupsOf(batch).some((name) => seen.groups[name]?.status === 'UPDATING')
}

function nothingChanged({ state }: Context): boolean {
  return Object.values(state.batches).every((batch) => Object.values(batch.steps).every((step) => step.acted !== true))
}

/**
 * On the way back: what EKS refuses to take back is noted and passed over, so that the rest still goes back (exit 22);
 * anything else stops the way back at the first step that fails, for a person to take over (exit 21).
 */
export const answerFailuresOnTheWayBack: Rule = (context) => {
  const failure = failureOf(context)
  const { batch } = context
  if (failure === undefined || batch === undefined || batch.phase !== 'back') return undefined
  if (failure.cause === 'way-back-refused') return record({ type: 'batch-failed', batch: batch.id, failure })
  if (answerTo(failure.cause).tidy && isBusy(context)) return waitTick(context, `${failure.message}; EKS is still busy with the group`)
  const tidying = tidyUp(context, batch.id, [...groupsTouched(context.itinerary, context.state)])
  return (
    tidying ?? record({ type: 'run-finished', outcome: outcomeOf(context, 'rollbackFailed', `the way back stopped: ${failure.message}`) })
  )
}

/** In the grace period a person may still say hold. */
export const waitOutGrace: Rule = (context) => {
  const { back } = context.state
  if (back === undefined || context.now >= back.notBefore) return undefined
  const until = Math.min(back.notBefore, context.now + MINUTE / 6)
  return { kind: 'wait', until, because: `${back.failure.message}; going back begins after the grace period, \`serin hold\` stops it` }
}
