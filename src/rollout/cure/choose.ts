import type { Diagnosis, DiagnosisReport } from '../../model/diagnosis.ts'
import { groupOfNode } from '../../model/groups-of-nodes.ts'
import type { StuckPod } from '../../model/itinerary.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, instanceIdOf, leftOnNode, type Node, type Pod, type Workload } from '../../model/kubernetes.ts'
import type { RemediationPolicy } from '../../model/plan.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'

/** What is to be cured, what is not and why, and what has to be done by a person first. Pure data. */
export interface Cure {
  /** In this order, one after the other. */
  readonly rotations: readonly Rotation[]
  readonly pods: readonly StuckPod[]
  /** Groups on whose nodes an update or a dead run left cordons, labels or marks; those nodes; and those that others drain. */
  readonly leftovers: { readonly groups: readonly string[]; readonly nodes: readonly string[]; readonly left?: Cure['left'] }
  readonly left: readonly { readonly what: string; readonly because: string }[]
  /** Nothing of the cure of this cause begins before it is done. */
  readonly first: readonly { readonly code: string; readonly because: string; readonly commands: readonly string[] }[]
}

export interface Rotation {
  readonly node: string
  readonly instanceId: string
  readonly group: string
  readonly autoScalingGroup: string
  /** Nodes of the group now. */
  readonly nodes: number
  readonly code: string
  readonly because: string
}

/** What `serin remediate` does when a plan says nothing. */
export const DEFAULT_POLICY: RemediationPolicy = {
  onFailureOf: [],
  maxNodes: 2,
  maxShare: 0.34,
  maxPods: 50,
  podsAtOnce: 5,
  jobs: false,
  within: 20 * 60_000,
}

/** What a cure counts. */
interface Counted {
  /** Groups of which the nodes are counted for the share that may be touched; all when absent. */
  readonly scope?: ReadonlySet<string>
  /** Nodes that were replaced before, and count for the bound too. */
  readonly replaced?: number
}

/** What of a diagnosis may be cured without a person, within the bounds of the plan. */
export function chooseCure(report: DiagnosisReport, snapshot: ClusterSnapshot, policy: RemediationPolicy, counted: Counted = {}): Cure {
  const causes = report.diagnoses.filter(({ explainedBy, remedy }) => explainedBy === undefined && remedy.cure !== undefined)
  const blocked = causes.filter(({ remedy }) => remedy.blockedUntil !== undefined)
  const open = causes.filter(({ remedy }) => remedy.blockedUntil === undefined)
  const rotations = rotationsOf(open, snapshot, policy, counted)
  const pods = podsOf(open, snapshot, policy)
  return {
    rotations: rotations.chosen,
    pods: pods.chosen,
    leftovers: leftoversOf(snapshot),
    left: [...rotations.left, ...pods.left],
    first: blocked.map(({ code, remedy: { blockedUntil = '', commands } }) => ({ code, because: blockedUntil, commands })),
  }
}

export function isEmpty({ rotations, pods, leftovers }: Cure): boolean {
  return rotations.length + pods.length + leftovers.nodes.length === 0
}

interface Chosen<T> {
  readonly chosen: readonly T[]
  readonly left: Cure['left']
}

function rotationsOf(
  causes: readonly Diagnosis[],
  snapshot: ClusterSnapshot,
  policy: RemediationPolicy,
  { scope, replaced = 0 }: Counted,
): Chosen<Rotation> {
  const byName = new Map(objectsOf<Node>(snapshot, 'Node').map((node) => [node.metadata.name, node]))
  const wanted = causes
    .filter(({ remedy }) => remedy.cure === 'rotate-nodes')
    .flatMap((cause) => cause.nodes.map((name) => ({ name, cause })))
  const total = [...byName.values()].filter((node) => scope === undefined || scope.has(groupOfNode(node, snapshot) ?? '')).length
  const share = (count: number) => total > 0 && count / total > policy.maxShare
  const names = new Set(wanted.map(({ name }) => name))
  if (names.size > 0 && share(names.size)) {
    const because = `${names.size} of ${total} nodes are more than the plan lets a cure touch (${Math.round(100 * policy.maxShare)}%): this is no matter of single nodes`
    return { chosen: [], left: [...names].map((name) => ({ what: `Node/${name}`, because })) }
  }
  const chosen: Rotation[] = []
  const left: { what: string; because: string }[] = []
  for (const name of names) {
    const cause = wanted.find((each) => each.name === name)?.cause
    const rotation = cause && rotationOf(byName.get(name), cause, snapshot)
    if (rotation === undefined) continue
    if ('because' in rotation && !('node' in rotation)) left.push({ what: `Node/${name}`, because: rotation.because })
    else if (chosen.length + replaced >= policy.maxNodes) left.push({ what: `Node/${name}`, because: beyond(policy, replaced) })
    else chosen.push(rotation as Rotation)
  }
  return { chosen, left }
}

function beyond({ maxNodes }: RemediationPolicy, replaced: number): string {
  return `the plan allows ${maxNodes} nodes at most${replaced === 0 ? '' : `, and ${replaced} were replaced already`}`
}

