import type { UpgradePlan } from '../../../model/plan.ts'
import type { CheckFinding } from '../definition.ts'

/** What was found, or where nothing was found one pass that says what was looked at. */
export function foundOr(found: readonly CheckFinding[], plan: UpgradePlan, lookedAt: string): readonly CheckFinding[] {
  return found.length > 0 ? found : [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: lookedAt }]
}
