import type { GroupSpec, ReplacePace } from './intent.ts'
import type { GroupSizes, StepBase } from './itinerary.ts'
import type { NewGroup } from './replacement.ts'

/** Steps by which a new group takes over from an old one. */

/** A group made beside an old one, which takes over from it. */
export interface CreateGroupStep extends StepBase {
  readonly kind: 'create-group'
  readonly group: string
  readonly replaces: string
  readonly made: NewGroup
  readonly sizes: GroupSizes
  readonly nodes: number
}

/** Workloads moved from the nodes of one group to those of another, which grows as they come; the empty nodes stay. */
export interface MoveStep extends StepBase {
  readonly kind: 'move-workloads'
  /** Where they go. */
  readonly group: string
  readonly from: string
  /** The step that made the new group of the two. */
  readonly createdBy: string
  readonly before: GroupSpec
  readonly after: GroupSpec
  /** So many nodes are to be empty; all when absent. */
  readonly upTo?: number
  /** The sizes that `group` is left with; absent on the way back, where it has never been scaled. */
  readonly sizes?: GroupSizes
  readonly nodes: number
  readonly nodeClass: string
  readonly zones: readonly string[]
  readonly pace: ReplacePace
}

/** A group that carries nothing any more is deleted. */
export interface DeleteGroupStep extends StepBase {
  readonly kind: 'delete-group'
  readonly group: string
  /** Only if this run made it; else only if it is the very group of the baseline. */
  readonly own: boolean
  /** What it was known by when the itinerary was made, for a group that the run did not make. */
  readonly arn?: string
}
