import { type Condition, conditionOf, EXCLUDE_FROM_BALANCERS_LABEL, IMAGE_LABEL, type Node, type Pod } from '../../../model/kubernetes.ts'
import type { ClusterSide, ObjectStore, StoredObject } from '../../contract.ts'
import type { TaintSpec } from '../world-spec.ts'

/** The Kubernetes half, with the deletion that a forced update needs. */
export interface DrivenCluster extends ClusterSide {
  deletePod(namespace: string, pod: string, gracePeriodSeconds: number | undefined): void
}

/** What EKS does to nodes through the Kubernetes API (as user `eks:node-manager`). */
export interface NodeActions {
  /** Registered, Ready and labelled with this image. */
  isReady(node: string, imageId: string): boolean
  /** Unschedulable, and out of external load balancers. */
  retire(node: string): void
  reinstate(node: string): void
  exists(node: string): boolean
  conditions(node: string): readonly Condition[]
  relabel(node: string, add: Readonly<Record<string, string>>, remove: readonly string[]): void
  /** Taints are known by key and effect. */
  retaint(node: string, add: readonly TaintSpec[], remove: readonly TaintSpec[]): void
  /** Asks for the eviction of every pod that a drain moves. The number of pods still there. */
  evictAll(node: string): number
  /** Deletes what could not be evicted, as an update with `force` does. */
  deleteAll(node: string): void
}

export function createNodeActions(store: ObjectStore, cluster: DrivenCluster): NodeActions {
  function change(node: string, unschedulable: boolean): void {
    if (store.get('Node', undefined, node) === undefined) return
    store.update('Node', undefined, node, (current) => marked(current, unschedulable))
  }

  function evictAll(node: string): number {
    const pods = store.podsOnNode(node).filter(isMovable)
    for (const { metadata } of pods) {
      if (metadata.deletionTimestamp === undefined) cluster.evict(metadata.namespace ?? '', metadata.name)
    }
    return store.podsOnNode(node).filter(isMovable).length
  }

  function deleteAll(node: string): void {
    for (const { metadata } of store.podsOnNode(node).filter(isMovable))
      cluster.deletePod(metadata.namespace ?? '', metadata.name, undefined)
  }

  return {
    isReady: (node, imageId) => isReadyNode(store.get('Node', undefined, node) as Node | undefined, imageId),
    retire: (node) => change(node, true),
    reinstate: (node) => change(node, false),
    exists: (node) => store.get('Node', undefined, node) !== undefined,
    conditions: (node) => (store.get('Node', undefined, node) as Node | undefined)?.status?.conditions ?? [],
    relabel(node, add, remove) {
      if (store.get('Node', undefined, node) === undefined) return
      store.update('Node', undefined, node, (current) => relabelled(current, add, remove))
    },
    retaint(node, add, remove) {
      if (store.get('Node', undefined, node) === undefined) return
      store.update('Node', undefined, node, (current) => retainted(current, add, [...add, ...remove]))
    },
    evictAll,
    deleteAll,
  }
}

function relabelled(node: StoredObject, add: Readonly<Record<string, string>>, remove: readonly string[]): StoredObject {
  const kept = Object.entries(node.metadata.labels ?? {}).filter(([key]) => !remove.includes(key))
  return { ...node, metadata: { ...node.metadata, labels: { ...Object.fromEntries(kept), ...add } } }
}

function retainted(node: StoredObject, add: readonly TaintSpec[], replaced: readonly TaintSpec[]): StoredObject {
  const { taints = [], ...spec } = (node.spec ?? {}) as { readonly taints?: readonly TaintSpec[] }
  const kept = taints.filter((taint) => !replaced.some(({ key, effect }) => key === taint.key && effect === taint.effect))
  return { ...node, spec: { ...spec, ...(kept.length + add.length > 0 ? { taints: [...kept, ...add] } : {}) } }
}

function isReadyNode(node: Node | undefined, imageId: string): boolean {
  if (node?.metadata.labels?.[IMAGE_LABEL] !== imageId) return false
  return conditionOf(node.status?.conditions, 'Ready')?.status === 'True'
}

function marked(node: StoredObject, unschedulable: boolean): StoredObject {
  const { [EXCLUDE_FROM_BALANCERS_LABEL]: _label, ...labels } = node.metadata.labels ?? {}
  const { unschedulable: _cordon, ...spec } = (node.spec ?? {}) as Record<string, unknown>
  return {
    ...node,
    metadata: { ...node.metadata, labels: unschedulable ? { ...labels, [EXCLUDE_FROM_BALANCERS_LABEL]: 'true' } : labels },
    spec: unschedulable ? { ...spec, unschedulable: true } : spec,
  }
}

/** Pods that a drain moves: none of a DaemonSet, no mirror pods, none that have ended. */
function isMovable(object: StoredObject): boolean {
  const { metadata, status } = object as unknown as Pod
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return false
  if (metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet')) return false
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}
