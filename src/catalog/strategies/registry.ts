import type { StrategyDefinition } from './definition.ts'
import { drainAndReplace } from './drain-and-replace.ts'
import { managedInPlace } from './managed-in-place.ts'
import { observeOnly } from './observe-only.ts'
import { replacementGroup } from './replacement-group.ts'

/** Ways to upgrade a node group, in reading order. A plan that names another is refused by name. */
export const STRATEGIES: readonly StrategyDefinition[] = [
  // For every EKS managed node group; the default.
  managedInPlace,
  // For Auto Scaling groups that EKS does not manage, `asg:NAME`; the default there.
  drainAndReplace,
  // For either, where nothing else leads there (another AMI type), or the way back has to be cheap to the end.
  replacementGroup,
  // For nodes that no group launches: Karpenter, Auto Mode, Fargate, hybrid; the only one there.
  observeOnly,
]

/** The strategy that moves a group. @throws a defect for a name that no plan gets past its loader. */
export function strategyOf({ strategy }: { readonly strategy: string }): StrategyDefinition {
  const found = STRATEGIES.find(({ kind }) => kind === strategy)
  if (found === undefined) throw new Error(`no strategy ${strategy}: the plan loader should have refused it`)
  return found
}
