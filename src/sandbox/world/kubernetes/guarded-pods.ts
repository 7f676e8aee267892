import type { BudgetObject, PodObject } from './objects.ts'
import { controllerOf, isReady, isTerminating, keyOf } from './objects.ts'

/** A budget and the pods its selector matches, counted as they change. */
export interface GuardedPods {
  budget: BudgetObject
  healthy(): number
  size(): number
  put(pod: PodObject): void
  take(key: string): void
  /** One pod of each controller, and the pods that have none. */
  owners(): Iterable<PodObject>
}

export function createGuardedPods(budget: BudgetObject): GuardedPods {
  const pods = new Map<string, PodObject>()
  const owners = new Map<string, { pod: PodObject; count: number }>()
  let healthy = 0

  const ownerKey = (pod: PodObject) => controllerOf(pod)?.uid ?? pod.metadata.uid

  function take(key: string): void {
    const pod = pods.get(key)
    if (!pod) return
    pods.delete(key)
    if (isHealthy(pod)) healthy--
    const owner = owners.get(ownerKey(pod))
    if (owner && --owner.count === 0) owners.delete(ownerKey(pod))
  }

  return {
    budget,
    healthy: () => healthy,
    size: () => pods.size,
    put(pod) {
      take(keyOf(pod))
      pods.set(keyOf(pod), pod)
      if (isHealthy(pod)) healthy++
      const owner = owners.get(ownerKey(pod))
      if (owner) owner.count++
      else owners.set(ownerKey(pod), { pod, count: 1 })
    },
    take,
    owners: () => [...owners.values()].map(({ pod }) => pod),
  }
}

function isHealthy(pod: PodObject): boolean {
  return isReady(pod) && !isTerminating(pod)
}
