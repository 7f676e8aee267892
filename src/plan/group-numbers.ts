import { surgeNodes } from '../forecast/addresses.ts'
import type { AutoScalingGroup, EksNodegroup } from '../model/aws.ts'
import { groupOfNode } from '../model/groups-of-nodes.ts'
import { HOUR, MINUTE, type Millis } from '../model/instant.ts'
import type { GroupIntent } from '../model/intent.ts'
import { INSTANCE_TYPE_LABEL, type Node, type Pod, ZONE_LABEL } from '../model/kubernetes.ts'
import type { GroupSettings } from '../model/plan.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'

/** Nodes by group and evictable pods by node, counted in one pass. */
export interface Census {
  readonly nodes: ReadonlyMap<string, readonly Node[]>
  readonly pods: ReadonlyMap<string, number>
}

export function takeCensus(snapshot: ClusterSnapshot): Census {
  const nodes = new Map<string, Node[]>()
  for (const node of objectsOf<Node & { kind: 'Node' }>(snapshot, 'Node')) {
    const group = groupOfNode(node, snapshot)
    if (group === undefined) continue
    const members = nodes.get(group)
    if (members) members.push(node)
    else nodes.set(group, [node])
  }
  const pods = new Map<string, number>()
  for (const pod of objectsOf<Pod & { kind: 'Pod' }>(snapshot, 'Pod')) {
    const node = pod.spec?.nodeName
    if (node !== undefined && isEvictable(pod)) pods.set(node, (pods.get(node) ?? 0) + 1)
  }
  return { nodes, pods }
}

/** A drain leaves DaemonSet pods, static pods and finished pods alone. */
function isEvictable(pod: Pod): boolean {
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return !finished && !(pod.metadata.ownerReferences ?? []).some((owner) => owner.kind === 'DaemonSet' || owner.kind === 'Node')
}

export type GroupNumbers = Pick<
  GroupIntent,
  | 'nodes'
  | 'pods'
  | 'zones'
  | 'subnets'
  | 'instanceTypes'
  | 'maxUnavailable'
  | 'surge'
  | 'updateStrategy'
  | 'timeout'
  | 'sizes'
  | 'nodeClass'
  | 'amiType'
> & { readonly autoScalingGroup?: string }

export function groupNumbers(
  group: EksNodegroup,
  settings: GroupSettings | undefined,
  snapshot: ClusterSnapshot,
  census: Census,
): GroupNumbers {
  const nodes = census.nodes.get(group.nodegroupName ?? '') ?? []
  const asg = autoScalingGroupOf(group, snapshot)
  const { minSize: min = 0, desiredSize: desired = nodes.length, maxSize: max = Math.max(desired, 1) } = group.scalingConfig ?? {}
  const zones = zonesOf(group, asg, nodes, snapshot)
  const maxUnavailable = maxUnavailableOf(group, settings, Math.max(nodes.length, desired))
  const updateStrategy = settings?.updateStrategy ?? (group.updateConfig?.updateStrategy === 'MINIMAL' ? 'MINIMAL' : 'DEFAULT')
  const instanceTypes = instanceTypesOf(group, nodes)
  const amiType = group.amiType ?? 'unknown'
  return {
    amiType,
    nodes: nodes.length,
    pods: nodes.reduce((sum, node) => sum + (census.pods.get(node.metadata.name) ?? 0), 0),
    zones,
    subnets: group.subnets ?? [],
    instanceTypes,
    autoScalingGroup: asg?.AutoScalingGroupName ?? group.resources?.autoScalingGroups?.[0]?.name,
    maxUnavailable,
    surge: surgeNodes({ zones: zones.length, maxUnavailable, strategy: updateStrategy }),
    updateStrategy,
    timeout: settings?.timeout ?? defaultTimeout(nodes.length, maxUnavailable),
    sizes: { min, max, desired },
    nodeClass: nodeClassOf(group, amiType, instanceTypes, snapshot),
  }
}

function autoScalingGroupOf(group: EksNodegroup, snapshot: ClusterSnapshot): AutoScalingGroup | undefined {
  const name = group.resources?.autoScalingGroups?.[0]?.name
  return name === undefined ? undefined : snapshot.aws.autoScalingGroups?.find((each) => each.AutoScalingGroupName === name)
}

/** The zones that EKS counts for the surge are those of the Auto Scaling group; its subnets and its nodes say the same. */
function zonesOf(
  group: EksNodegroup,
  asg: AutoScalingGroup | undefined,
  nodes: readonly Node[],
  snapshot: ClusterSnapshot,
): readonly string[] {
  const ofSubnets = (snapshot.aws.subnets ?? [])
    .filter((subnet) => group.subnets?.includes(subnet.SubnetId ?? ''))
    .map((subnet) => subnet.AvailabilityZone)
  const ofNodes = nodes.map((node) => node.metadata.labels?.[ZONE_LABEL])
  const found = [asg?.AvailabilityZones ?? [], ofSubnets, ofNodes].find((zones) => zones.some((zone) => zone !== undefined)) ?? []
  return [...new Set(found.filter((zone) => zone !== undefined))].sort()
}

/**
 * Nodes EKS may take away at a time: the plan's, else the group's, else 1; a share is of the group's size, rounded up, never zero; at most 100.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html
 */
function maxUnavailableOf(group: EksNodegroup, settings: GroupSettings | undefined, size: number): number {
  const wanted = settings?.maxUnavailable
  const share =
    wanted === undefined
      ? group.updateConfig?.maxUnavailablePercentage
      : typeof wanted === 'string'
        ? Number.parseInt(wanted, 10)
        : undefined
  const count =
    share === undefined
      ? typeof wanted === 'number'
        ? wanted
        : (group.updateConfig?.maxUnavailable ?? 1)
      : Math.ceil((size * share) / 100)
  return Math.min(100, Math.max(1, count))
}

/**
 * Half an hour to launch and to settle, and for every round of nodes the 15 minutes that EKS gives a drain with a few minutes around it.
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
 */
function defaultTimeout(nodes: number, maxUnavailable: number): Millis {
  return Math.max(HOUR, 30 * MINUTE + Math.ceil(nodes / maxUnavailable) * 20 * MINUTE)
}

function instanceTypesOf(group: EksNodegroup, nodes: readonly Node[]): readonly string[] {
  const declared = group.instanceTypes ?? []
  const seen = nodes.map((node) => node.metadata.labels?.[INSTANCE_TYPE_LABEL]).filter((type) => type !== undefined)
  return [...new Set(declared.length > 0 ? declared : seen)].sort()
}

/** AMI type, architecture, instance families, launch template: groups of one class fail alike. */
function nodeClassOf(group: EksNodegroup, amiType: string, instanceTypes: readonly string[], snapshot: ClusterSnapshot): string {
  const families = [...new Set(instanceTypes.map((type) => type.split('.')[0]))].sort().join('+') || 'any'
  return [amiType, architectureOf(amiType, instanceTypes, snapshot), families, group.launchTemplate?.id ?? 'no-template'].join('/')
}

function architectureOf(amiType: string, instanceTypes: readonly string[], snapshot: ClusterSnapshot): string {
  if (amiType.includes('ARM_64')) return 'arm64'
  if (amiType.includes('x86_64')) return 'x86_64'
  const info = snapshot.aws.instanceTypes?.find((each) => each.InstanceType !== undefined && instanceTypes.includes(each.InstanceType))
  const architectures = info?.ProcessorInfo?.SupportedArchitectures ?? []
  return architectures.find((each) => each === 'arm64' || each === 'x86_64') ?? 'unknown'
}
