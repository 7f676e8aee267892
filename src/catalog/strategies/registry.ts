import type { StrategyDefinition } from './definition.ts'
import { managedInPlace } from './managed-in-place.ts'

/** Ways to upgrade a node group, in reading order. A plan that names another is refused by name. */
export const STRATEGIES: readonly StrategyDefinition[] = [
  // For every EKS managed node group; the default.
  managedInPlace,
]
