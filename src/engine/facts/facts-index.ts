import { isAwsNodeDaemonSet } from '../../model/aws-node.ts'
import type { KubernetesEvent, Node, Pod, PodDisruptionBudget, Workload } from '../../model/kubernetes.ts'
import type { AwsNodeFacts, BudgetFacts, DaemonSetFacts, NodeFacts, WorkloadFacts } from '../../model/seen.ts'
import { type Excludes, excludesOf } from './affinity.ts'
import { changesBetween } from './changes.ts'
import { eventKey, objectKey } from './events.ts'
import { KeyedSets } from './keyed-sets.ts'
import { nodeFacts } from './node.ts'
import { budgetFacts, daemonSetFacts, isJudgedWorkload, ownerKey, workloadFacts, workloadKey } from './workloads.ts'

/** The Kubernetes objects of one moment. An object that did not change is the same object (`===`) as before. */
export interface ClusterObjects {
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  readonly events: readonly KubernetesEvent[]
  /** Deployments, StatefulSets, ReplicaSets and DaemonSets. */
  readonly workloads: readonly Workload[]
  readonly budgets: readonly PodDisruptionBudget[]
  /** Ends of aws-node logs by node name; the same object while nothing new was read. */
  readonly logs?: ReadonlyMap<string, NonNullable<AwsNodeFacts['log']>>
}

export interface ClusterFacts {
  /** By the group's label; the list keeps its identity while none of its nodes changed. */
  readonly nodesOfGroup: ReadonlyMap<string, readonly NodeFacts[]>
  /** Nodes without a group's label. */
  readonly otherNodes: readonly NodeFacts[]
  readonly workloads: readonly WorkloadFacts[]
  readonly budgets: readonly BudgetFacts[]
  readonly awsNode?: DaemonSetFacts
}

export interface FactsIndex {
  /** Facts of these objects; those of nodes, groups, workloads and budgets that nothing touched keep their identity. */
  update(objects: ClusterObjects): ClusterFacts
}

const NOTHING: ClusterObjects = { nodes: [], pods: [], events: [], workloads: [], budgets: [] }

/** Keeps pods by node, owner and namespace, and events by node, so that a picture costs what changed and not what there is. */
export function createFactsIndex(): FactsIndex {
  return new Index()
}

class Index implements FactsIndex {
  #last: ClusterObjects = NOTHING
  readonly #podsOfNode = new KeyedSets<Pod>()
  readonly #podsOfOwner = new KeyedSets<Pod>()
  readonly #podsOfNamespace = new KeyedSets<Pod>()
  /** Events by the object they are about. */
  readonly #events = new KeyedSets<KubernetesEvent>()
  readonly #nodes = new Map<string, { node: Node; log: AwsNodeFacts['log']; facts: NodeFacts }>()
  readonly #workloads = new Map<string, { workload: Workload; owners: readonly string[]; facts: WorkloadFacts }>()
  readonly #budgets = new Map<string, { budget: PodDisruptionBudget; facts: BudgetFacts }>()
  #groups: ReadonlyMap<string, readonly NodeFacts[]> = new Map()
  #others: readonly NodeFacts[] = []
  #workloadList: readonly WorkloadFacts[] = []
  #budgetList: readonly BudgetFacts[] = []
  #awsNode: { daemonSet: Workload; facts: DaemonSetFacts; excludes: Excludes } | undefined
  /** The workload behind an owner: `ReplicaSet/shop/web-abc` to `Deployment/shop/web`. */
  #ownerOf: ReadonlyMap<string, string> = new Map()
  /** The other way round: the ReplicaSets of a Deployment, and every workload itself. */
  #ownersOf: ReadonlyMap<string, readonly string[]> = new Map()
  readonly #nodeOfPod = new Map<string, string>()

