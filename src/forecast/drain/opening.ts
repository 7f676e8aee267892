import type { Node, Pod, PodDisruptionBudget, Workload } from '../../model/kubernetes.ts'
import type { AddressRules } from './address-book.ts'
import { guardsOf } from './evictable.ts'
import { launchedLike, type RehearsedNode, rehearsedNode, settle } from './nodes.ts'
import { createPlaces, type Places } from './placing.ts'
import { type RehearsedPod, rehearsedBudgets, rehearsedPod } from './pods.ts'

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

export interface OpenedCluster {
  readonly nodes: readonly RehearsedNode[]
  readonly places: Places
  /** Pods that wait for a place already. */
  readonly pending: readonly RehearsedPod[]
  /** A new node like another, with the DaemonSet pods that come with it. */
  readonly launch: (like: RehearsedNode, zone: string) => RehearsedNode
}

export function openCluster(cluster: DrainCluster): OpenedCluster {
  const originals = new Map(cluster.nodes.map((node) => [node.metadata.name, node]))
  const nodes = cluster.nodes.map((node) => rehearsedNode(node, cluster.groupOf(node)))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const budgets = rehearsedBudgets(cluster.budgets)
  const guarding = guardsOf(cluster.budgets)
  const ownerOf = owners(cluster.replicaSets)
  const pending: RehearsedPod[] = []
  const families = new Map<string, Map<RehearsedNode, number>>()
  for (const pod of cluster.pods) {
    const { nodeName } = pod.spec ?? {}
    const node = byName.get(nodeName ?? '')
    const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (ended || (node === undefined && !waits(pod))) continue
    const own = guarding(pod).flatMap((budget) => budgets.get(budget) ?? [])
    const owner = ownerOf(pod)
    const siblings = families.get(owner) ?? new Map<RehearsedNode, number>()
    families.set(owner, siblings)
    const rehearsed = rehearsedPod(pod, { owner, siblings, zones: cluster.zonesOf(pod), budgets: own })
    if (node === undefined) pending.push(rehearsed)
    else settle(node, rehearsed)
  }
  const residents = new Map(nodes.map((node) => [node, [...node.pods].filter((pod) => !pod.evictable)]))
  const groups = Map.groupBy(nodes, ({ group }) => group)
  let launched = 0
  return {
    nodes,
    places: createPlaces(nodes),
    pending,
    launch(like, zone) {
      const original = originals.get(like.name)
      if (original === undefined) throw new Error(`${like.name} is no node of the snapshot`)
      const fresh = launchedLike(original, groups.get(like.group) ?? [], `${like.group}-new-${++launched}`, zone)
      for (const pod of residents.get(like) ?? []) settle(fresh, pod)
      return fresh
    },
  }
}

/** Bound to no node, and not because it goes or is held back on purpose. */
function waits({ metadata, spec }: Pod): boolean {
  const ofDaemonSet = metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true
  return spec?.nodeName === undefined && metadata.deletionTimestamp === undefined && !ofDaemonSet
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
