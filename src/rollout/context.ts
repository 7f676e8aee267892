import { definitionOf } from '../catalog/steps/registry.ts'
import type { Failure } from '../model/failure.ts'
import type { Instant, Millis } from '../model/instant.ts'
import { MINUTE, SECOND } from '../model/instant.ts'
import type { Batch, Itinerary, Step } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { RunRequest } from '../ports/run-record.ts'
import type { Decision } from './decision.ts'
import { type BatchState, type RunState, type StepState, UNTOUCHED, WAITING } from './state.ts'
import { isWatching } from './watching.ts'

/** Everything a rule may look at. */
export interface Context {
  readonly itinerary: Itinerary
  readonly state: RunState
  readonly seen: Seen
  readonly now: Instant
  /** Requests of people in the open-run record that were not taken yet. */
  readonly requests: readonly RunRequest[]
  /** Stop before the first batch that lies beyond this phase or batch: `canary`, `addon`, or a batch id. */
  readonly until?: string
  /** Somebody interrupted the driver: nothing new begins, what EKS does is watched until it has ended. */
  readonly stopping?: boolean
  /** The batches of the course the run is on: forward, or the way back. */
  readonly course: readonly Batch[]
  /** The first batch of the course that has not passed. */
  readonly batch?: Batch
  readonly batchState: BatchState
}

/** One rule of the decision: says what next, or leaves it to the rules after it. */
export type Rule = (context: Context) => Decision | undefined

/** How often the world is looked at while something moves. */
export const TICK: Millis = 10 * SECOND
/** How much more seldom it is looked at while Serin's own calls are throttled. */
const SLOWED = 3
/** How long an unknown may last before the run holds. */
export const UNKNOWN_BUDGET: Millis = 10 * MINUTE
/** How long throttling or an unreachable API may delay a command before the run holds. */
export const UNSETTLED_BUDGET: Millis = 20 * MINUTE

/** The first batch of the course, forward or back, that is not behind the run. */
export function batchNow(itinerary: Itinerary, state: RunState): Batch | undefined {
  return courseOf(itinerary, state).find((candidate) => !isOver(state.batches[candidate.id]))
}

function courseOf(itinerary: Itinerary, state: RunState): readonly Batch[] {
  if (state.back !== undefined) return state.back.batches
  const { cures } = state
  return cures === undefined ? itinerary.batches : itinerary.batches.flatMap((batch) => [...(cures[batch.id]?.batches ?? []), batch])
}

/** The batch that a batch of this run cures, with what failed there; undefined for one that cures nothing. */
export function curedBy(
  { cures = {} }: RunState,
  cure: string | undefined,
): { readonly batch: string; readonly failure: Failure } | undefined {
  const found = Object.entries(cures).find(([, { batches }]) => batches.some(({ id }) => id === cure))
  return found && { batch: found[0], failure: found[1].failure }
}

export function contextOf(input: Omit<Context, 'course' | 'batch' | 'batchState'>): Context {
  const { itinerary, state } = input
  const course = courseOf(itinerary, state)
  const batch = batchNow(itinerary, state)
  return { ...input, course, batch, batchState: (batch && state.batches[batch.id]) ?? WAITING }
}

/** Whether a batch is behind the run: passed, finished by hand, or refused by EKS for good on the way back. */
export function isOver(batch: BatchState | undefined): boolean {
  return batch?.status === 'passed' || batch?.status === 'accepted' || isRefused(batch)
}

/** EKS refused to take this back; it is passed over, so that the rest still goes back. */
export function isRefused(batch: BatchState | undefined): boolean {
  return batch?.status === 'failed' && batch.failure?.cause === 'way-back-refused'
}

function stepState(batch: BatchState, step: Step): StepState {
  return batch.steps[step.id] ?? UNTOUCHED
}

/** Steps of the current batch with their state. */
export function stepsNow(context: Context): readonly { readonly step: Step; readonly state: StepState }[] {
  return (context.batch?.steps ?? []).map((step) => ({ step, state: stepState(context.batchState, step) }))
}

/** The failure of the current batch: of its gates, or the first of its steps. */
export function failureOf(context: Context): Failure | undefined {
  return context.batchState.failure ?? stepsNow(context).find(({ state }) => state.failure !== undefined)?.state.failure
}

/** Failures of which the state of nodes and pods tells nothing. */
const NOT_OF_THE_NETWORK: ReadonlySet<Failure['cause']> = new Set(['eviction-blocked', 'throttled', 'way-back-refused', 'asked'])

/** The failure of the current batch while nobody has looked for its cause. */
export function undiagnosed(context: Context): Failure | undefined {
  const failure = failureOf(context)
  return failure === undefined || failure.diagnosis !== undefined || NOT_OF_THE_NETWORK.has(failure.cause) ? undefined : failure
}

/** Steps of the current batch that are in the middle of something: EKS works on them, or a node is half drained. */
export function movingSteps(context: Context): ReturnType<typeof stepsNow> {
  const { seen, now, itinerary } = context
  return stepsNow(context).filter(({ step, state }) => {
    if (state.acceptedAt === undefined || state.doneAt !== undefined || state.failure !== undefined) return false
    const { atRest } = definitionOf(step)
    return atRest?.({ step, seen, now, baseline: itinerary.baseline, memory: state.memory } as never) !== true
  })
}

/**
 * No command of the current batch is intended without an answer that settles it. Commands of a step that is done, as the world shows,
 * or that has failed are not sent again: nothing would ever settle them.
 */
export function atSafePoint(context: Context): boolean {
  return stepsNow(context).every(({ state: { commands, doneAt, failure } }) => {
    const isSentAgain = doneAt === undefined && failure === undefined
    return commands.every(({ result }) => result !== undefined && !(isSentAgain && result.kind === 'unsettled'))
  })
}

/** Nothing new begins: the driver was interrupted, or a person asked to hold. */
export function isStopping({ stopping, state }: Context): boolean {
  return stopping === true || state.asked?.kind === 'hold'
}

/** Whether any command of the batch had an effect: without one there is nothing to gate. */
export function batchActed(batch: BatchState): boolean {
  return Object.values(batch.steps).some((step) => step.acted === true)
}

/** Whether there is something to gate: the batch had an effect, or looks at nodes that others move. */
export function isGated(batch: Batch, state: BatchState): boolean {
  return batchActed(state) || isWatching(batch)
}

/** When every step of the current batch was done, or undefined while one is not. */
export function settledAt(context: Context): Instant | undefined {
  const times = stepsNow(context).map(({ state }) => state.doneAt)
  if (times.length === 0 || times.some((time) => time === undefined)) return undefined
  return Math.max(...times.map((time) => time ?? 0))
}

export function record(...events: Extract<Decision, { kind: 'record' }>['events']): Decision {
  return { kind: 'record', events }
}

export function waitTick(context: Context, because: string): Decision {
  const paces = stepsNow(context).map(({ step, state }) =>
    state.doneAt === undefined ? (definitionOf(step).repeats?.every ?? TICK) : TICK,
  )
  const slower = context.seen.throttled > 0 ? SLOWED : 1
  return { kind: 'wait', until: context.now + slower * Math.min(TICK, ...paces), because }
}

/** What several rules of one decision ask for, worked out once from what they all look at: on thousands of nodes it is what a decision costs. */
export function oncePerDecision<T>(work: (context: Context) => T): (context: Context) => T {
  const known = new WeakMap<Context, { readonly answer: T }>()
  return (context) => {
    const found = known.get(context) ?? { answer: work(context) }
    known.set(context, found)
    return found.answer
  }
}
