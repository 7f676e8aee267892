import type { BudgetObject, PodObject } from './objects.ts'
import { controllerOf, isReady, isTerminating } from './objects.ts'

/** A budget and the pods its selector matches, counted as they change. */
export interface GuardedPods {
  budget: BudgetObject
  healthy(): number
  size(): number
  put(pod: PodObject): void
  /** By its uid. */
  take(uid: string): void
  /** One pod of each controller, and the pods that have none. */
  owners(): Iterable<PodObject>
}

interface Guarded {
  readonly references: unknown
  readonly owner: string
  healthy: boolean
}

export function createGuardedPods(budget: BudgetObject): GuardedPods {
  const pods = new Map<string, Guarded>()
  const owners = new Map<string, { pod: PodObject; count: number }>()
  let healthy = 0

  function take(uid: string): void {
    const guarded = pods.get(uid)
    if (!guarded) return
    pods.delete(uid)
    if (guarded.healthy) healthy--
    const owner = owners.get(guarded.owner)
    if (owner && --owner.count === 0) owners.delete(guarded.owner)
  }

  function add(pod: PodObject): Guarded {
    const { uid, ownerReferences: references } = pod.metadata
    take(uid)
    const guarded = { references, owner: controllerOf(pod)?.uid ?? uid, healthy: false }
    pods.set(uid, guarded)
    const known = owners.get(guarded.owner)
    if (known) known.count++
    else owners.set(guarded.owner, { pod, count: 1 })
    return guarded
  }

  return {
    budget,
    healthy: () => healthy,
    size: () => pods.size,
    put(pod) {
      const known = pods.get(pod.metadata.uid)
      const guarded = known?.references === pod.metadata.ownerReferences ? (known ?? add(pod)) : add(pod)
      const now = isHealthy(pod)
      if (now !== guarded.healthy) healthy += now ? 1 : -1
      guarded.healthy = now
    },
    take,
    owners: () => [...owners.values()].map(({ pod }) => pod),
  }
}

function isHealthy(pod: PodObject): boolean {
  return isReady(pod) && !isTerminating(pod)
}
