import { ENDPOINTS } from '../../catalog/gates/judging/services.ts'
import { workloads } from '../../catalog/gates/workloads.ts'
import { definitionOf } from '../../catalog/steps/registry.ts'
import { windowAt } from '../../forecast/window.ts'
import type { Failure } from '../../model/failure.ts'
import { formatDuration, iso, MINUTE } from '../../model/instant.ts'
import { type Batch, movesVersions, replacesNodes } from '../../model/itinerary.ts'
import { takeBatchBaseline } from '../baseline.ts'
import {
  atSafePoint,
  type Context,
  curedBy,
  isStopping,
  movingSteps,
  type Rule,
  record,
  stepsNow,
  UNKNOWN_BUDGET,
  waitTick,
} from '../context.ts'
import type { Decision } from '../decision.ts'
import { outcomeOf } from '../outcome.ts'
import { isUnshownForWayBack } from '../remembering.ts'
import { stepInput } from '../step-input.ts'
import { finishDriven, isUnbegun } from './steps.ts'

/** Whether the current batch is about to begin: the safe point at which a run may stop, be checked again, or wait for a person. */
function isAboutToBegin(context: Context): boolean {
  return context.batch !== undefined && context.batchState.startedAt === undefined
}

function isForward(context: Context): boolean {
  return context.state.back === undefined
}

/** After an interrupt, or when a person asked to hold, nothing new begins; what EKS works on is watched until it has ended. */
export const stopWhenInterrupted: Rule = (context) => {
  if (!isStopping(context)) return undefined
  const finishing = finishDriven(context)
  if (finishing.length > 0) return record(...finishing)
  const names = movingSteps(context).map(({ step }) => step.title)
  if (names.length > 0) return waitTick(context, `${stopper(context)}; EKS goes on with ${names.join('; ')}`)
  if (!atSafePoint(context)) return waitTick(context, `${stopper(context)}; whether a command got through is not known yet`)
  return { kind: 'hold', because: 'interrupted; nothing is in progress', resumeWith: 'serin resume', exit: 'interrupted' }
}

function stopper({ stopping, state }: Context): string {
  return stopping ? 'interrupted, a second interrupt leaves at once' : `${state.asked?.by} asked to hold`
}

/** Whether `--until` names this batch: by its id, its phase, its wave or its add-on. */
export function isUntil({ id, phase }: Batch, until: string): boolean {
  return id === until || phase === until || id.startsWith(`${until}/`) || id.startsWith(`${phase}/${until}/`)
}

/** `--until canary`: the first batch beyond stays untouched. */
export const stopAtUntil: Rule = (context) => {
  const { until, batch, itinerary } = context
  if (until === undefined || batch === undefined || !isForward(context) || !isAboutToBegin(context)) return undefined
  const position = itinerary.batches.findIndex((candidate) => candidate.id === batch.id)
  const last = itinerary.batches.findLastIndex((candidate) => isUntil(candidate, until))
  if (position <= last) return undefined
  return record({ type: 'hold-entered', because: `stopped after ${until}, as asked`, resumeWith: 'serin resume', cause: 'until' })
}

/**
 * Outside the window and in a freeze nothing new begins, and nothing is tried again. What EKS works on goes on; a group whose nodes
 * Serin replaces itself stops between two nodes, and is gone on with in the next window.
 */
export const keepToWindow: Rule = (context) => {
  const { itinerary, batch, now } = context
  const between = isBetweenNodes(context)
  if (itinerary.window === undefined || batch === undefined || !isForward(context) || !(isAboutToMove(context) || between)) return undefined
  const window = windowAt(itinerary.window, now)
  const mayFinish = itinerary.window.atClose === 'finish-wave' && window.frozen !== true && waveHasBegun(context)
  if (window.open || mayFinish) return undefined
  const halfDone = between ? finishBeforeClose(context, window.because) : undefined
  if (halfDone !== undefined) return halfDone
  const opens = window.opensAt === undefined ? '' : `; it opens ${iso(window.opensAt)}, in ${formatDuration(window.opensAt - now)}`
  return record({
    type: 'hold-entered',
    because: `${window.because}${opens}`,
    resumeWith: '`serin resume`, once the window is open',
    cause: 'window',
  })
}

/** Whether a step that Serin drives itself has begun and is not done: the next of its nodes would be a new beginning. */
function isBetweenNodes(context: Context): boolean {
  return drivenSteps(context).length > 0
}

