import type { Budgets } from './budgets.ts'
import { deletePod } from './deletion.ts'
import type { Ground } from './ground.ts'
import type { BudgetObject, PodObject } from './objects.ts'
import { isReady, isTerminating, keyOf } from './objects.ts'
import { notFound } from './store.ts'

export type Eviction =
  | { readonly evicted: true }
  /** `budgets` as `namespace/name`; `message` is the text of the Status' cause, or of the 500 when two budgets match. */
  | { readonly evicted: false; readonly budgets: readonly string[]; readonly message: string }

const AMBIGUOUS = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'

/**
 * The eviction subresource: pods that are pending, ended or going anyway are deleted without asking a budget; two
 * budgets are an error; an unready pod may go while its budget is healthy, or always where the budget says so.
 * Rule: k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go. Throws WireError 404 when there is no such pod.
 */
export function evictPod(ground: Ground, budgets: Budgets, namespace: string, name: string, dryRun: boolean): Eviction {
  const pod = ground.store.get('Pod', namespace, name) as PodObject | undefined
  if (!pod) throw notFound('Pod', name)
  const refusal = ignoresBudgets(pod) ? undefined : refusalOf(pod, budgets.guarding(pod))
  if (refusal) return refusal
  if (!dryRun) deletePod(ground, namespace, name)
  return { evicted: true }
}

function ignoresBudgets(pod: PodObject): boolean {
  return isTerminating(pod) || pod.status?.phase !== 'Running'
}

function refusalOf(pod: PodObject, guarding: readonly BudgetObject[]): Eviction | undefined {
  const [budget, ...others] = guarding
  if (!budget) return undefined
  const refuse = (message: string): Eviction => ({ evicted: false, budgets: guarding.map(keyOf).sort(), message })
  if (others.length > 0) return refuse(AMBIGUOUS)
  const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
  if (disruptionsAllowed > 0) return undefined
  if (!isReady(pod) && (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || spares(currentHealthy, desiredHealthy)))
    return undefined
  const { name } = budget.metadata
  return refuse(`The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`)
}

function spares(currentHealthy: number, desiredHealthy: number): boolean {
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy
}
