import { definitionOf } from '../../catalog/steps/registry.ts'
import type { RunEvent } from '../../journal/event.ts'
import type { Command } from '../../model/command.ts'
import { formatDuration } from '../../model/instant.ts'
import type { Step } from '../../model/itinerary.ts'
import { keyedUuid } from '../../model/keyed.ts'
import { type Context, type Rule, record, stepsNow, TICK } from '../context.ts'
import type { StepState } from '../state.ts'
import { unlessUntouchedFail } from '../untouched.ts'

/** Steps are settled by looking at the world: done, failed, or overdue. */
export const noteProgress: Rule = (context) => {
  const events = stepsNow(context).flatMap(({ step, state }) => progressOf(context, step, state))
  return events.length === 0 ? undefined : record(...events)
}

function progressOf(context: Context, step: Step, state: StepState): readonly RunEvent[] {
  if (state.doneAt !== undefined || state.failure !== undefined || !everyCommandSettled(state)) return []
  const { seen, now, itinerary } = context
  const acceptedAt = state.acceptedAt ?? now
  const progress = definitionOf(step).progress({
    step,
    seen,
    now,
    baseline: itinerary.baseline,
    acceptedAt,
    updateId: state.updateId,
  } as never)
  if (progress.kind === 'done') return [{ type: 'step-done', step: step.id }]
  if (progress.kind === 'failed') {
    const failure = unlessUntouchedFail(context, { ...progress.failure, at: step.id })
    return [{ type: 'step-failed', step: step.id, failure }]
  }
  if (now - acceptedAt < step.timeout) return []
  const message = `${progress.because}, for ${formatDuration(now - acceptedAt)} now; its time-out was ${formatDuration(step.timeout)}`
  return [{ type: 'step-failed', step: step.id, failure: { cause: 'update-overdue', at: step.id, message, evidence: [], nodes: [] } }]
}

/** Nothing intended yet, or something refused, is not progress; a moot command counts as settled. */
function everyCommandSettled(state: StepState): boolean {
  return state.commands.length > 0 && state.commands.every(({ result }) => result?.kind === 'accepted' || result?.kind === 'moot')
}

/** Begins the steps of a started batch whose predecessors are done: intent first, the effect after it is durable. */
export const intendSteps: Rule = (context) => {
  if (context.batchState.startedAt === undefined) return undefined
  const events = stepsNow(context).flatMap(({ step, state }) => intentsOf(context, step, state))
  return events.length === 0 ? undefined : record(...events)
}

function intentsOf(context: Context, step: Step, state: StepState): readonly RunEvent[] {
  if (state.doneAt !== undefined || state.failure !== undefined || !predecessorsDone(context, step)) return []
  if (state.commands.length > 0 && step.kind !== 'tidy') return []
  const { seen, now, itinerary, state: run } = context
  const actions = definitionOf(step).actions({ step, seen, now, baseline: itinerary.baseline } as never)
  if (actions.length === 0) return isMoving(context, step) ? [] : [{ type: 'step-done', step: step.id }]
  const known = state.commands.length
  if (known > 0 && now < lastAnswer(state) + TICK) return []
  const commands: Command[] = actions.map((action, index) => ({
    id: commandId(run.run, step.id, state.attempt, known + index),
    step: step.id,
    action,
  }))
  return everyCommandSettled(state) || known === 0 ? commands.map((command) => ({ type: 'command-intended', command })) : []
}

/** The world needs a moment to show what was done to it. */
function lastAnswer(state: StepState): number {
  return Math.max(...state.commands.map(({ answeredAt, intendedAt }) => answeredAt ?? intendedAt))
}

/** The id of a command: derived, so that it is the same after a crash; it serves as the client request token. */
export function commandId(run: string, step: string, attempt: number, ordinal: number): string {
  return keyedUuid(run, step, attempt, ordinal)
}

function predecessorsDone(context: Context, step: Step): boolean {
  return (step.needs ?? []).every((id) => context.batchState.steps[id]?.doneAt !== undefined)
}

/** A group that EKS is still busy with cannot be called done, whatever its spec says. */
function isMoving(context: Context, step: Step): boolean {
  const groups = step.kind === 'tidy' ? step.groups : 'group' in step ? [step.group] : []
  return groups.some((name) => context.seen.groups[name]?.status === 'UPDATING')
}
