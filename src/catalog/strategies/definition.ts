import type { GroupMove } from '../../forecast/drain/rolling.ts'
import type { Millis } from '../../model/instant.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { Batch, Step, StepForecast, UpdateSettings } from '../../model/itinerary.ts'
import type { UpgradePlan } from '../../model/plan.ts'

export interface StrategyInput {
  readonly group: GroupIntent
  readonly plan: UpgradePlan
  readonly batchId: string
  readonly forecast: StepForecast
  /** The group's own update settings; EKS takes them from the group, not from the call. */
  readonly settings: UpdateSettings
}

/** One line of the truth table: what can go back, by which call, under which restrictions. */
export interface WayBackRow {
  readonly what: string
  /** An earlier AMI release or image of the same minor. */
  readonly image: string
  /** An earlier Kubernetes minor. */
  readonly minor: string
  readonly call: string
  readonly restrictions: string
  /** What Serin does where it is refused, or has gone. */
  readonly otherwise: string
}

/** How one node group is upgraded. */
export interface StrategyDefinition {
  /** As plans name it: `managed-in-place`. */
  readonly kind: string
  /** Which groups it can move. */
  readonly fits: 'managed' | 'self-managed' | 'both' | 'observed'
  readonly summary: string
  /** What it can take back and what not, for docs. */
  readonly rollback: string
  readonly waysBack: readonly WayBackRow[]
  readonly source: string
  /** How its nodes go, for forecasts. */
  readonly move: (group: GroupIntent) => GroupMove
  /** The steps for one group, ids under `batchId`. Pure. */
  readonly steps: (input: StrategyInput) => readonly Step[]
  /**
   * Where a group is moved in parts: the batch of its first steps, given, and those that follow it; and what is done last of all,
   * when every other batch of the run has passed. Such a group is alone in its batch.
   */
  /** How long it waits in all, with the soak of its batch; that alone when absent. */
  readonly waits?: (group: GroupIntent, soak: Millis) => Millis
  readonly spread?: (batch: Batch, input: StrategyInput) => { readonly now: readonly Batch[]; readonly last: readonly Batch[] }
}
