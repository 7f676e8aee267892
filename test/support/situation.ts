import type { CheckInput } from '../../src/catalog/checks/definition.ts'
import type { Instant } from '../../src/model/instant.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { resolveIntent } from '../../src/plan/resolve.ts'
import { healthyIntent, healthyPlan, healthySnapshot, NOW, type SnapshotChange } from './snapshot-builder.ts'

/** What differs from the healthy cluster, its plan, what the plan means on it, and the time. */
export interface Situation {
  readonly snapshot?: readonly SnapshotChange[]
  readonly plan?: Partial<UpgradePlan>
  /** `resolved`: what the plan really means on the snapshot. */
  readonly intent?: Partial<Intent> | 'resolved'
  readonly now?: Instant
}

export function inputOf({ snapshot: changes = [], plan: parts, intent: meant, now = NOW }: Situation): CheckInput {
  const [snapshot, plan] = [healthySnapshot(...changes), healthyPlan(parts)]
  const intent = meant === 'resolved' ? resolveIntent(plan, snapshot) : healthyIntent(meant)
  return { snapshot, plan, intent, now, options: {} }
}
