import { paced } from '../../catalog/pace.ts'
import type { Stalled } from '../../catalog/steps/definition.ts'
import { definitionOf } from '../../catalog/steps/registry.ts'
import type { RunEvent } from '../../journal/event.ts'
import { canonicalJson } from '../../model/canonical-json.ts'
import type { Action, CommandResult } from '../../model/command.ts'
import { formatDuration, type Instant } from '../../model/instant.ts'
import { movesVersions, type Step } from '../../model/itinerary.ts'
import { keyedUuid } from '../../model/keyed.ts'
import { ROLLBACK_WINDOW } from '../../model/rollback-window.ts'
import { type Context, type Rule, record, stepsNow } from '../context.ts'
import { isBooked, isUnshown, isUnsure, LATELY, subjectOf } from '../remembering.ts'
import { goesOnSince, type StepState } from '../state.ts'
import { stepInput } from '../step-input.ts'
import { unlessUntouchedFail } from '../untouched.ts'

/** Steps are settled by looking at the world: done, failed, or overdue. */
export const noteProgress: Rule = (context) => {
  const events = stepsNow(context).flatMap(({ step, state }) => progressOf(context, step, state))
  return events.length === 0 ? undefined : record(...events)
}

/** EKS takes a control plane back for 7 days: noted as soon as an upgrade may have begun, and counted from its intent. */
export const noteDeadlines: Rule = ({ now, ...context }) => {
  const events = stepsNow({ ...context, now }).flatMap(({ step, state }): readonly RunEvent[] => {
    const upgrade = step.kind === 'control-plane-update' && step.goesBack !== true
    if (!upgrade || state.acted !== true || state.wayBackUntil !== undefined) return []
    const until = Math.min(now, ...state.commands.map(({ intendedAt }) => intendedAt)) + ROLLBACK_WINDOW
    return [{ type: 'way-back-until', step: step.id, until }]
  })
  return events.length === 0 ? undefined : record(...events)
}

function progressOf(context: Context, step: Step, state: StepState): readonly RunEvent[] {
  const definition = definitionOf(step)
  const begun = context.batchState.startedAt !== undefined && (definition.repeats !== undefined || everyCommandSettled(state))
  if (state.doneAt !== undefined || state.failure !== undefined || !begun || !predecessorsDone(context, step)) return []
  const { now } = context
  const acceptedAt = state.acceptedAt ?? now
  const progress = definition.progress({ ...stepInput(context, step, state), acceptedAt, updateId: state.updateId } as never)
  if (progress.kind === 'done')
    return (definition.repeats !== undefined && (isMoving(context, step) || isUnshown(state, context.seen.now))) || isUnsure(state)
      ? []
      : [{ type: 'step-done', step: step.id }]
  if (progress.kind === 'failed') {
    const failure = unlessUntouchedFail(context, { ...progress.failure, at: step.id })
    return [{ type: 'step-failed', step: step.id, failure }]
  }
  if (progress.skip !== undefined) return progress.skip.map(({ node, because }) => ({ type: 'node-skipped', step: step.id, node, because }))
  const stall = stallOf(context, step, progress.stalled)
  if (stall.length > 0) return stall
  const waited = now - goingSince(context, step, state)
  if (waited < step.timeout) return []
  const message = `${progress.because}, for ${formatDuration(waited)} now; its time-out was ${formatDuration(step.timeout)}`
  return [{ type: 'step-failed', step: step.id, failure: { cause: 'update-overdue', at: step.id, message, evidence: [], nodes: [] } }]
}

/** What keeps a step from going on is told when it begins and when it is over, and fails the step beyond its budget. */
function stallOf(context: Context, step: Step, stalled: Stalled | undefined): readonly RunEvent[] {
  const on = `steps/${step.id}`
  const waiting = context.state.waits[on]
  if (stalled === undefined) return waiting === undefined ? [] : [{ type: 'waiting-ended', on }]
  if (waiting === undefined) return [{ type: 'waiting-began', on, because: stalled.failure.message }]
  if (context.now - waiting.since < stalled.within) return []
  return [{ type: 'step-failed', step: step.id, failure: unlessUntouchedFail(context, { ...stalled.failure, at: step.id }) }]
}

/** Since when its time-out runs: of a step that Serin drives not while the run stood still. */
function goingSince(context: Context, step: Step, state: StepState): Instant {
  const since = state.acceptedAt ?? idleSince(context, step, state)
  return definitionOf(step).repeats === undefined ? since : Math.max(since, goesOnSince(context.state))
}

