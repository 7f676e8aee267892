import type { GroupIntent, Intent } from '../../../model/intent.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import { groupBatches } from '../../batches.ts'

/** Groups that are in flight together, in the order of the run. */
export function groupsTogether(plan: UpgradePlan, intent: Intent): readonly (readonly GroupIntent[])[] {
  return groupBatches(plan, intent).map(({ groups }) => groups)
}
