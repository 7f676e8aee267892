import type { EksUpdate } from '../../model/aws.ts'
import { AWS_NODE, isAwsNodePod } from '../../model/aws-node.ts'
import { type Instant, instantOf } from '../../model/instant.ts'
import type { KubernetesEvent, Node, Pod, PodDisruptionBudget, Workload } from '../../model/kubernetes.ts'
import type { AwsNodeFacts, GroupFacts, NodeFacts, Seen } from '../../model/seen.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import { addonFacts, groupFacts } from './aws.ts'
import { type ClusterObjects, createFactsIndex, nodesOutside } from './facts-index.ts'

/**
 * The picture that a snapshot shows, by the same functions that the engine uses on a live cluster: for tests and offline commands.
 * The snapshot is itself a plain read, so `plainReadAt` is when it was taken; nobody holds a Lease in it.
 * @param now the instant the picture is judged at; usually the snapshot's own
 */
export function seenFromSnapshot(snapshot: ClusterSnapshot, now: Instant): Seen {
  const capturedAt = instantOf(snapshot.capturedAt) ?? now
  const facts = createFactsIndex().update(objectsIn(snapshot, capturedAt))
  const groups = groupsIn(snapshot, facts.nodesOfGroup)
  return Object.freeze({
    now,
    groups,
    otherNodes: nodesOutside(facts, new Set(Object.keys(groups))),
    addons: Object.fromEntries(
      (snapshot.aws.addons ?? []).flatMap(({ addonName, ...addon }) => (addonName ? [[addonName, addonFacts(addonName, addon)]] : [])),
    ),
    updates: Object.fromEntries(
      (snapshot.aws.updates ?? []).flatMap((update): [string, EksUpdate][] => (update.id ? [[update.id, update]] : [])),
    ),
    workloads: facts.workloads,
    budgets: facts.budgets,
    awsNode: facts.awsNode,
    plainReadAt: capturedAt,
    lease: 'unknown',
    unavailable: (snapshot.unavailable ?? []).map(({ source, reason }) => ({ source, reason, since: capturedAt })),
    throttled: 0,
  })
}

const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet']

function objectsIn(snapshot: ClusterSnapshot, capturedAt: Instant): ClusterObjects {
  const pods = objectsOf<Pod>(snapshot, 'Pod')
  return {
    nodes: objectsOf<Node>(snapshot, 'Node'),
    pods,
    events: objectsOf<KubernetesEvent>(snapshot, 'Event'),
    workloads: WORKLOAD_KINDS.flatMap((kind) => objectsOf<Workload>(snapshot, kind)),
    budgets: objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget'),
    logs: logsIn(snapshot, pods, capturedAt),
  }
}

function logsIn(snapshot: ClusterSnapshot, pods: readonly Pod[], readAt: Instant): ReadonlyMap<string, NonNullable<AwsNodeFacts['log']>> {
  const texts = (snapshot.logs ?? []).filter((log) => log.container === AWS_NODE.container && log.previous !== true)
  const textOf = new Map(texts.map((log) => [log.pod, log.text]))
  const found = pods.filter(isAwsNodePod).flatMap((pod): [string, { text: string; readAt: Instant }][] => {
    const text = textOf.get(pod.metadata.name)
    return text === undefined ? [] : [[pod.metadata.uid ?? '', { text, readAt }]]
  })
  return new Map(found)
}

function groupsIn(snapshot: ClusterSnapshot, nodesOf: ReadonlyMap<string, readonly NodeFacts[]>): Readonly<Record<string, GroupFacts>> {
  const scalingGroups = snapshot.aws.autoScalingGroups ?? []
  const groups = (snapshot.aws.nodegroups ?? []).flatMap((nodegroup): [string, GroupFacts][] => {
    const name = nodegroup.nodegroupName
    if (name === undefined) return []
    const behind = nodegroup.resources?.autoScalingGroups?.[0]?.name
    const group = scalingGroups.find((candidate) => behind !== undefined && candidate.AutoScalingGroupName === behind)
    return [[name, groupFacts(name, nodegroup, nodesOf.get(name) ?? [], group && { group, activities: [] })]]
  })
  return Object.fromEntries(groups)
}
