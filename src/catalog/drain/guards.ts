import type { BoundPod } from '../../model/bound-pod.ts'
import type { BudgetFacts } from '../../model/seen.ts'

/** The pods of a budget by key; the list keeps its identity while the set of pods is the same, so this is built once. */
const keysOf = new WeakMap<BudgetFacts['pods'], ReadonlySet<string>>()

/** The budgets that guard a pod. Budgets only guard pods of their own namespace, so only those are looked at. */
export function budgetsByPod(budgets: readonly BudgetFacts[]): (pod: BoundPod) => readonly BudgetFacts[] {
  const byNamespace = Map.groupBy(budgets, ({ key }) => key.slice(0, key.indexOf('/')))
  return ({ key, namespace }) => (byNamespace.get(namespace) ?? []).filter(({ pods }) => guardedKeys(pods).has(key))
}

function guardedKeys(pods: BudgetFacts['pods']): ReadonlySet<string> {
  const known = keysOf.get(pods)
  if (known !== undefined) return known
  const made = new Set(pods.map(({ pod }) => pod))
  keysOf.set(pods, made)
  return made
}
