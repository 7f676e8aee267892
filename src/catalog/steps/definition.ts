import type { Action } from '../../model/command.ts'
import type { Failure } from '../../model/failure.ts'
import type { Instant, Millis } from '../../model/instant.ts'
import type { Baseline, Step, StepKind } from '../../model/itinerary.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import type { Refusal } from '../drain/drain.ts'

/** Where a step stands, judged by looking at the world. */
export type Progress =
  | { readonly kind: 'in-progress'; readonly because: string; readonly skip?: readonly SkippedNode[]; readonly stalled?: Stalled }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Omit<Failure, 'at'> }

/** What keeps a step from going on and may pass by itself: waited for that long, then the step fails by it. */
export interface Stalled {
  readonly within: Millis
  readonly failure: Omit<Failure, 'at'>
}

/** A node that is left as it is, because the plan allows it. */
export interface SkippedNode {
  readonly node: string
  readonly because: string
}

/** What a step that Serin drives node by node remembers of what it did; all the rest it reads off the world. */
export interface StepMemory {
  /** When the like was last accepted, by `cordon/ip-10-0-1-2`: the world needs a moment to show it. */
  readonly lately: Readonly<Record<string, Instant>>
  /** Nodes whose drain has begun, since when. */
  readonly draining: Readonly<Record<string, Instant>>
  /** Instances told to go, by id. */
  readonly terminated: Readonly<Record<string, Instant>>
  /** Refused evictions by the pod's uid. */
  readonly refusals: Readonly<Record<string, Refusal>>
  /** By how much the desired size stands above what it was. */
  readonly raised: number
  /** The group's own size when it was last raised, and when. */
  readonly sized?: { readonly keeps: number; readonly at: Instant }
  readonly skipped: Readonly<Record<string, string>>
}

export const NO_MEMORY: StepMemory = { lately: {}, draining: {}, terminated: {}, refusals: {}, raised: 0, skipped: {} }

export interface StepInput<S extends Step> {
  readonly step: S
  readonly seen: Seen
  readonly now: Instant
  readonly baseline: Baseline
  /** The run, by which what it made is known again. */
  readonly run?: string
  /** When the first command of the step was accepted. */
  readonly acceptedAt: Instant
  /** The same, undefined while none was. */
  readonly begunAt?: Instant
  /** The EKS update that works on it, when there is one. */
  readonly updateId?: string
  readonly memory?: StepMemory
  /** Whether a node has shown what the batch's gates ask of a single one; a node that was there before only has to be Ready. */
  readonly proven?: (node: NodeFacts) => boolean
  /** Instances that the run has told to go. */
  readonly gone?: ReadonlySet<string>
  /** Whether a cordon on a node that came during the run is a person's. */
  readonly closedByPeople?: (node: string) => boolean
  /** Nothing new begins: what is half done is finished. */
  readonly finishing?: boolean
}

export interface StepDefinition<K extends StepKind = StepKind> {
  readonly kind: K
  readonly title: string
  readonly reversibility: 'reversible' | 'compensable' | 'point of no return'
  /** The API call it makes, as `plan` prints it. */
  readonly call: (step: Extract<Step, { kind: K }>) => string
  /** What is to be done now; empty when the world already is as the step wants it. */
  readonly actions: (input: Omit<StepInput<Extract<Step, { kind: K }>>, 'acceptedAt' | 'updateId'>) => readonly Action[]
  /** Actions are asked for again and again until the progress is done; such a step is driven by Serin and not by EKS. */
  readonly repeats?: { readonly every: Millis }
  /** Whether nothing of it is half done, so that it may be left as it is. Absent: only when it is done. */
  readonly atRest?: (input: Omit<StepInput<Extract<Step, { kind: K }>>, 'acceptedAt' | 'updateId'>) => boolean
  readonly progress: (input: StepInput<Extract<Step, { kind: K }>>) => Progress
  /** What happens while it goes on, in words; for people who watch. */
  readonly tells?: (input: StepInput<Extract<Step, { kind: K }>>) => string | undefined
  /** The step that takes this one back, or undefined when there is nothing to take back. */
  readonly compensate: (step: Extract<Step, { kind: K }>, id: string) => Step | undefined
}
