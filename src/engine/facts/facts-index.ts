import { isAwsNodeDaemonSet } from '../../model/aws-node.ts'
import { eventKey, lastSeen, saysThrottled, textOf } from '../../model/events.ts'
import type { Instant } from '../../model/instant.ts'
import {
  type EndpointSlice,
  instanceIdOf,
  type KubernetesEvent,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  type Workload,
} from '../../model/kubernetes.ts'
import type { ProbeFacts } from '../../model/probe.ts'
import type { AwsNodeFacts, BudgetFacts, DaemonSetFacts, NodeFacts, WorkloadFacts } from '../../model/seen.ts'
import type { ServiceFacts } from '../../model/service-facts.ts'
import { type Excludes, excludesAlike, excludesOf } from './affinity.ts'
import { BudgetIndex } from './budget-index.ts'
import { changesBetween } from './changes.ts'
import { KeyedSets } from './keyed-sets.ts'
import { nodeFacts } from './node.ts'
import { podFacts } from './pod-facts.ts'
import { isProbe, probeFacts } from './probes.ts'
import { ServiceIndex } from './service-index.ts'
import { SortedList } from './sorted-list.ts'
import { WorkloadIndex } from './workload-index.ts'
import { daemonSetFacts } from './workloads.ts'

/** The Kubernetes objects of one moment. An object that did not change is the same object (`===`) as before. */
export interface ClusterObjects {
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  readonly events: readonly KubernetesEvent[]
  /** Deployments, StatefulSets, ReplicaSets and DaemonSets. */
  readonly workloads: readonly Workload[]
  readonly budgets: readonly PodDisruptionBudget[]
  readonly slices?: readonly EndpointSlice[]
  /** Ends of aws-node logs by the uid of their pod: a new pod has a new log. The same object while no other was read. */
  readonly logs?: ReadonlyMap<string, NonNullable<AwsNodeFacts['log']>>
  /** What ipamd counts, likewise. */
  readonly metrics?: ReadonlyMap<string, NonNullable<AwsNodeFacts['metrics']>>
  /** Self-managed groups, `asg:NAME`, by the instances in them; the same map while nothing in it changed. */
  readonly members?: ReadonlyMap<string, string>
}

export interface ClusterFacts {
  /** By the group's label; the list keeps its identity while none of its nodes changed. */
  readonly nodesOfGroup: ReadonlyMap<string, readonly NodeFacts[]>
  /** Nodes without a group's label. */
  readonly otherNodes: readonly NodeFacts[]
  readonly workloads: readonly WorkloadFacts[]
  readonly budgets: readonly BudgetFacts[]
  readonly services: readonly ServiceFacts[]
  readonly awsNode?: DaemonSetFacts
  /** Serin's own probe pods; the list keeps its identity while none of them changed. */
  readonly probes: readonly ProbeFacts[]
  /** The newest event that speaks of throttling. */
  readonly throttled?: { readonly at: Instant; readonly says: string }
}

export interface FactsIndex {
  /** Facts of these objects; those of nodes, groups, workloads and budgets that nothing touched keep their identity. */
  update(objects: ClusterObjects): ClusterFacts
}

const NO_SLICES: readonly EndpointSlice[] = []
const NO_MEMBERS: ReadonlyMap<string, string> = new Map()
const NOTHING: ClusterObjects = { nodes: [], pods: [], events: [], workloads: [], budgets: [] }

/**
 * Keeps pods by node, owner and namespace, and events by node, so that a picture costs what changed and not what there is.
 * @param drained managed groups whose nodes Serin drains itself
 */
export function createFactsIndex(drained: ReadonlySet<string> = new Set()): FactsIndex {
  return new Index(drained)
}

