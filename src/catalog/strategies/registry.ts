import type { StrategyDefinition } from './definition.ts'
import { drainAndReplace } from './drain-and-replace.ts'
import { managedInPlace } from './managed-in-place.ts'

/** Ways to upgrade a node group, in reading order. A plan that names another is refused by name. */
export const STRATEGIES: readonly StrategyDefinition[] = [
  // For every EKS managed node group; the default.
  managedInPlace,
  // For Auto Scaling groups that EKS does not manage, `asg:NAME`; the default there.
  drainAndReplace,
]
