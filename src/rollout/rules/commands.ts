import { definitionOf } from '../../catalog/steps/registry.ts'
import { gapOf } from '../../catalog/steps/replacing/standing.ts'
import type { RunEvent } from '../../journal/event.ts'
import { canonicalJson } from '../../model/canonical-json.ts'
import type { Failure, FailureCause } from '../../model/failure.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { Step } from '../../model/itinerary.ts'
import { type Context, isStopping, type Rule, record, stepsNow, UNSETTLED_BUDGET } from '../context.ts'
import { isBooked, isDriven, isIrrevocable } from '../remembering.ts'
import { type CommandState, goesOnSince, UNTOUCHED } from '../state.ts'
import { stepInput } from '../step-input.ts'

/** How long to leave a command alone after a 409, or after throttling and unreachable APIs. */
const RETRY_AFTER = { deferred: 30 * SECOND, busy: 5 * MINUTE, unsettled: 20 * SECOND }

/**
 * A command whose outcome is not known is settled before anything else, also while a person is waited for. It may belong to
 * a batch that is over: what updates left behind is removed after the last one.
 */
export const settleUnknownCommands: Rule = ({ state }) => {
  const steps = Object.values(state.batches).flatMap((batch) => Object.values(batch.steps))
  const open = steps.flatMap((step) => step.commands.filter(({ result }) => result === undefined))
  return open.length === 0 ? undefined : { kind: 'perform', commands: open.map(({ command }) => command) }
}

/**
 * Commands that met a conflict or did not get through are sent again, as long as they are still wanted and within their budget.
 * What met a conflict has begun nothing, so it is left alone where nothing new is to begin.
 */
export const retryCommands: Rule = (context) => {
  const waiting = openCommands(context).filter(({ command }) => command.result?.kind === 'deferred' || command.result?.kind === 'unsettled')
  const facts = waiting.flatMap(({ step, command }) => verdictOn(context, step, command))
  if (facts.length > 0) return record(...facts)
  const wanted = waiting.filter(({ command }) => !(isStopping(context) && command.result?.kind === 'deferred'))
  const due = wanted.filter((each) => context.now >= retryAt(context, each.step, each.command) && maySend(context, each))
  return due.length === 0 ? undefined : { kind: 'perform', commands: due.map(({ command }) => command.command) }
}

/** A refusal for good fails its step. */
export const noteRefusals: Rule = (context) => {
  const refused = openSteps(context).flatMap(({ step, state }) =>
    state.commands.flatMap(({ result }) => (result?.kind === 'refused' ? [refusal(context, step, result.code, result.message)] : [])),
  )
  return refused.length === 0 ? undefined : record(...refused)
}

function openSteps(context: Context): ReturnType<typeof stepsNow> {
  return stepsNow(context).filter(({ state }) => state.doneAt === undefined && state.failure === undefined)
}

function openCommands(context: Context): readonly { readonly step: Step; readonly command: CommandState }[] {
  return openSteps(context).flatMap(({ step, state }) => state.commands.map((command) => ({ step, command })))
}

/** After a conflict it is asked again when the subject is seen free, and now and then in case that cannot be seen. */
function retryAt({ seen }: Context, step: Step, { result, answeredAt = 0 }: CommandState): Instant {
  if (result?.kind !== 'deferred') return answeredAt + RETRY_AFTER.unsettled
  const status = statusOf(step, seen)
  return answeredAt + (status === 'UPDATING' ? RETRY_AFTER.busy : RETRY_AFTER.deferred)
}

function statusOf(step: Step, { addons, groups, controlPlane }: Context['seen']): string | undefined {
  if (step.kind === 'control-plane-update') return controlPlane?.status
  if (step.kind === 'addon-update') return addons[step.addon]?.status
  return 'group' in step ? groups[step.group]?.status : undefined
}

function verdictOn(context: Context, step: Step, command: CommandState): readonly RunEvent[] {
  if (!isWanted(context, step, command) && !isOwed(context, step, command)) {
    const unwanted = (isDriven(command.command) || isIrrevocable(command.command.action)) && { unwanted: true as const }
    return [{ type: 'command-answered', command: command.command.id, result: { kind: 'moot', ...unwanted } }]
  }
  const result = command.result
  const budget = result?.kind === 'deferred' ? step.timeout : UNSETTLED_BUDGET
  if (result === undefined || result.kind === 'moot' || result.kind === 'held' || triedFor(context, command) < budget) return []
  const cause: FailureCause =
    result.kind === 'deferred'
      ? 'update-overdue'
      : 'code' in result && result.code === 'REMOTE_THROTTLED'
        ? 'throttled'
        : 'evidence-missing'
  const message = 'message' in result ? result.message : ''
  return [failed(step, { cause, at: step.id, message: `${step.title}: ${message}`, evidence: [], nodes: [] })]
}

/** For how long it was tried: while the run stood still nobody did. */
function triedFor({ now, state }: Context, { intendedAt }: CommandState): Millis {
  return now - Math.max(intendedAt, goesOnSince(state))
}

function isWanted(context: Context, step: Step, { command }: CommandState): boolean {
  const state = stepsNow(context).find((each) => each.step.id === step.id)?.state ?? UNTOUCHED
  const wanted = definitionOf(step).actions(stepInput(context, step, state) as never)
  const same = canonicalJson(command.action)
  return wanted.some((action) => canonicalJson(action) === same)
}

/**
 * What cannot be taken back is not sent again while it cannot be seen whether the step still wants it. Where a person has asked for
 * something else it is not sent at all, only looked for.
 */
function maySend(context: Context, { step, command }: { readonly step: Step; readonly command: CommandState }): boolean {
  return !isIrrevocable(command.command.action) || context.state.asked !== undefined || isWanted(context, step, command)
}

/**
 * Whether a command is asked about again although the step no longer wants it: its effect, which may be why, has to be known,
 * or the step wants nothing only because it cannot see.
 */
function isOwed({ seen }: Context, step: Step, { command, result }: CommandState): boolean {
  if (result?.kind === 'unsettled' && isBooked(command.action)) return true
  return definitionOf(step).repeats !== undefined && gapOf({ seen }) !== undefined
}

function refusal(context: Context, step: Step, code: string, message: string): RunEvent {
  const back = context.batch?.phase === 'back'
  const cause: FailureCause = back ? 'way-back-refused' : step.kind === 'addon-update' ? 'addon-refused' : 'update-refused'
  return failed(step, {
    cause,
    at: step.id,
    message: `${step.title} was refused: ${message}`,
    evidence: [{ subject: step.id, says: `${code}: ${message}` }],
    nodes: [],
  })
}

function failed(step: Step, failure: Failure): RunEvent {
  return { type: 'step-failed', step: step.id, failure }
}
