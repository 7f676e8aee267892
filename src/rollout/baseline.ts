import type { BatchBaseline } from '../catalog/gates/definition.ts'
import { ipamdControl } from '../catalog/gates/judging/ipamd-state.ts'
import type { AutoScalingGroup } from '../model/aws.ts'
import { awsNodeEnvOf, awsNodeTemplateDigest, awsNodeVersionOf, isAwsNodeDaemonSet } from '../model/aws-node.ts'
import { groupOfNode } from '../model/groups-of-nodes.ts'
import type { Intent } from '../model/intent.ts'
import type { Baseline, GroupBaseline } from '../model/itinerary.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, IMAGE_LABEL, KEEP_FROM_AUTOSCALER, type Node, type Workload } from '../model/kubernetes.ts'
import { AUTOSCALER_TAG } from '../model/replacement.ts'
import type { AgentFacts, NodeFacts, Seen } from '../model/seen.ts'
import type { ServiceFacts } from '../model/service-facts.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'

/** What "as it was" means, recorded from the snapshot the itinerary is made of. */
export function recordBaseline(snapshot: ClusterSnapshot, intent: Intent): Baseline {
  const nodes = objectsOf<Node>(snapshot, 'Node')
  return {
    takenAt: snapshot.capturedAt,
    addons: Object.fromEntries(intent.addons.map((addon) => [addon.name, addon.baseline])),
    groups: Object.fromEntries(intent.groups.map((group) => [group.name, groupBaseline(group, snapshot, nodes)])),
    ...awsNodeBaseline(snapshot),
    cordoned: nodes.filter((node) => node.spec?.unschedulable === true).map((node) => node.metadata.name),
    excludedFromBalancers: nodes
      .filter((node) => node.metadata.labels?.[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined)
      .map((node) => node.metadata.name),
    keptFromAutoscaler: nodes
      .filter((node) => node.metadata.annotations?.[KEEP_FROM_AUTOSCALER] === 'true')
      .map((node) => node.metadata.name),
  }
}

/** The aws-node template as it was: success of a way back is judged by it, not by a version string. */
function awsNodeBaseline(snapshot: ClusterSnapshot): Pick<Baseline, 'awsNodeTemplate' | 'awsNodeVersion' | 'awsNodeEnv'> {
  const daemonSet = objectsOf<Workload>(snapshot, 'DaemonSet').find(isAwsNodeDaemonSet)
  if (daemonSet === undefined) return {}
  const containers = daemonSet.spec?.template?.spec?.containers
  return {
    awsNodeTemplate: awsNodeTemplateDigest(daemonSet),
    awsNodeVersion: awsNodeVersionOf(containers),
    awsNodeEnv: awsNodeEnvOf(containers),
  }
}

function groupBaseline(group: Intent['groups'][number], snapshot: ClusterSnapshot, nodes: readonly Node[]): GroupBaseline {
  const nodegroup = snapshot.aws.nodegroups?.find((candidate) => candidate.nodegroupName === group.name)
  const own = nodes.filter((node) => groupOfNode(node, snapshot) === group.name)
  const scaling = snapshot.aws.autoScalingGroups?.find((candidate) => candidate.AutoScalingGroupName === group.autoScalingGroup)
  return {
    spec: group.baseline,
    sizes: group.sizes,
    updateSettings: nodegroup?.updateConfig ?? {},
    autoScalingGroup: group.autoScalingGroup,
    autoScalingMax: scaling?.MaxSize,
    nodes: own.map((node) => node.metadata.name),
    ...(group.form === 'self-managed' && scaling && { scaling: scalingBaseline(scaling) }),
    ...autoscalerTag(scaling),
    images: [...new Set(own.flatMap((node) => node.metadata.labels?.[IMAGE_LABEL] ?? []))].sort(),
  }
}

function autoscalerTag({ Tags = [] }: AutoScalingGroup = {}): Pick<GroupBaseline, 'autoscalerTag'> {
  const tag = Tags.find(({ Key }) => Key === AUTOSCALER_TAG)
  return tag === undefined ? {} : { autoscalerTag: { value: tag.Value ?? '', propagate: tag.PropagateAtLaunch === true } }
}

function scalingBaseline({ SuspendedProcesses = [], Instances = [], NewInstancesProtectedFromScaleIn }: AutoScalingGroup) {
  return {
    suspended: SuspendedProcesses.flatMap(({ ProcessName }) => ProcessName ?? []).sort(),
    protected: Instances.flatMap(({ InstanceId, ProtectedFromScaleIn }) =>
      ProtectedFromScaleIn === true && InstanceId ? [InstanceId] : [],
    ),
    protectsNew: NewInstancesProtectedFromScaleIn === true,
  }
}

/** What a batch's gates compare with, taken right before the batch acts. */
export function takeBatchBaseline(seen: Seen): BatchBaseline {
  const nodes = [...Object.values(seen.groups).flatMap((group) => group.nodes), ...seen.otherNodes]
  return {
    takenAt: seen.now,
    ...(seen.outside && { outside: seen.outside }),
    nodes: Object.fromEntries(nodes.map((node) => [node.name, nodeBaseline(node)])),
    ...(seen.services && { services: servicesBaseline(seen.services) }),
    workloads: Object.fromEntries(
      seen.workloads.map(({ key, desired, available, generation, restarts, nodes: names }) => [
        key,
        { desired, available, generation, nodes: names, ...(restarts !== undefined && { restarts }) },
      ]),
    ),
  }
}

function servicesBaseline(services: readonly ServiceFacts[]): BatchBaseline['services'] {
  const filled = services.filter(({ ready }) => ready > 0)
  return Object.fromEntries(
    filled.map(({ key, ready, nodes, workloads, unlisted }) => [
      key,
      { ready, nodes, workloads, ...(unlisted && { unlisted: unlisted.length }) },
    ]),
  )
}

function nodeBaseline(node: NodeFacts): BatchBaseline['nodes'][string] {
  const ipamd = ipamdControl(node.awsNode?.metrics)
  return {
    uid: node.uid,
    group: node.group,
    ready: node.ready,
    restarts: restartsOf(node.awsNode),
    awsNodeReady: allReady(node.awsNode),
    waiting: node.waitingPods.filter((pod) => pod.cause === 'cni').length,
    zone: node.zone,
    ...(node.cordoned && { cordoned: true as const }),
    ...(ipamd !== 'unreadable' && { ipamdFails: ipamd === 'fails' }),
    awsNodeUid: node.awsNode?.uid,
    ...(node.kubeProxy && { kubeProxy: { ready: allReady(node.kubeProxy), restarts: restartsOf(node.kubeProxy) } }),
  }
}

function restartsOf(pod: AgentFacts | undefined): number {
  return (pod?.containers ?? []).reduce((sum, container) => sum + container.restarts, 0)
}

function allReady(pod: AgentFacts | undefined): boolean {
  return pod !== undefined && pod.containers.length > 0 && pod.containers.every((container) => container.ready)
}