  update(objects: ClusterObjects): ClusterFacts {
    this.#takePods(objects.pods)
    this.#takeEvents(objects.events)
    const workloadsChanged = objects.workloads !== this.#last.workloads && this.#takeWorkloads(objects.workloads)
    const exclusionChanged = this.#takeAwsNode(objects.workloads)
    this.#renewNodes(objects, exclusionChanged)
    this.#workloadList = this.#renewWorkloads(objects.workloads)
    this.#budgetList = this.#renewBudgets(objects.budgets, workloadsChanged)
    this.#settle(objects)
    return {
      nodesOfGroup: this.#groups,
      otherNodes: this.#others,
      workloads: this.#workloadList,
      budgets: this.#budgetList,
      awsNode: this.#awsNode?.facts,
    }
  }

  #takePods(pods: readonly Pod[]): void {
    const { removed, added } = changesBetween(this.#last.pods, pods)
    for (const pod of removed) {
      this.#nodeOfPod.delete(podEventKey(pod))
      this.#eachPodKey(pod, (sets, key) => sets.remove(key, pod))
    }
    for (const pod of added) {
      if (pod.spec?.nodeName !== undefined) this.#nodeOfPod.set(podEventKey(pod), pod.spec.nodeName)
      this.#eachPodKey(pod, (sets, key) => sets.add(key, pod))
    }
  }

  #eachPodKey(pod: Pod, visit: (sets: KeyedSets<Pod>, key: string) => void): void {
    if (pod.spec?.nodeName !== undefined) visit(this.#podsOfNode, pod.spec.nodeName)
    const owner = ownerKey(pod)
    if (owner !== undefined) visit(this.#podsOfOwner, owner)
    visit(this.#podsOfNamespace, pod.metadata.namespace ?? '')
  }

  #takeEvents(events: readonly KubernetesEvent[]): void {
    const { removed, added } = changesBetween(this.#last.events, events)
    for (const event of removed) this.#events.remove(eventKey(event), event)
    for (const event of added) this.#events.add(eventKey(event), event)
  }

  /** Whether any owner relation may have changed. */
  #takeWorkloads(workloads: readonly Workload[]): boolean {
    const { removed, added } = changesBetween(this.#last.workloads, workloads)
    if (removed.length + added.length === 0) return false
    const owned = workloads.flatMap((workload): [string, string][] => {
      const owner = workload.kind === 'ReplicaSet' ? ownerKey(workload) : undefined
      return [[workloadKey(workload), owner ?? workloadKey(workload)]]
    })
    this.#ownerOf = new Map(owned)
    const sets = Map.groupBy(owned, ([, workload]) => workload)
    this.#ownersOf = new Map([...sets].map(([workload, pairs]) => [workload, pairs.map(([owner]) => owner)]))
    return true
  }

  /** Whether the DaemonSet may now leave out other nodes than before. */
  #takeAwsNode(workloads: readonly Workload[]): boolean {
    const daemonSet = workloads.find(isAwsNodeDaemonSet)
    if (daemonSet === this.#awsNode?.daemonSet) return false
    this.#awsNode = daemonSet && { daemonSet, facts: daemonSetFacts(daemonSet), excludes: excludesOf(daemonSet) }
    return true
  }

  #renewNodes(objects: ClusterObjects, exclusionChanged: boolean): void {
    const touched = this.#nodesTouchedByEvents()
    const seen = new Set<string>()
    let changed = false
    for (const node of objects.nodes) {
      const { name } = node.metadata
      seen.add(name)
      const known = this.#nodes.get(name)
      const log = objects.logs?.get(name)
      const fresh = known?.node === node && known.log === log && !this.#podsOfNode.isTouched(name) && !touched.has(name)
      if (fresh && !exclusionChanged) continue
      changed = true
      this.#nodes.set(name, { node, log, facts: this.#factsOf(node, log) })
    }
    for (const name of this.#nodes.keys()) {
      if (seen.has(name)) continue
      changed = true
      this.#nodes.delete(name)
    }
    if (changed) this.#renewGroups(objects.nodes)
  }

  #nodesTouchedByEvents(): ReadonlySet<string> {
    const names = new Set<string>()
    for (const key of this.#events.touched()) {
      const name = key.startsWith('Node//') ? key.slice('Node//'.length) : this.#nodeOfPod.get(key)
      if (name !== undefined) names.add(name)
    }
    return names
  }

