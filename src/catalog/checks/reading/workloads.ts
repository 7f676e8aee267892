import { isEvictable } from '../../../forecast/drain/evictable.ts'
import type { Intent } from '../../../model/intent.ts'
import type { OwnerReference, Pod, Workload } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import { drainedNodes } from './nodes.ts'

/** Kinds of which every pod is made anew elsewhere when it is evicted, in the order in which they are listed. */
const REPLICATED = ['Deployment', 'StatefulSet', 'ReplicaSet'] as const

/** A workload with the pods of it that the run evicts. */
export interface MovedWorkload {
  /** `Deployment/shop/web`. */
  readonly subject: string
  readonly workload: Workload
  /** All its pods that are alive, wherever they run. */
  readonly pods: readonly Pod[]
  /** Those on nodes that the run drains; at least one. */
  readonly moved: readonly Pod[]
}

/** Half a dozen checks ask the same of one snapshot and the groups of one intent, each for every pod of the cluster; each has an intent of its own around the same groups. */
function onceEach<T>(read: (snapshot: ClusterSnapshot, intent: Intent) => T): (snapshot: ClusterSnapshot, intent: Intent) => T {
  const known = new WeakMap<ClusterSnapshot, WeakMap<Intent['groups'], T>>()
  return (snapshot, intent) => {
    const { groups } = intent
    const ofSnapshot = known.get(snapshot) ?? new WeakMap<Intent['groups'], T>()
    known.set(snapshot, ofSnapshot)
    const found = ofSnapshot.get(groups) ?? read(snapshot, intent)
    ofSnapshot.set(groups, found)
    return found
  }
}

/** Pods that the run evicts, in the order of the snapshot. */
export const movedPods = onceEach(readMovedPods)

/** Deployments, StatefulSets and bare ReplicaSets with pods that the run evicts. */
export const movedWorkloads = onceEach(readMovedWorkloads)

function readMovedPods(snapshot: ClusterSnapshot, intent: Intent): readonly Pod[] {
  const drained = new Set(drainedNodes(snapshot, intent).map((node) => node.metadata.name))
  return objectsOf<Pod>(snapshot, 'Pod').filter((pod) => isEvictable(pod) && drained.has(pod.spec?.nodeName ?? ''))
}

function readMovedWorkloads(snapshot: ClusterSnapshot, intent: Intent): readonly MovedWorkload[] {
  const moving = new Set(movedPods(snapshot, intent))
  const byOwner = Map.groupBy(objectsOf<Pod>(snapshot, 'Pod').filter(isEvictable), topOwner(snapshot))
  return REPLICATED.flatMap((kind) =>
    objectsOf<Workload>(snapshot, kind).flatMap((workload) => {
      const pods = byOwner.get(ownerKey(kind, workload.metadata.namespace, workload.metadata.name)) ?? []
      const moved = pods.filter((pod) => moving.has(pod))
      return moved.length === 0
        ? []
        : [{ subject: `${kind}/${workload.metadata.namespace}/${workload.metadata.name}`, workload, pods, moved }]
    }),
  )
}

/** Who a pod answers to in the end, `Deployment/shop/web`: the Deployment behind its ReplicaSet, else its controller; empty for none. */
export function topOwner(snapshot: ClusterSnapshot): (pod: Pod) => string {
  const sets = new Map(
    objectsOf<Workload>(snapshot, 'ReplicaSet').map((set) => [ownerKey('ReplicaSet', set.metadata.namespace, set.metadata.name), set]),
  )
  return ({ metadata }) => {
    const controller = controllerOf(metadata.ownerReferences)
    if (controller === undefined) return ''
    const own = ownerKey(controller.kind, metadata.namespace, controller.name)
    const above = controllerOf(sets.get(own)?.metadata.ownerReferences)
    return above === undefined ? own : ownerKey(above.kind, metadata.namespace, above.name)
  }
}

export function controllerOf(owners: readonly OwnerReference[] | undefined): OwnerReference | undefined {
  return owners?.find((owner) => owner.controller === true)
}

function ownerKey(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`
}
