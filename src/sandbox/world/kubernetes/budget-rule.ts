import { scaled } from './quantity.ts'

export interface BudgetCounts {
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
}

export interface BudgetSubjects {
  /** Pods the selector matches. */
  readonly pods: number
  /** Those that are Ready and not terminating. */
  readonly healthy: number
  /** Replicas that the pods' controllers ask for, in sum. */
  readonly scale: number
}

/**
 * What a PodDisruptionBudget allows. A plain minAvailable expects the pods that are there; a percentage and every
 * maxUnavailable expect what the controllers ask for. Percentages are rounded up, also those of maxUnavailable.
 * Rule: getExpectedScale, getDesiredHealthy in k8s.io/kubernetes/pkg/controller/disruption/disruption.go.
 */
export function budgetCounts(
  spec: { readonly minAvailable?: number | string; readonly maxUnavailable?: number | string },
  { pods, healthy, scale }: BudgetSubjects,
): BudgetCounts {
  const { minAvailable, maxUnavailable } = spec
  const expectedPods = maxUnavailable === undefined && typeof minAvailable === 'number' ? pods : scale
  const desiredHealthy =
    maxUnavailable === undefined
      ? scaled(minAvailable ?? 0, expectedPods, 'up')
      : Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods, 'up'))
  const spare = expectedPods > 0 ? healthy - desiredHealthy : 0
  return { disruptionsAllowed: Math.max(0, spare), currentHealthy: healthy, desiredHealthy, expectedPods }
}
