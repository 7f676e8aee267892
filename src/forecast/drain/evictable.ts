import { type Pod, type PodDisruptionBudget, selectorMatches } from '../../model/kubernetes.ts'

/** What a drain of some nodes would meet: which pods it evicts, and which budgets hold them. */

/** A pod that a drain evicts: not of a DaemonSet, not a mirror pod, not finished, not on its way out already. */
export function isEvictable(pod: Pod): boolean {
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  const mirror = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  const ofDaemonSet = pod.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.kind === 'DaemonSet') ?? false
  return !finished && !mirror && !ofDaemonSet && pod.metadata.deletionTimestamp === undefined
}

/** Whether a budget guards a pod. In `policy/v1` an empty selector guards every pod of its namespace, an absent one none. */
export function guards(budget: PodDisruptionBudget, pod: Pod): boolean {
  if (budget.metadata.namespace !== pod.metadata.namespace) return false
  return selectorMatches(budget.spec?.selector, pod.metadata.labels)
}

type Guarding = (pod: Pod) => readonly PodDisruptionBudget[]

/** Several checks ask the same of the budgets and pods of one snapshot. */
const guardings = new WeakMap<readonly PodDisruptionBudget[], Guarding>()

/** The budgets that guard a pod, found by a label that their selectors ask for: a cluster has thousands of either. */
export function guardsOf(budgets: readonly PodDisruptionBudget[]): Guarding {
  const known = guardings.get(budgets) ?? oncePerPod(lookedUpIn(budgets))
  guardings.set(budgets, known)
  return known
}

function oncePerPod(look: Guarding): Guarding {
  const known = new WeakMap<Pod, readonly PodDisruptionBudget[]>()
  return (pod) => {
    const found = known.get(pod) ?? look(pod)
    known.set(pod, found)
    return found
  }
}

function lookedUpIn(budgets: readonly PodDisruptionBudget[]): Guarding {
  const shelves = new Map([...Map.groupBy(budgets, ({ metadata }) => metadata.namespace)].map(([name, all]) => [name, shelved(all)]))
  return (pod) => {
    const shelf = shelves.get(pod.metadata.namespace)
    if (shelf === undefined) return NONE
    const { labels = {} } = pod.metadata
    const found: PodDisruptionBudget[] = []
    for (const [key, byValue] of shelf) {
      const asked = byValue.get(key === undefined ? undefined : labels[key])
      if (asked !== undefined) found.push(...asked.filter((budget) => guards(budget, pod)))
    }
    return found
  }
}

const NONE: readonly PodDisruptionBudget[] = []

type Shelf = ReadonlyMap<string | undefined, ReadonlyMap<string | undefined, readonly PodDisruptionBudget[]>>

/** Budgets of one namespace by the first label of their selector and its value; those that ask for none by its absence. */
function shelved(budgets: readonly PodDisruptionBudget[]): Shelf {
  const first = ({ spec }: PodDisruptionBudget) => Object.entries(spec?.selector?.matchLabels ?? {})[0]
  const byKey = Map.groupBy(budgets, (budget) => first(budget)?.[0])
  return new Map([...byKey].map(([key, all]) => [key, Map.groupBy(all, (budget) => first(budget)?.[1])]))
}

/** A budget, and the pods it guards that a drain of the given nodes would evict. */
export interface GuardedDrain {
  readonly budget: PodDisruptionBudget
  /** `shop/db` */
  readonly key: string
  readonly pods: readonly Pod[]
  /** Names of the nodes that carry them, each once. */
  readonly nodes: readonly string[]
  /** Pods that may go now; undefined while the controller has not computed it for the budget as it stands. */
  readonly allowed: number | undefined
}

/** Budgets that guard at least one evictable pod on these nodes. */
export function guardedDrains(
  nodes: ReadonlySet<string>,
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
): readonly GuardedDrain[] {
  const guarding = guardsOf(budgets)
  const guarded = new Map<PodDisruptionBudget, Pod[]>()
  for (const pod of pods) {
    if (!nodes.has(pod.spec?.nodeName ?? '') || !isEvictable(pod)) continue
    for (const budget of guarding(pod)) {
      const held = guarded.get(budget)
      if (held === undefined) guarded.set(budget, [pod])
      else held.push(pod)
    }
  }
  return budgets.flatMap((budget) => {
    const held = guarded.get(budget)
    return held === undefined ? [] : [guardedDrain(budget, held)]
  })
}

function guardedDrain(budget: PodDisruptionBudget, pods: readonly Pod[]): GuardedDrain {
  return {
    budget,
    key: `${budget.metadata.namespace}/${budget.metadata.name}`,
    pods,
    nodes: [...new Set(pods.map((pod) => pod.spec?.nodeName ?? ''))],
    allowed: disruptionsAllowed(budget),
  }
}

/** The API server refuses evictions while the controller lags behind the budget's generation. */
function disruptionsAllowed({ metadata, status }: PodDisruptionBudget): number | undefined {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return undefined
  return status?.disruptionsAllowed
}
