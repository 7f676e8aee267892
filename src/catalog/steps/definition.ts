import type { Action } from '../../model/command.ts'
import type { Failure } from '../../model/failure.ts'
import type { Instant } from '../../model/instant.ts'
import type { Baseline, Step, StepKind } from '../../model/itinerary.ts'
import type { Seen } from '../../model/seen.ts'

/** Where a step stands, judged by looking at the world. */
export type Progress =
  | { readonly kind: 'in-progress'; readonly because: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Omit<Failure, 'at'> }

export interface StepInput<S extends Step> {
  readonly step: S
  readonly seen: Seen
  readonly now: Instant
  readonly baseline: Baseline
  /** When the first command of the step was accepted. */
  readonly acceptedAt: Instant
  /** The EKS update that works on it, when there is one. */
  readonly updateId?: string
}

export interface StepDefinition<K extends StepKind = StepKind> {
  readonly kind: K
  readonly title: string
  readonly reversibility: 'reversible' | 'compensable' | 'point of no return'
  /** The API call it makes, as `plan` prints it. */
  readonly call: (step: Extract<Step, { kind: K }>) => string
  /** What is to be done now; empty when the world already is as the step wants it. */
  readonly actions: (input: Omit<StepInput<Extract<Step, { kind: K }>>, 'acceptedAt' | 'updateId'>) => readonly Action[]
  readonly progress: (input: StepInput<Extract<Step, { kind: K }>>) => Progress
  /** The step that takes this one back, or undefined when there is nothing to take back. */
  readonly compensate: (step: Extract<Step, { kind: K }>, id: string) => Step | undefined
}
