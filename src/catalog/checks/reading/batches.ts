import type { GroupIntent, Intent } from '../../../model/intent.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import { groupBatches } from '../../batches.ts'

/** Groups that are in flight together, in the order of the run. */
export function groupsTogether(plan: UpgradePlan, intent: Intent): readonly (readonly GroupIntent[])[] {
  return groupBatches(plan, intent).map(({ groups }) => groups)
}

/** Groups whose extra nodes are there at the same time: those in flight, and those whose old nodes are kept until the end. */
export function groupsBeside(plan: UpgradePlan, intent: Intent): readonly (readonly GroupIntent[])[] {
  const batches = groupsTogether(plan, intent)
  return batches.map((groups, index) => [
    ...batches
      .slice(0, index)
      .flat()
      .filter(({ replacement }) => replacement !== undefined),
    ...groups,
  ])
}