function drivenSteps(context: Context): ReturnType<typeof stepsNow> {
  return stepsNow(context).filter(
    ({ step, state }) => definitionOf(step).atRest !== undefined && state.acceptedAt !== undefined && state.doneAt === undefined,
  )
}

/** Drains that have begun are brought to their end, and what is being put back to what it was; undefined when nothing is half done. */
function finishBeforeClose(context: Context, because: string): Decision | undefined {
  const finishing = finishDriven(context)
  if (finishing.length > 0) return record(...finishing)
  const owed = drivenSteps(context).filter(({ step, state }) => {
    const input = { ...stepInput(context, step, state), finishing: true }
    return definitionOf(step).actions(input as never).length > 0
  })
  const names = [...movingSteps(context), ...owed].map(({ step }) => step.title)
  if (names.length > 0) return waitTick(context, `${because}; what is half done is brought to its end: ${[...new Set(names)].join('; ')}`)
  return atSafePoint(context) ? undefined : waitTick(context, `${because}; whether a command got through is not known yet`)
}

/** Whether nodes or an add-on are going to be moved next; restoring settings is not held up. */
function isAboutToMove(context: Context): boolean {
  const waits = stepsNow(context).some(({ step, state }) => movesVersions(step) && isUnbegun(state))
  return isAboutToBegin(context) || waits
}

function waveHasBegun({ batch, itinerary, state }: Context): boolean {
  const wave = batch?.id.split('/').slice(0, -1).join('/')
  return itinerary.batches.some((candidate) => candidate.id.startsWith(`${wave}/`) && state.batches[candidate.id]?.startedAt !== undefined)
}

/** Whether a command is going to be intended next: the batch begins, or a step of it is tried again. */
function isAboutToAct(context: Context): boolean {
  return isAboutToBegin(context) || stepsNow(context).some(({ state }) => isUnbegun(state))
}

/** Blocking checks run at the start and again after every batch, hold and resume, before anything moves. */
export const validateAgain: Rule = (context) => {
  const { state, batch } = context
  if (batch === undefined || !isForward(context) || !isAboutToAct(context)) return undefined
  // A cure comes in the middle of a batch, for what pre-flight would find.
  if (curedBy(state, batch.id) !== undefined) return undefined
  if (state.preflight === undefined && movingSteps(context).length > 0)
    return waitTick(context, 'pre-flight waits until what is in progress has ended')
  if (state.preflight === undefined) return { kind: 'inspect', what: 'preflight', because: `pre-flight before ${batch.title}` }
  if (state.preflight.verdict === 'clear') return undefined
  const first = state.preflight.stopping[0]
  const because = `pre-flight is ${state.preflight.verdict}: ${first ? `${first.code} ${first.subject}: ${first.message}` : 'no finding named'}`
  const untouched = Object.values(state.batches).every((known) => known.startedAt === undefined)
  if (untouched) return record({ type: 'run-finished', outcome: outcomeOf(context, state.preflight.verdict, because) })
  return record({ type: 'hold-entered', because, resumeWith: 'Mend what the finding names, then `serin resume`.', cause: 'preflight' })
}

/** A way back goes by a picture that shows all that the run has done: by an earlier one, a group that was just raised would look too big. */
export const awaitWholePicture: Rule = (context) => {
  const { state, seen, batch } = context
  const begun = state.back?.batches.some(({ id }) => state.batches[id]?.startedAt !== undefined)
  if (batch === undefined || begun !== false) return undefined
  const steps = Object.values(state.batches).flatMap((each) => Object.values(each.steps))
  const hidden = steps.some((step) => isUnshownForWayBack(step, seen.now))
  return hidden ? waitTick(context, `${batch.title}: what the run did last has to show first`) : undefined
}

/** How long pods that the run has evicted may take to come back before their budgets stop the way back. */
const WAY_BACK_BUDGET = 5 * MINUTE

/**
 * Before a node group goes back, what its way back needs is looked at again: addresses for its new nodes, budgets that
 * allow its drain; and before the control plane does, whether EKS is ready to take it. What blocks is waited for, since the run's
 * own drain may have used up a budget whose pods are coming back, then it stops the way back for a person (exit 21); what cannot
 * be seen does not, since standing still in the middle is no safer.
 */
