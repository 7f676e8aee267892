import type { NotedCause } from './diagnosis.ts'
import type { Batch } from './itinerary.ts'
import type { Evidence } from './verdict.ts'

/** Why something did not work out. The cause decides the answer, not the gate that noticed it. */
export type FailureCause =
  | 'eviction-blocked'
  | 'no-capacity'
  | 'throttled'
  | 'control-fails-too'
  | 'nodes-never-join'
  | 'addon-refused'
  | 'update-refused'
  | 'update-failed'
  | 'update-overdue'
  | 'addon-fails'
  | 'control-plane-fails'
  | 'networking-fails'
  | 'workloads-fail'
  | 'nodes-cordoned'
  | 'others-at-work'
  | 'evidence-missing'
  | 'way-back-refused'
  | 'asked'

export interface Failure {
  readonly cause: FailureCause
  /** The step or batch it is about. */
  readonly at: string
  readonly message: string
  readonly evidence: readonly Evidence[]
  /** Nodes that show it. */
  readonly nodes: readonly string[]
  /** What the signatures make of the cluster as it was when this happened; empty when none fits. Absent until it was looked at. */
  readonly diagnosis?: readonly NotedCause[]
  /** What cures it within the plan's bounds; absent where nothing may. */
  readonly cure?: readonly Batch[]
  /** Nodes that had been changed when it was noticed: what was exposed before the run could stop. */
  readonly exposed?: readonly string[]
}