function rotationOf(
  node: Node | undefined,
  { code, title }: Diagnosis,
  snapshot: ClusterSnapshot,
): Rotation | { readonly because: string } | undefined {
  if (node === undefined) return undefined
  const group = groupOfNode(node, snapshot)
  const instanceId = instanceIdOf(node)
  const scaling = snapshot.aws.autoScalingGroups?.find(({ Instances = [] }) =>
    Instances.some(({ InstanceId }) => InstanceId === instanceId),
  )
  if (group === undefined || instanceId === undefined || scaling?.AutoScalingGroupName === undefined)
    return { because: 'it belongs to no Auto Scaling group that would launch another' }
  const managed = snapshot.aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === group)
  if (managed?.status === 'UPDATING') return { because: `EKS is updating its group ${group}` }
  const nodes = objectsOf<Node>(snapshot, 'Node').filter((each) => groupOfNode(each, snapshot) === group).length
  return { node: node.metadata.name, instanceId, group, autoScalingGroup: scaling.AutoScalingGroupName, nodes, code, because: title }
}

function podsOf(causes: readonly Diagnosis[], snapshot: ClusterSnapshot, policy: RemediationPolicy): Chosen<StuckPod> {
  const byKey = new Map(objectsOf<Pod>(snapshot, 'Pod').map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]))
  const owners = new Map(
    objectsOf<Workload & { readonly kind: 'ReplicaSet' }>(snapshot, 'ReplicaSet').map((set) => [
      `${set.metadata.namespace}/${set.metadata.name}`,
      set,
    ]),
  )
  const keys = [...new Set(causes.filter(({ remedy }) => remedy.cure === 'recreate-pods').flatMap(({ pods }) => pods))]
  const chosen: StuckPod[] = []
  const left: { what: string; because: string }[] = []
  for (const key of keys) {
    const pod = byKey.get(key)
    if (pod === undefined) continue
    const answer = stuckPod(pod, owners, policy)
    if (typeof answer === 'string') left.push({ what: `Pod/${key}`, because: answer })
    else if (chosen.length >= policy.maxPods) left.push({ what: `Pod/${key}`, because: `the plan allows ${policy.maxPods} pods at most` })
    else chosen.push(answer)
  }
  return { chosen, left }
}

function stuckPod({ metadata, spec }: Pod, owners: ReadonlyMap<string, Workload>, { jobs }: RemediationPolicy): StuckPod | string {
  const { namespace = '', name, uid = '', ownerReferences } = metadata
  const owner = ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return 'nobody would make it anew: it has no owner'
  if (owner.kind === 'Job' && !jobs) return 'it belongs to a Job: what it did would be done twice (`remediation.jobs` allows it)'
  const above = owners.get(`${namespace}/${owner.name}`)?.metadata.ownerReferences?.find(({ controller }) => controller === true)
  const workload = above ?? (owner.kind === 'StatefulSet' || owner.kind === 'ReplicaSet' ? owner : undefined)
  return {
    namespace,
    name,
    uid,
    node: spec?.nodeName ?? '',
    owner: owner.name,
    ...(workload && { workload: `${workload.kind}/${namespace}/${workload.name}` }),
  }
}

/**
 * Nodes with our own marks, and nodes that EKS cordoned for an update that is over. Nothing of a group that is being updated,
 * and no node that something else takes away: it cordons and labels just like that.
 */
function leftoversOf(snapshot: ClusterSnapshot): Cure['leftovers'] {
  const updating = new Set(
    (snapshot.aws.nodegroups ?? []).flatMap(({ nodegroupName, status }) => (status === 'UPDATING' ? (nodegroupName ?? []) : [])),
  )
  const found = objectsOf<Node>(snapshot, 'Node').flatMap((node) => {
    const group = groupOfNode(node, snapshot)
    return leftOnNode(node) !== undefined && !updating.has(group ?? '') ? [{ name: node.metadata.name, group, takenBy: takenBy(node) }] : []
  })
  const mine = found.filter((each) => each.takenBy === undefined)
  return {
    groups: [...new Set(mine.flatMap(({ group }) => group ?? []))].sort(),
    nodes: mine.map(({ name }) => name).sort(),
    left: found.flatMap(({ name, takenBy: key }) =>
      key === undefined ? [] : [{ what: `Node/${name}`, because: `it is out of service, and ${key} says that it is being taken away` }],
    ),
  }
}

/**
 * Marks of what takes nodes away: aws-node-termination-handler (taints, labels, the value of its balancer label), the cluster
 * autoscaler (https://github.com/kubernetes/autoscaler, utils/taints), Karpenter (karpenter.sh/disruption, later disrupted).
 */
const TAKEN_AWAY =
  /^(aws-node-termination-handler(\/|$)|ToBeDeletedByClusterAutoscaler$|DeletionCandidateOfClusterAutoscaler$|karpenter\.sh\/disrupt)/

function takenBy({ metadata: { labels = {}, annotations = {} }, spec }: Node): string | undefined {
  const taints = (spec?.taints ?? []).map(({ key }) => key)
  const excluded = labels[EXCLUDE_FROM_BALANCERS_LABEL] ?? ''
  return [...taints, ...Object.keys(labels), ...Object.keys(annotations), excluded].find((mark) => TAKEN_AWAY.test(mark))
}
