import {
  conditionOf,
  NODEGROUP_LABEL,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  selectorMatches,
  type Workload,
} from '../../src/model/kubernetes.ts'
import type { World } from '../../src/sandbox/contract.ts'

/** Watches a world from inside while a run changes it: what the run's own eyes might miss. */

export interface Watch {
  /** What must not have happened, in words, each once. */
  readonly wrongs: () => readonly string[]
  /** Node names to group names, of all nodes that ever were. */
  readonly groupOf: ReadonlyMap<string, string>
}

/** How many nodes of each group may be missing at a time: the plan's word, else the group's own. */
export type Allowed = Readonly<Record<string, number>>

/** `troubled`: groups whose own nodes a fault takes, so that what is missing there is not our doing. */
export function watchWorld(world: World, allowed: Allowed, troubled: (group: string) => boolean): Watch {
  const wrongs = new Set<string>()
  const groupOf = new Map<string, string>()
  const nodes = (): readonly Node[] => world.store.list('Node') as readonly unknown[] as readonly Node[]
  const at = (): string => new Date(world.timeline.now()).toISOString()
  for (const node of nodes()) groupOf.set(node.metadata.name, groupNamed(node))
  const before = readyByGroup(nodes())
  const terminating = new Set<string>()

  function seeNode(node: Node): void {
    const group = groupNamed(node)
    groupOf.set(node.metadata.name, group)
    const missing = (before.get(group) ?? 0) - (readyByGroup(nodes()).get(group) ?? 0)
    if (missing <= (allowed[group] ?? 0) || troubled(group)) return
    wrongs.add(`${at()} ${missing} nodes of ${group} are unavailable, ${allowed[group]} may be`)
  }

  function seePod(pod: Pod): void {
    if (pod.metadata.deletionTimestamp === undefined || terminating.has(pod.metadata.uid ?? '') || isOfDaemonSet(pod)) return
    terminating.add(pod.metadata.uid ?? '')
    const group = groupOf.get(pod.spec?.nodeName ?? '') ?? ''
    const draining = drainedNodes(world, groupOf, group)
    if (draining > (allowed[group] ?? 0)) wrongs.add(`${at()} ${draining} nodes of ${group} are drained at once, ${allowed[group]} may be`)
    for (const broken of brokenBudgets(world, pod)) wrongs.add(`${at()} ${broken}`)
  }

  world.store.subscribe(({ object }) => {
    if (object.kind === 'Node') seeNode(object as unknown as Node)
    if (object.kind === 'Pod') seePod(object as unknown as Pod)
  })
  return { wrongs: () => [...wrongs], groupOf }
}

function groupNamed(node: Node): string {
  return node.metadata.labels?.[NODEGROUP_LABEL] ?? ''
}

function readyByGroup(nodes: readonly Node[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    const ready = conditionOf(node.status?.conditions, 'Ready')?.status === 'True'
    if (ready) counts.set(groupNamed(node), (counts.get(groupNamed(node)) ?? 0) + 1)
  }
  return counts
}

function isOfDaemonSet(pod: Pod): boolean {
  return pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true
}

function drainedNodes({ store }: World, groupOf: ReadonlyMap<string, string>, group: string): number {
  const pods = (store.list('Pod') as readonly unknown[] as readonly Pod[]).filter(
    (pod) => pod.metadata.deletionTimestamp !== undefined && !isOfDaemonSet(pod),
  )
  return new Set(pods.map((pod) => pod.spec?.nodeName ?? '').filter((node) => groupOf.get(node) === group)).size
}

/** Budgets that a healthy pod which is just now going away leaves with too few, counted anew from the pods themselves. */
function brokenBudgets({ store }: World, leaving: Pod): readonly string[] {
  if (!isHealthy({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: undefined } })) return []
  const budgets = store.list('PodDisruptionBudget') as readonly unknown[] as readonly PodDisruptionBudget[]
  const pods = store.list('Pod') as readonly unknown[] as readonly Pod[]
  return budgets
    .filter((budget) => guards(budget, leaving))
    .flatMap((budget) => {
      const healthy = pods.filter((pod) => guards(budget, pod) && isHealthy(pod)).length
      const wanted = healthyWanted(store, budget)
      const { namespace, name } = budget.metadata
      return healthy < wanted ? [`the budget ${namespace}/${name} wants ${wanted} healthy pods, an eviction left ${healthy}`] : []
    })
}

function guards(budget: PodDisruptionBudget, pod: Pod): boolean {
  return budget.metadata.namespace === pod.metadata.namespace && selectorMatches(budget.spec?.selector, pod.metadata.labels ?? {})
}

function isHealthy(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
}

/** In the random worlds a budget has the name of the one workload that it guards. */
function healthyWanted(store: World['store'], { metadata, spec }: PodDisruptionBudget): number {
  const owner = (store.get('Deployment', metadata.namespace, metadata.name) ??
    store.get('StatefulSet', metadata.namespace, metadata.name)) as Workload | undefined
  const replicas = owner?.spec?.replicas ?? 0
  const amount = (value: number | string): number =>
    typeof value === 'number' ? value : Math.ceil((replicas * Number.parseFloat(value)) / 100)
  if (spec?.minAvailable !== undefined) return amount(spec.minAvailable)
  return replicas - amount(spec?.maxUnavailable ?? 0)
}
