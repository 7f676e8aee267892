import type { StepBase } from './itinerary.ts'

/** Nodes of a pool that others move, watched until they have come to a minor. */
export interface ObserveStep extends StepBase {
  readonly kind: 'observe-nodes'
  /** The pool, `karpenter:default`. */
  readonly group: string
  readonly minor: string
  /** Names of its nodes when the run was planned, and of those that ran another minor. */
  readonly there: readonly string[]
  readonly behind: readonly string[]
  readonly happens: string
  readonly person: string
}