class Index implements FactsIndex {
  #last: ClusterObjects = NOTHING
  readonly #podsOfNode = new KeyedSets<Pod>()
  readonly #nodeOfPod = new Map<string, string>()
  /** Events by the object they are about. */
  readonly #events = new KeyedSets<KubernetesEvent>()
  readonly #nodes = new Map<string, { node: Node; selfManaged: string | undefined; facts: NodeFacts }>()
  readonly #workloads = new WorkloadIndex()
  readonly #budgets = new BudgetIndex((pod) => this.#workloads.workloadOf(pod))
  readonly #services = new ServiceIndex((pod) => this.#workloads.workloadOf(pod))
  /** Facts of the nodes by group, by name; undefined for those without a group. */
  readonly #lists = new Map<string | undefined, SortedList<NodeFacts>>()
  #groups: ReadonlyMap<string, readonly NodeFacts[]> = new Map()
  #others: readonly NodeFacts[] = []
  readonly #probes = new Map<string, Pod>()
  #probeFacts: readonly ProbeFacts[] = []
  #throttled: ClusterFacts['throttled']
  #awsNode: { daemonSet: Workload; facts: DaemonSetFacts; excludes: Excludes } | undefined
  readonly #drained: ReadonlySet<string>

  constructor(drained: ReadonlySet<string>) {
    this.#drained = drained
  }