/** Since when a step of Serin's own could act and finds nothing that it may do; now for one that acts, or that EKS works on. */
function idleSince(context: Context, step: Step, state: StepState): Instant {
  const { now, batchState } = context
  const { repeats, actions } = definitionOf(step)
  if (repeats === undefined || state.commands.length > 0 || actions(stepInput(context, step, state) as never).length > 0) return now
  const done = (step.needs ?? []).map((id) => batchState.steps[id]?.doneAt ?? now)
  return Math.max(batchState.startedAt ?? now, goesOnSince(context.state), ...done)
}

/** Nothing intended yet, or something refused, is not progress; a moot command counts as settled. */
function everyCommandSettled(state: StepState): boolean {
  return state.commands.length > 0 && state.commands.every(({ result }) => isSettled(result))
}

function isSettled(result: CommandResult | undefined): boolean {
  return result?.kind === 'accepted' || result?.kind === 'moot' || result?.kind === 'held'
}

/** Begins the steps of a started batch whose predecessors are done: intent first, the effect after it is durable. */
export const intendSteps: Rule = (context) => {
  if (context.batchState.startedAt === undefined) return undefined
  const events = atPace(context).flatMap(({ step, state }) => intentsOf(context, step, state))
  return events.length === 0 ? undefined : record(...events)
}

/**
 * Without the steps that would begin to move nodes or an add-on and have to wait, since an API throttles. An add-on that goes back does
 * not: it is one call, and ends the damage.
 */
function atPace(context: Context): ReturnType<typeof stepsNow> {
  const steps = stepsNow(context)
  const ends = (step: Step) => context.state.back !== undefined && step.kind === 'addon-update'
  const moving = steps.filter(({ step, state }) => movesVersions(step) && !isOver(state) && !ends(step))
  const waiting = moving.filter(({ state }) => isUnbegun(state))
  const room = Math.max(0, paced(moving.length, context.seen, context.now) - (moving.length - waiting.length))
  const held = new Set(waiting.slice(room))
  return steps.filter((each) => !held.has(each))
}

function isOver({ doneAt, failure }: StepState): boolean {
  return doneAt !== undefined || failure !== undefined
}

/** Settled commands of a step that Serin drives itself are forgotten: it has begun when one was accepted. */
export function isUnbegun({ commands, acceptedAt, doneAt }: StepState): boolean {
  return commands.length === 0 && acceptedAt === undefined && doneAt === undefined
}

function intentsOf(context: Context, step: Step, state: StepState, finishing = false): readonly RunEvent[] {
  if (state.doneAt !== undefined || state.failure !== undefined || !predecessorsDone(context, step)) return []
  const { repeats, actions } = definitionOf(step)
  if (repeats !== undefined) return againAndAgain(context, step, state, actions({ ...stepInput(context, step, state), finishing } as never))
  if (state.commands.length > 0) return []
  const wanted = actions(stepInput(context, step, state) as never)
  if (wanted.length === 0) return isMoving(context, step) ? [] : [{ type: 'step-done', step: step.id }]
  return wanted.map((action, index) => intend(context, step, state, action, (state.intended ?? 0) + index))
}

/** What is wanted now and is not on its way, nor was done a moment ago: the world needs a little time to show it. */
function againAndAgain(context: Context, step: Step, state: StepState, wanted: readonly Action[]): readonly RunEvent[] {
  const { now } = context
  const open = state.commands.filter(({ result }) => !isSettled(result))
  const busy = new Set(open.map(({ command }) => command.action).map(keyOf))
  // What was told to nodes and groups is settled before more is told to them.
  const unsure = isUnsure(state)
  const lately = state.memory?.lately ?? {}
  const answered = new Map(state.commands.map(({ command, answeredAt }) => [keyOf(command.action), answeredAt ?? now]))
  const due = wanted.filter((action) => {
    const key = keyOf(action)
    const at = lately[key] ?? answered.get(key)
    return !busy.has(key) && !(unsure && isBooked(action)) && (at === undefined || now - at >= LATELY)
  })
  const known = state.intended ?? state.commands.length
  return due.map((action, index) => intend(context, step, state, action, known + index))
}

function keyOf(action: Action): string {
  return subjectOf(action) ?? canonicalJson(action)
}

function intend({ state: run }: Context, step: Step, state: StepState, action: Action, ordinal: number): RunEvent {
  return { type: 'command-intended', command: { id: commandId(run.run, step.id, state.attempt, ordinal), step: step.id, action } }
}

/** What is half done of steps that Serin drives itself is brought to an end, though nothing new begins. */
export function finishDriven(context: Context): readonly RunEvent[] {
  return stepsNow(context)
    .filter(({ step, state }) => definitionOf(step).atRest !== undefined && state.acceptedAt !== undefined)
    .flatMap(({ step, state }) => intentsOf(context, step, state, true))
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