  #factsOf(node: Node, log: AwsNodeFacts['log']): NodeFacts {
    const pods = this.#podsOfNode.of(node.metadata.name)
    const about = [objectKey('Node', undefined, node.metadata.name), ...pods.map(podEventKey)]
    const events = about.flatMap((key) => this.#events.of(key))
    return nodeFacts(node, pods, events, { log, excludes: this.#awsNode?.excludes })
  }

  #renewGroups(nodes: readonly Node[]): void {
    const facts = nodes.flatMap((node) => this.#nodes.get(node.metadata.name)?.facts ?? []).sort(byName)
    const lists = Map.groupBy(facts, (node) => node.group)
    this.#others = sameOr(this.#others, lists.get(undefined) ?? [])
    const groups = [...lists].flatMap(([group, list]): [string, readonly NodeFacts[]][] =>
      group === undefined ? [] : [[group, sameOr(this.#groups.get(group) ?? [], list)]],
    )
    this.#groups = new Map(groups)
  }

  #renewWorkloads(workloads: readonly Workload[]): readonly WorkloadFacts[] {
    const list = workloads.filter(isJudgedWorkload).map((workload) => {
      const key = workloadKey(workload)
      const owners = this.#ownersOf.get(key) ?? []
      const known = this.#workloads.get(key)
      const untouched = known?.workload === workload && sameOr(known.owners, owners) === known.owners
      if (untouched && !owners.some((owner) => this.#podsOfOwner.isTouched(owner))) return known.facts
      const pods = owners.flatMap((owner) => this.#podsOfOwner.of(owner))
      const facts = workloadFacts(workload, pods)
      this.#workloads.set(key, { workload, owners, facts })
      return facts
    })
    keepOnly(this.#workloads, list)
    return sameOr(this.#workloadList, list)
  }

  #renewBudgets(budgets: readonly PodDisruptionBudget[], ownersChanged: boolean): readonly BudgetFacts[] {
    const list = budgets.map((budget) => {
      const namespace = budget.metadata.namespace ?? ''
      const key = `${namespace}/${budget.metadata.name}`
      const known = this.#budgets.get(key)
      if (known?.budget === budget && !ownersChanged && !this.#podsOfNamespace.isTouched(namespace)) return known.facts
      const facts = budgetFacts(budget, this.#podsOfNamespace.of(namespace), (pod) => this.#workloadOf(pod))
      this.#budgets.set(key, { budget, facts })
      return facts
    })
    keepOnly(this.#budgets, list)
    return sameOr(this.#budgetList, list)
  }

  #workloadOf(pod: Pod): string | undefined {
    const owner = ownerKey(pod)
    return owner === undefined ? undefined : (this.#ownerOf.get(owner) ?? owner)
  }

  #settle(objects: ClusterObjects): void {
    for (const sets of [this.#podsOfNode, this.#podsOfOwner, this.#podsOfNamespace, this.#events]) sets.settle()
    this.#last = objects
  }
}

function podEventKey(pod: Pod): string {
  return objectKey('Pod', pod.metadata.namespace, pod.metadata.name)
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** Forgets what is there no more: a run lasts for days, and Deployments come and go. */
function keepOnly(known: Map<string, unknown>, list: readonly { readonly key: string }[]): void {
  if (known.size === list.length) return
  const there = new Set(list.map(({ key }) => key))
  for (const key of known.keys()) if (!there.has(key)) known.delete(key)
}

/** The old list when it holds the same objects in the same order, else the new one. */
function sameOr<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.length === after.length && before.every((object, index) => object === after[index]) ? before : after
}

/** Nodes of no described group: those without a group's label, and those whose group EKS did not describe. */
export function nodesOutside(facts: ClusterFacts, described: ReadonlySet<string>): readonly NodeFacts[] {
  const orphans = [...facts.nodesOfGroup].filter(([group]) => !described.has(group)).flatMap(([, nodes]) => nodes)
  return orphans.length === 0 ? facts.otherNodes : [...facts.otherNodes, ...orphans]
}
