import { slowedBecause } from '../../catalog/pace.ts'
import { definitionOf } from '../../catalog/steps/registry.ts'
import { formatDuration } from '../../model/instant.ts'
import type { Step } from '../../model/itinerary.ts'
import { type Context, isGated, isRefused, type Rule, record, settledAt, stepsNow, waitTick } from '../context.ts'
import { outcomeOf, wayBackOf } from '../outcome.ts'
import { isUnshown } from '../remembering.ts'
import type { StepState } from '../state.ts'
import { stepInput } from '../step-input.ts'
import { groupsTouched, hasDeleted } from '../subjects.ts'
import { allPass, judgeGates, soakPassed } from './gates.ts'
import { tidyUp } from './tidying.ts'

/** A batch passes when its steps are done, its gates pass and its soak is over; without an effect there is nothing to gate. */
export const passBatch: Rule = (context) => {
  const { batch, batchState } = context
  if (batch === undefined || settledAt(context) === undefined) return undefined
  if (!isGated(batch, batchState)) return record({ type: 'batch-passed', batch: batch.id })
  if (!allPass(judgeGates(context)) || soakPassed(context) < batch.soak) return undefined
  return record({ type: 'batch-passed', batch: batch.id })
}

/** After the last batch nothing of ours and nothing of EKS's stays on nodes and groups. */
export const finish: Rule = (context) => {
  const { batch, state, itinerary, course, seen } = context
  if (batch !== undefined) return undefined
  const last = course.findLast((candidate) => state.batches[candidate.id] !== undefined)
  const tidying = last === undefined ? undefined : tidyUp(context, last.id, [...groupsTouched(itinerary, state)], false)
  if (tidying !== undefined) return tidying
  const steps = Object.values(state.batches).flatMap((each) => Object.values(each.steps))
  if (steps.some((step) => isUnshown(step, seen.now))) return waitTick(context, 'what the run did last has to show before it can end')
  return keptBatches(context) ?? record({ type: 'run-finished', outcome: state.back === undefined ? done(context) : takenBack(context) })
}

/** After only the failed batch went back, and what belongs to it, what stays is gated once more: it must stand on its own. */
function keptBatches(context: Context): ReturnType<Rule> {
  const { state, itinerary } = context
  if (state.back?.scope !== 'failed-batch') return undefined
  const gone = new Set(state.back.batches.map(({ id }) => id).filter((id) => !isRefused(state.batches[id])))
  const passed = itinerary.batches.filter(
    ({ id, phase }) => phase !== 'addon' && phase !== 'control-plane' && state.batches[id]?.status === 'passed',
  )
  const kept = passed.filter(({ steps }) => !steps.some((step) => gone.has(wayBackOf(step))))
  const judged = kept.flatMap((batch) =>
    judgeGates({ ...context, batch, batchState: state.batches[batch.id] ?? context.batchState }).map((one) => ({ batch, ...one })),
  )
  const open = judged.find(({ judgement }) => judgement.verdict !== 'pass')
  if (open === undefined) return undefined
  const because = `${open.batch.title}, which stays: ${open.kind}: ${open.judgement.reason}`
  if (open.judgement.verdict === 'pending') return waitTick(context, because)
  const cause = open.judgement.verdict === 'fail' ? 'networking-fails' : 'evidence-missing'
  return record({
    type: 'hold-entered',
    because,
    resumeWith: 'Look at what stays; then `serin resume` judges it again, `serin rollback` takes everything back.',
    cause,
  })
}

function done(context: Context): ReturnType<typeof outcomeOf> {
  const { itinerary } = context
  const summary =
    itinerary.batches.length === 0 ? 'nothing to do: the cluster already is as the plan wants it' : `${itinerary.plan} is done`
  return outcomeOf(context, 'ok', summary)
}

function takenBack(context: Context): ReturnType<typeof outcomeOf> {
  const { state } = context
  const { back } = state
  const reason = back?.failure.message ?? 'a person asked'
  const refused = back?.batches.some((batch) => isRefused(context.state.batches[batch.id]))
  const different = templateDiffers(context)
  if (different !== undefined) return outcomeOf(context, 'rollbackFailed', `${reason}. ${different}`)
  const stays = state.back?.scope === 'everything' && deletedForGood(context)
  if (refused || stays) return outcomeOf(context, 'failed', `${reason}. Not everything could be taken back`)
  if (back?.scope === 'failed-batch')
    return outcomeOf(context, 'partlyDone', `${reason}. The failed batch was taken back, what passed its gates stays`)
  return outcomeOf(context, 'rolledBack', `${reason}. Everything was taken back`)
}

/** An old group whose deletion somebody had agreed to is gone, and what took over from it stays. */
function deletedForGood({ itinerary, state }: Context): boolean {
  return itinerary.batches.some(({ id, steps }) => steps.some((step) => step.kind === 'delete-group' && hasDeleted(state, id, step.id)))
}

/** Success of an add-on's way back is the DaemonSet's template, not the version string. */
function templateDiffers({ itinerary, seen, state }: Context): string | undefined {
  const before = itinerary.baseline.awsNodeTemplate
  const now = seen.awsNode?.templateDigest
  const wentBack = state.back?.batches.some(({ id, steps }) =>
    steps.some((step) => step.kind === 'addon-update' && step.addon === 'vpc-cni' && state.batches[id]?.status === 'passed'),
  )
  if (!wentBack || state.back?.scope !== 'everything' || before === undefined || now === before) return undefined
  return now === undefined
    ? 'Whether aws-node is as it was cannot be read'
    : 'The aws-node DaemonSet is not as it was: images, environment, resources, tolerations or update strategy differ from the baseline'
}

/** A way back that failed may be tried again, once for each time that somebody asks. */
export const alreadyFinished: Rule = ({ state, requests }) => {
  if (state.outcome === undefined) return undefined
  const anew = requests.some(({ id, kind }) => kind === 'rollback' && !state.requestsTaken.includes(id))
  const again = state.outcome.exit === 'rollbackFailed' && (state.asked?.kind === 'rollback' || anew)
  return again ? undefined : { kind: 'finished', outcome: state.outcome }
}

/** Nothing to decide until the world has moved on. */
export const waitForTheWorld: Rule = (context) => waitTick(context, waitingFor(context))

function waitingFor(context: Context): string {
  const { batch, batchState } = context
  if (batch === undefined) return 'the world to settle'
  const judged = judgeGates(context)
  const open = judged.find(({ judgement }) => judgement.verdict !== 'pass')
  const moving = stepsNow(context).find(({ state }) => state.doneAt === undefined)
  if (moving !== undefined) {
    const told =
      tellOf(context, moving.step, moving.state) ??
      (moving.state.acceptedAt === undefined ? slowedBecause(context.seen, context.now) : undefined)
    const happens = told === undefined ? moving.step.title : `${moving.step.title}; ${told}`
    return open === undefined ? happens : `${happens}; ${open.kind}: ${open.judgement.reason}`
  }
  if (open !== undefined) return `${open.kind}: ${open.judgement.reason}`
  if (batch.soak > 0 && isGated(batch, batchState))
    return `soak: ${formatDuration(soakPassed(context))} of ${formatDuration(batch.soak)} seen passing`
  return batch.title
}

function tellOf(context: Context, step: Step, state: StepState): string | undefined {
  if (state.acceptedAt === undefined) return undefined
  const input = { ...stepInput(context, step, state), acceptedAt: state.acceptedAt, updateId: state.updateId }
  return definitionOf(step).tells?.(input as never)
}
