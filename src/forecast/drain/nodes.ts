import { INSTANCE_TYPE_LABEL, type Node, ZONE_LABEL } from '../../model/kubernetes.ts'
import { quantityOf } from '../../model/quantity.ts'
import { oneCopy } from './one-copy.ts'
import type { RehearsedPod } from './pods.ts'

/** A node while a drain is rehearsed: what it has, and what is left of it. */
export interface RehearsedNode {
  readonly name: string
  readonly zone: string
  readonly type: string
  readonly group: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  /** Nodes of one class take the same pods, but for room. */
  readonly class: string
  /** No pod comes here: cordoned, or not Ready. */
  closed: boolean
  freeCores: number
  freeBytes: number
  freePods: number
  readonly pods: Set<RehearsedPod>
  /** How many of them have an address of the pod network. */
  networkPods: number
}

/** Taints that say how a node is, not what may run there: a node that is Ready has none of them. */
const STATE_TAINT = /^node(\.cloudprovider)?\.kubernetes\.io\//

type Fresh = Omit<RehearsedNode, 'group' | 'pods' | 'networkPods'>

/** A node that did not change is the same object for every rehearsal and the next snapshot: it is read once. */
const known = new WeakMap<Node, Fresh>()

export function rehearsedNode(node: Node, group: string | undefined): RehearsedNode {
  const fresh = known.get(node) ?? readNode(node)
  known.set(node, fresh)
  return { ...fresh, group, pods: new Set(), networkPods: 0 }
}

function readNode(node: Node): Fresh {
  const labels = node.metadata.labels ?? {}
  const taints = (node.spec?.taints ?? []).filter(({ key, effect }) => effect !== 'PreferNoSchedule' && !STATE_TAINT.test(key))
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  return {
    name: node.metadata.name,
    zone: labels[ZONE_LABEL] ?? '',
    type: labels[INSTANCE_TYPE_LABEL] ?? '',
    labels,
    taints,
    class: classOf(labels, taints),
    closed: node.spec?.unschedulable === true || !ready,
    freeCores: quantityOf(node.status?.allocatable?.cpu) ?? 0,
    freeBytes: quantityOf(node.status?.allocatable?.memory) ?? 0,
    freePods: quantityOf(node.status?.allocatable?.pods) ?? 0,
  }
}

/** Labels and taints that all nodes of a group have: what one has alone was put there by hand, and does not come again. */
export interface Shared {
  readonly labels: readonly (readonly [string, string])[]
  readonly taints: RehearsedNode['taints']
}

export function sharedOf(group: readonly RehearsedNode[]): Shared {
  const [first] = group
  const labels = Object.entries(first?.labels ?? {}).filter(([key, value]) => group.every((node) => node.labels[key] === value))
  const taints = (first?.taints ?? []).filter(({ key, effect }) =>
    group.every((node) => node.taints.some((one) => one.key === key && one.effect === effect)),
  )
  return { labels, taints }
}

/** A node such as a group launches in a zone: with the room of one of its nodes. */
export function launchedAs(fresh: RehearsedNode, { labels: shared, taints }: Shared, zone: string): RehearsedNode {
  const labels = { ...Object.fromEntries(shared), [ZONE_LABEL]: zone }
  return { ...fresh, zone, labels, taints, class: classOf(labels, taints), closed: false }
}

/** Another one, under a name of its own. */
export function named(node: RehearsedNode, name: string): RehearsedNode {
  return { ...node, name, labels: { ...node.labels, 'kubernetes.io/hostname': name }, pods: new Set() }
}

/** Labels that differ from node to node say nothing about a class. */
const OF_ITS_OWN = new Set(['kubernetes.io/hostname', 'alpha.eksctl.io/instance-id', 'topology.ebs.csi.aws.com/zone'])

function classOf(labels: RehearsedNode['labels'], taints: RehearsedNode['taints']): string {
  const told = Object.entries(labels).filter(([key]) => !OF_ITS_OWN.has(key))
  return oneCopy(JSON.stringify([told.sort(([a], [b]) => (a < b ? -1 : 1)), taints]))
}

export function settle(node: RehearsedNode, pod: RehearsedPod): void {
  node.pods.add(pod)
  if (pod.facts.spec.hostNetwork !== true) node.networkPods += 1
  pod.siblings.set(node, (pod.siblings.get(node) ?? 0) + 1)
  node.freeCores -= pod.facts.cores
  node.freeBytes -= pod.facts.bytes
  node.freePods -= 1
}

export function leave(node: RehearsedNode, pod: RehearsedPod): void {
  if (!node.pods.delete(pod)) return
  if (pod.facts.spec.hostNetwork !== true) node.networkPods -= 1
  const left = (pod.siblings.get(node) ?? 1) - 1
  if (left > 0) pod.siblings.set(node, left)
  else pod.siblings.delete(node)
  node.freeCores += pod.facts.cores
  node.freeBytes += pod.facts.bytes
  node.freePods += 1
}