export const validateWayBack: Rule = (context) => {
  const { state, batch, seen, now, itinerary } = context
  const step = batch?.steps.find((each) => replacesNodes(each) || each.kind === 'control-plane-update')
  // Where workloads go back to nodes that are still there, nothing is launched, and each eviction asks the budgets itself.
  if (step?.kind === 'move-workloads') return undefined
  if (batch === undefined || step === undefined || isForward(context) || !isAboutToAct(context)) return undefined
  if ('group' in step && seen.groups[step.group]?.status === 'UPDATING')
    return waitTick(context, `${batch.title}: EKS is still busy with ${step.group}`)
  const wanted = definitionOf(step).actions({ step, seen, now, baseline: itinerary.baseline } as never)
  if (wanted.length === 0) return undefined
  if (state.preflight === undefined) return { kind: 'inspect', what: 'preflight', because: `addresses and budgets before ${batch.title}` }
  const [first] = state.preflight.stopping
  if (state.preflight.verdict !== 'blocked' || first === undefined) return undefined
  // As EKS would refuse it: it is passed over, so that the rest still goes back.
  if (step.kind === 'control-plane-update') {
    const message = `EKS would not take the control plane back: ${first.code} ${first.subject}: ${first.message}`
    const failure: Failure = {
      cause: 'way-back-refused',
      at: step.id,
      message,
      evidence: [{ subject: first.subject, says: first.message }],
      nodes: [],
    }
    return record({ type: 'batch-failed', batch: batch.id, failure })
  }
  const key = `way-back/${batch.id}`
  const waiting = state.waits[key]
  if (waiting === undefined) return record({ type: 'waiting-began', on: key, because: `${batch.title}: ${first.message}` })
  if (now - waiting.since < WAY_BACK_BUDGET)
    return now - state.preflight.at < MINUTE
      ? waitTick(context, `${batch.title}: ${first.message}`)
      : { kind: 'inspect', what: 'preflight', because: `addresses and budgets before ${batch.title}, once more` }
  const summary = `the way back stopped before ${batch.title}: ${first.code} ${first.subject}: ${first.message}`
  return record({ type: 'run-finished', outcome: outcomeOf(context, 'rollbackFailed', summary) })
}

/** A person must say yes before the batch starts. */
export const awaitApproval: Rule = (context) => {
  const { batch, batchState } = context
  if (batch === undefined || batch.approval === false || batchState.approval !== undefined || !isAboutToBegin(context)) return undefined
  const role = batch.approval.role
  if (batchState.approvalRequestedAt === undefined) return record({ type: 'approval-requested', batch: batch.id, ...(role && { role }) })
  const who = role === undefined ? 'somebody' : `somebody with the role ${role}, other than ${context.state.openedBy},`
  return {
    kind: 'hold',
    because: `${batch.title} waits until ${who} approves it`,
    resumeWith: 'serin approve, then serin resume',
    exit: 'held',
  }
}

/** What a baseline is made of; the control plane is read only where it is about to move. */
const BASELINE_OF = new Set([
  'eks:DescribeCluster',
  ...['nodes', 'pods', 'daemonsets', 'deployments', 'statefulsets', 'replicasets'].map((plural) => `kubernetes:${plural}`),
])

/** Waited for within the budget of an unknown, then a person is asked. */
function withoutBaseline(context: Context, key: string, because: string): Decision {
  const waiting = context.state.waits[key]
  if (waiting === undefined) return record({ type: 'waiting-began', on: key, because })
  if (context.now - waiting.since < UNKNOWN_BUDGET) return waitTick(context, because)
  return record({
    type: 'hold-entered',
    because,
    resumeWith: 'Restore the access (`serin permissions --only rbac` prints it) or the API that the message names, then `serin resume`.',
    cause: 'evidence-missing',
  })
}

/** The baseline of a batch is taken right before it acts. */
export const startBatch: Rule = (context) => {
  const { batch, seen } = context
  if (batch === undefined || !isAboutToBegin(context)) return undefined
  // The way back does not wait for what only the gate compares.
  const more = isForward(context) && batch.gates.some(({ kind }) => kind === workloads.kind) ? ENDPOINTS : undefined
  const first = seen.unavailable.find(({ source }) => BASELINE_OF.has(source) || source === more)
  const key = `baseline/${batch.id}`
  if (first !== undefined)
    return withoutBaseline(context, key, `${first.source} cannot be read (${first.reason}); nothing begins without a baseline`)
  if (context.state.waits[key] !== undefined) return record({ type: 'waiting-ended', on: key })
  return record({ type: 'batch-started', batch: batch.id, baseline: takeBatchBaseline(seen) })
}
