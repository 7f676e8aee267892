import type { GroupMove } from '../../forecast/drain/rolling.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { Step, StepForecast, UpdateSettings } from '../../model/itinerary.ts'
import type { UpgradePlan } from '../../model/plan.ts'

export interface StrategyInput {
  readonly group: GroupIntent
  readonly plan: UpgradePlan
  readonly batchId: string
  readonly forecast: StepForecast
  /** The group's own update settings; EKS takes them from the group, not from the call. */
  readonly settings: UpdateSettings
}

/** How one node group is upgraded. */
export interface StrategyDefinition {
  /** As plans name it: `managed-in-place`. */
  readonly kind: string
  /** Which groups it can move. */
  readonly fits: 'managed' | 'self-managed'
  readonly summary: string
  /** What it can take back and what not, for docs. */
  readonly rollback: string
  readonly source: string
  /** How its nodes go, for forecasts. */
  readonly move: (group: GroupIntent) => GroupMove
  /** The steps for one group, ids under `batchId`. Pure. */
  readonly steps: (input: StrategyInput) => readonly Step[]
}
