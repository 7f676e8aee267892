import type { CheckInput } from '../../src/catalog/checks/definition.ts'
import type { Instant } from '../../src/model/instant.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { healthyIntent, healthyPlan, healthySnapshot, NOW, type SnapshotChange } from './snapshot-builder.ts'

/** What differs from the healthy cluster, its plan, what the plan means on it, and the time. */
export interface Situation {
  readonly snapshot?: readonly SnapshotChange[]
  readonly plan?: Partial<UpgradePlan>
  readonly intent?: Partial<Intent>
  readonly now?: Instant
}

export function inputOf({ snapshot = [], plan, intent, now = NOW }: Situation): CheckInput {
  return { snapshot: healthySnapshot(...snapshot), plan: healthyPlan(plan), intent: healthyIntent(intent), now, options: {} }
}
