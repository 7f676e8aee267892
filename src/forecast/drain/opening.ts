import type { Node, Pod, PodDisruptionBudget, Workload } from '../../model/kubernetes.ts'
import type { AddressRules } from './address-book.ts'
import { guardsOf } from './evictable.ts'
import { launchedAs, named, type RehearsedNode, rehearsedNode, settle, sharedOf } from './nodes.ts'
import { createPlaces, type Places } from './placing.ts'
import { factsOf, type PodFacts, type RehearsedPod, rehearsedBudgets } from './pods.ts'

/** What a drain is rehearsed on, as a snapshot has it. */
export interface DrainCluster {
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  readonly budgets: readonly PodDisruptionBudget[]
  readonly replicaSets: readonly Workload[]
  readonly groupOf: (node: Node) => string | undefined
  /** Zones that the volumes of a pod are bound to; undefined where there are none, or nobody knows. */
  readonly zonesOf: (pod: Pod) => readonly string[] | undefined
  /** Where addresses come from; absent where it is not known. */
  readonly addresses?: AddressRules
  /** The subnet that a node is in. */
  readonly subnetOf?: (node: string) => string | undefined
}

/** The same with its pods read, for as many rehearsals as there are. */
export interface ReadCluster extends Omit<DrainCluster, 'pods'> {
  /** Those that have a node, and those that wait for one. */
  readonly pods: readonly PodFacts[]
}

export function readCluster(cluster: DrainCluster): ReadCluster {
  const nodes = new Set(cluster.nodes.map(({ metadata }) => metadata.name))
  const guarding = guardsOf(cluster.budgets)
  const ownerOf = owners(cluster.replicaSets)
  const pods = cluster.pods
    .filter((pod) => !isOver(pod) && (nodes.has(pod.spec?.nodeName ?? '') || waits(pod)))
    .map((pod) => factsOf(pod, { owner: ownerOf(pod), zones: cluster.zonesOf(pod), guards: guarding(pod) }))
  return { ...cluster, pods }
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** Bound to no node, and not because it goes or is held back on purpose. */
function waits({ metadata, spec }: Pod): boolean {
  const ofDaemonSet = metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true
  return spec?.nodeName === undefined && metadata.deletionTimestamp === undefined && !ofDaemonSet
}

/** One cluster to play with. */
export interface OpenedCluster {
  readonly nodes: readonly RehearsedNode[]
  readonly places: Places
  /** Pods that wait for a place already. */
  readonly pending: readonly RehearsedPod[]
  /** A new node like another, with the DaemonSet pods that come with it. */
  readonly launch: (like: RehearsedNode, zone: string) => RehearsedNode
}

export function openCluster(cluster: ReadCluster): OpenedCluster {
  const nodes = cluster.nodes.map((node) => rehearsedNode(node, cluster.groupOf(node)))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const budgets = rehearsedBudgets(cluster.budgets)
  const families = new Map<string, Map<RehearsedNode, number>>()
  const pending: RehearsedPod[] = []
  for (const facts of cluster.pods) {
    const siblings = families.get(facts.owner) ?? new Map<RehearsedNode, number>()
    families.set(facts.owner, siblings)
    const own = facts.guards.flatMap((budget) => budgets.get(budget) ?? [])
    const pod: RehearsedPod = {
      facts,
      key: facts.key,
      siblings,
      budgets: own,
      running: facts.running && facts.node !== undefined,
      ready: facts.ready,
    }
    const node = byName.get(facts.node ?? '')
    if (node === undefined) pending.push(pod)
    else settle(node, pod)
  }
  const places = createPlaces(nodes)
  return { nodes, places, pending, launch: launcherOf(cluster, nodes) }
}

function launcherOf({ nodes: originals }: ReadCluster, nodes: readonly RehearsedNode[]): OpenedCluster['launch'] {
  const residents = new Map(nodes.map((node) => [node, [...node.pods].filter(({ facts }) => !facts.evictable)]))
  const originalOf = new Map(originals.map((node) => [node.metadata.name, node]))
  const shared = new Map([...Map.groupBy(nodes, ({ group }) => group)].map(([group, members]) => [group, sharedOf(members)]))
  const pristine = new Map<string, RehearsedNode>()
  let launched = 0

  function made(like: RehearsedNode, zone: string): RehearsedNode {
    const key = [like.group, like.type, zone].join('\n')
    const known = pristine.get(key)
    const original = originalOf.get(like.name)
    const common = shared.get(like.group)
    if (known !== undefined) return known
    if (original === undefined || common === undefined) throw new Error(`${like.name} is no node of the snapshot`)
    const fresh = launchedAs(rehearsedNode(original, like.group), common, zone)
    pristine.set(key, fresh)
    return fresh
  }

  return (like, zone) => {
    const fresh = named(made(like, zone), `${like.group}-new-${++launched}`)
    for (const pod of residents.get(like) ?? []) settle(fresh, pod)
    return fresh
  }
}

/** `Deployment/shop/web` for the pods of its ReplicaSet. */
function owners(replicaSets: readonly Workload[]): (pod: Pod) => string {
  const above = new Map(
    replicaSets.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.ownerReferences?.find((one) => one.controller)]),
  )
  return ({ metadata: { namespace, name, ownerReferences } }) => {
    const own = ownerReferences?.find((one) => one.controller)
    if (own === undefined) return `Pod/${namespace}/${name}`
    const top = own.kind === 'ReplicaSet' ? (above.get(`${namespace}/${own.name}`) ?? own) : own
    return `${top.kind}/${namespace}/${top.name}`
  }
}