  update(objects: ClusterObjects): ClusterFacts {
    const ownersChanged = objects.workloads !== this.#last.workloads && this.#workloads.takeOwners(objects.workloads)
    this.#takePods(objects.pods)
    this.#takeEvents(objects.events)
    const exclusionChanged = this.#takeAwsNode(objects.workloads)
    this.#renewNodes(objects, exclusionChanged)
    const workloads = this.#workloads.renew(objects.workloads)
    const budgets = this.#budgets.renew(objects.budgets, ownersChanged)
    this.#podsOfNode.settle()
    this.#events.settle()
    this.#last = objects
    return {
      ...{ nodesOfGroup: this.#groups, otherNodes: this.#others },
      ...{
        workloads,
        budgets,
        services: this.#services.renew(objects.slices ?? NO_SLICES, ownersChanged),
        awsNode: this.#awsNode?.facts,
        probes: this.#probeFacts,
        ...(this.#throttled && { throttled: this.#throttled }),
      },
    }
  }

  #takePods(pods: readonly Pod[]): void {
    const changes = changesBetween(this.#last.pods, pods)
    this.#takeProbes(changes)
    for (const pod of changes.removed) {
      this.#nodeOfPod.delete(podFacts(pod).eventKey)
      if (pod.spec?.nodeName !== undefined) this.#podsOfNode.remove(pod.spec.nodeName, pod)
    }
    for (const pod of changes.added) {
      if (pod.spec?.nodeName === undefined) continue
      this.#nodeOfPod.set(podFacts(pod).eventKey, pod.spec.nodeName)
      this.#podsOfNode.add(pod.spec.nodeName, pod)
    }
    this.#workloads.takePods(changes)
    this.#budgets.takePods(changes)
    this.#services.takePods(changes)
  }

  #takeProbes({ removed, added }: { readonly removed: readonly Pod[]; readonly added: readonly Pod[] }): void {
    const [gone, come] = [removed.filter(isProbe), added.filter(isProbe)]
    if (gone.length === 0 && come.length === 0) return
    for (const pod of gone) this.#probes.delete(podFacts(pod).key)
    for (const pod of come) this.#probes.set(podFacts(pod).key, pod)
    this.#probeFacts = [...this.#probes.values()].map(probeFacts)
  }

  #takeEvents(events: readonly KubernetesEvent[]): void {
    const { removed, added } = changesBetween(this.#last.events, events)
    for (const event of removed) this.#events.remove(eventKey(event), event)
    for (const event of added) {
      this.#events.add(eventKey(event), event)
      const at = saysThrottled(textOf(event)) ? lastSeen(event) : 0
      if (at > (this.#throttled?.at ?? 0)) this.#throttled = { at, says: textOf(event).slice(0, 200) }
    }
  }

  /** Whether the DaemonSet may now leave out other nodes than before. */
  #takeAwsNode(workloads: readonly Workload[]): boolean {
    const daemonSet = workloads.find(isAwsNodeDaemonSet)
    if (daemonSet === this.#awsNode?.daemonSet) return false
    const before = this.#awsNode
    const same = before !== undefined && daemonSet !== undefined && excludesAlike(before.daemonSet, daemonSet)
    const excludes = same ? before.excludes : excludesOf(daemonSet)
    this.#awsNode = daemonSet && { daemonSet, facts: daemonSetFacts(daemonSet), excludes }
    return !same
  }

  /** Looks at the nodes that came or changed and at those whose pods or events did; at all of them when what concerns them all did. */
  #renewNodes(objects: ClusterObjects, exclusionChanged: boolean): void {
    const { removed, added } = changesBetween(this.#last.nodes, objects.nodes)
    const come = new Map(added.map((node) => [node.metadata.name, node]))
    const gone = removed.filter(({ metadata }) => !come.has(metadata.name))
    for (const { metadata } of gone) this.#forgetNode(metadata.name)
    const touched = new Set([...come.keys(), ...this.#podsOfNode.touched(), ...this.#nodesTouchedByEvents()])
    const all = exclusionChanged || !this.#isSaidAsBefore(objects)
    let changed = gone.length > 0
    for (const name of all ? objects.nodes.map(({ metadata }) => metadata.name) : touched) {
      const node = come.get(name) ?? this.#nodes.get(name)?.node
      if (node !== undefined && this.#renewNode(node, objects, exclusionChanged || touched.has(name))) changed = true
    }
    if (changed) this.#renewGroups()
  }

  /** False when its facts are still those there are. */
  #renewNode(node: Node, objects: ClusterObjects, anew: boolean): boolean {
    const { name } = node.metadata
    const known = this.#nodes.get(name)
    const { members = NO_MEMBERS } = objects
    const selfManaged = members.size === 0 ? undefined : members.get(instanceIdOf(node) ?? '')
    if (!anew && known !== undefined && known.selfManaged === selfManaged && isToldAs(objects, known.facts)) return false
    const facts = this.#factsOf(node, objects, selfManaged)
    if (known !== undefined && known.facts.group !== facts.group) this.#forgetNode(name)
    this.#nodes.set(name, { node, selfManaged, facts })
    this.#groupOf(facts).put(name, facts)
    return true
  }

  #isSaidAsBefore({ logs, metrics, members }: ClusterObjects): boolean {
    return logs === this.#last.logs && metrics === this.#last.metrics && members === this.#last.members
  }

  #forgetNode(name: string): void {
    const known = this.#nodes.get(name)
    if (known !== undefined) this.#groupOf(known.facts).remove(name)
    this.#nodes.delete(name)
  }

  #groupOf({ group }: NodeFacts): SortedList<NodeFacts> {
    const known = this.#lists.get(group) ?? new SortedList<NodeFacts>()
    this.#lists.set(group, known)
    return known
  }

  #nodesTouchedByEvents(): ReadonlySet<string> {
    const names = new Set<string>()
    for (const key of this.#events.touched()) {
      const name = key.startsWith('Node//') ? key.slice('Node//'.length) : this.#nodeOfPod.get(key)
      if (name !== undefined) names.add(name)
    }
    return names
  }

  #factsOf(node: Node, { logs, metrics }: ClusterObjects, selfManaged: string | undefined): NodeFacts {
    const pods = this.#podsOfNode.of(node.metadata.name)
    return nodeFacts(node, pods, (key) => this.#events.of(key), {
      logs,
      metrics,
      selfManaged,
      excludes: this.#awsNode?.excludes,
      drained: this.#drained,
    })
  }

  #renewGroups(): void {
    const lists = [...this.#lists].map(([group, list]): [string | undefined, readonly NodeFacts[]] => [group, list.values()])
    this.#others = lists.find(([group]) => group === undefined)?.[1] ?? this.#others
    const groups = lists.filter((each): each is [string, readonly NodeFacts[]] => each[0] !== undefined && each[1].length > 0)
    this.#groups = new Map(groups.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** Whether what aws-node says of itself is what the facts hold. */
function isToldAs({ logs, metrics }: ClusterObjects, { awsNode }: NodeFacts): boolean {
  const uid = awsNode?.uid ?? ''
  return awsNode?.log === logs?.get(uid) && awsNode?.metrics === metrics?.get(uid)
}

/** Nodes of no described group: those without a group's label, and those whose group EKS did not describe. */
export function nodesOutside(facts: ClusterFacts, described: ReadonlySet<string>): readonly NodeFacts[] {
  const orphans = [...facts.nodesOfGroup].filter(([group]) => !described.has(group)).flatMap(([, nodes]) => nodes)
  return orphans.length === 0 ? facts.otherNodes : [...facts.otherNodes, ...orphans]
}
