import type { GroupIntent } from '../../model/intent.ts'
import type { Step } from '../../model/itinerary.ts'
import type { UpgradePlan } from '../../model/plan.ts'

/** How one node group is upgraded. */
export interface StrategyDefinition {
  /** As plans name it: `managed-in-place`. */
  readonly kind: string
  readonly summary: string
  /** What it can take back and what not, for docs. */
  readonly rollback: string
  readonly source: string
  /** The steps for one group, ids under `batchId`. Pure. */
  readonly steps: (input: { group: GroupIntent; plan: UpgradePlan; batchId: string }) => readonly Step[]
}
