import type { Instant, Millis } from '../../../model/instant.ts'
import { keyedUuid } from '../../../model/keyed.ts'
import {
  IMAGE_LABEL,
  INSTANCE_TYPE_LABEL,
  NODEGROUP_LABEL,
  TEMPLATE_ID_LABEL,
  TEMPLATE_VERSION_LABEL,
  ZONE_LABEL,
} from '../../../model/kubernetes.ts'
import type { Machine } from '../../contract.ts'
import type { NodeRepairSpec } from '../node-group-spec.ts'
import type { ClusterSpec, NodeGroupSpec, Sizes, TaintSpec, UpdateConfig } from '../world-spec.ts'
import type { ScalingGroup } from './auto-scaling/group.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { Image, Images } from './images.ts'
import { type AddressingMode, type InstanceTypes, maxPods } from './instance-types.ts'
import type { Instance, TemplateReference } from './instances.ts'
import type { LaunchConfiguration } from './launch-configurations.ts'
import type { LaunchTemplates, Template } from './launch-templates.ts'
import type { ManagedPool } from './node-group/warm-pool.ts'
import { launchOf } from './self-managed.ts'

/** What the nodes of a group are made of. */
export interface GroupTarget {
  /** The minor; for a custom AMI the cluster's at the time of the update, since EKS does not know the AMI's. */
  readonly version: string
  readonly image: Image
  /** The user's own template. */
  readonly launchTemplate?: TemplateReference
}

export type GroupStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'CREATE_FAILED' | 'DELETE_FAILED'

/** An issue of DescribeNodegroup's health, its code one of the SDK's NodegroupIssueCode. */
export interface GroupIssue {
  readonly code: string
  readonly message: string
  readonly resourceIds: readonly string[]
}

/** What UpdateNodegroupConfig changes besides sizes and the pace of updates. */
export interface GroupSettings {
  labels: Readonly<Record<string, string>>
  taints: readonly TaintSpec[]
  repair?: NodeRepairSpec
  warmPool?: ManagedPool
}

/** A managed node group, or the nodes of a self-managed Auto Scaling group. */
export interface NodeGroup {
  readonly spec: NodeGroupSpec
  readonly scaling: ScalingGroup
  /** EKS's own launch template, from which the Auto Scaling group launches. */
  readonly template: Template
  /** What each version of that template stands for, by its number. */
  readonly made: Map<number, GroupTarget>
  readonly createdAt: Instant
  current: GroupTarget
  sizes: Sizes
  updateConfig: UpdateConfig
  readonly settings: GroupSettings
  status: GroupStatus
  /** The status that DescribeNodegroup answers until `statusShowsAt`. */
  formerStatus: GroupStatus
  statusShowsAt: Instant
  modifiedAt: Instant
  /** Sizes before an update that failed and left them inflated. */
  sizesBeforeFailure?: Sizes
  /** What went wrong with its creation or deletion. */
  issues: readonly GroupIssue[]
}

export interface NodeGroupDeps {
  readonly cluster: ClusterSpec
  readonly images: Images
  readonly templates: LaunchTemplates
  readonly autoScaling: AutoScaling
  readonly types: InstanceTypes
  readonly configurations: Map<string, LaunchConfiguration>
  readonly seed: number
  /** When the groups of the world's beginning and their nodes were made. */
  readonly bornAt: Instant
}

/**
 * Makes a group that has its size from the beginning. `nth` counts the groups of this name before it.
 * Throws when its image, template or type does not exist.
 */
export function openNodeGroup(spec: NodeGroupSpec, deps: NodeGroupDeps, nth = 0): NodeGroup {
  for (const type of spec.instanceTypes) deps.types.get(type)
  const managed = spec.form !== 'self-managed'
  const id = nth === 0 ? keyedUuid(deps.seed, 'node-group', spec.name) : keyedUuid(deps.seed, 'node-group', spec.name, nth)
  const current = targetOfSpec(spec, deps)
  const template = deps.templates.create(managed ? `eks-${id}` : `self-${spec.name}`)
  const made = new Map([[deps.templates.addVersion(template, { imageId: current.image.imageId, ...ownType(spec) }).number, current]])
  const group = {
    name: managed ? `eks-${spec.name}-${id}` : spec.name,
    subnetIds: spec.subnetIds,
    instanceTypes: spec.instanceTypes,
    capacityType: spec.capacityType,
    tags: groupTags(spec, deps.cluster.name),
    sizes: spec.size,
    launch: launchOf(
      spec,
      { id: template.id, version: 1 },
      { imageId: current.image.imageId, createdAt: deps.bornAt, configurations: deps.configurations },
    ),
    hooks: spec.selfManaged?.hooks ?? [],
    // EKS user guide, "managed node group capacity types".
    settings: { capacityRebalance: managed && spec.capacityType === 'SPOT' },
  }
  const scaling = deps.autoScaling.create(group, deps.bornAt)
  const now = deps.bornAt
  const { size: sizes, updateConfig } = spec
  return {
    spec,
    scaling,
    template,
    made,
    createdAt: now,
    current,
    sizes,
    updateConfig,
    settings: {
      labels: spec.labels,
      taints: spec.taints,
      ...(spec.repair ? { repair: spec.repair } : {}),
    },
    status: 'ACTIVE',
    formerStatus: 'ACTIVE',
    statusShowsAt: now,
    modifiedAt: now,
    issues: [],
  }
}

/** The template of users names the type where the group has one; that of EKS never does. */
function ownType({ form, instanceTypes }: NodeGroupSpec): { readonly instanceType?: string } {
  const [instanceType] = instanceTypes
  return form === 'self-managed' && instanceTypes.length === 1 && instanceType !== undefined ? { instanceType } : {}
}

/** Moves a group to a status; DescribeNodegroup answers with the former one for `lag` more. */
export function setStatus(group: NodeGroup, status: GroupStatus, now: Instant, lag: Millis): void {
  group.formerStatus = shownStatus(group, now)
  group.status = status
  group.statusShowsAt = now + lag
}

export function shownStatus({ status, formerStatus, statusShowsAt }: NodeGroup, now: Instant): GroupStatus {
  return now < statusShowsAt ? formerStatus : status
}

/** Names of the nodes that the group's instances are, or will be. */
export function nodesOf({ scaling }: NodeGroup): readonly string[] {
  return [...scaling.members.values()].map(({ instance }) => instance.nodeName)
}

/** Tags by which tools find a group's instances (EKS user guide, "managed node groups"). */
function groupTags(spec: NodeGroupSpec, cluster: string): Readonly<Record<string, string>> {
  const owned = { [`kubernetes.io/cluster/${cluster}`]: 'owned' }
  if (spec.form === 'self-managed') return owned
  return {
    ...owned,
    'eks:cluster-name': cluster,
    'eks:nodegroup-name': spec.name,
    'k8s.io/cluster-autoscaler/enabled': 'true',
    [`k8s.io/cluster-autoscaler/${cluster}`]: 'owned',
  }
}

function targetOfSpec(spec: NodeGroupSpec, { cluster, images, templates }: NodeGroupDeps): GroupTarget {
  const launchTemplate = spec.launchTemplate
  const version = launchTemplate && templates.version(templates.find({ id: launchTemplate.id }), String(launchTemplate.version))
  if (launchTemplate && version === undefined)
    throw new Error(`Node group ${spec.name}: its launch template has no version ${launchTemplate.version}.`)
  const custom = version?.imageId === undefined ? undefined : images.get(version.imageId)
  if (custom !== undefined) return { version: cluster.kubernetesVersion, image: custom, launchTemplate }
  const minor = spec.kubernetesVersion ?? cluster.kubernetesVersion
  return { version: minor, image: releasedImage(spec, minor, images), ...(launchTemplate ? { launchTemplate } : {}) }
}

function releasedImage(spec: NodeGroupSpec, minor: string, images: Images): Image {
  const releases = images.releases(spec.amiType, minor)
  const image =
    spec.releaseVersion === undefined ? (releases[1] ?? releases[0]) : images.ofRelease(spec.amiType, minor, spec.releaseVersion)
  if (image !== undefined) return image
  const known = releases.map(({ release }) => release).join(', ')
  throw new Error(
    `Node group ${spec.name}: no release ${spec.releaseVersion ?? ''} of ${spec.amiType} for ${minor}. Known: ${known || 'none'}.`,
  )
}

/** The version of EKS's own template that stands for a target; made when there is none yet. */
export function templateFor(group: NodeGroup, target: GroupTarget, templates: LaunchTemplates): TemplateReference {
  for (const [version, made] of group.made) if (sameTarget(made, target)) return { id: group.template.id, version }
  const { number } = templates.addVersion(group.template, { imageId: target.image.imageId })
  group.made.set(number, target)
  return { id: group.template.id, version: number }
}

function sameTarget(a: GroupTarget, b: GroupTarget): boolean {
  return (
    a.image.imageId === b.image.imageId &&
    a.launchTemplate?.id === b.launchTemplate?.id &&
    a.launchTemplate?.version === b.launchTemplate?.version
  )
}

/** Zones of the group's subnets, by their addresses' owners. */
export function zonesOf(group: NodeGroup, zoneOfSubnet: (id: string) => string): readonly string[] {
  return [...new Set(group.spec.subnetIds.map(zoneOfSubnet))].sort()
}

/** Nodes that may be away at a time: at least one, at most a hundred (EKS API reference, NodegroupUpdateConfig). */
export function maxUnavailableOf(group: NodeGroup): number {
  const { maxUnavailable, maxUnavailablePercentage } = group.updateConfig
  const wanted =
    maxUnavailablePercentage === undefined ? (maxUnavailable ?? 1) : Math.ceil((group.sizes.desired * maxUnavailablePercentage) / 100)
  return Math.min(Math.max(wanted, 1), 100)
}

/** What kubelet allows where nobody says otherwise, as on Windows (Kubernetes, KubeletConfiguration, maxPods). */
const KUBELET_PODS = 110

/** What an instance of the group brings to the cluster when its kubelet starts. EKS gives all nodes of a group the lowest max-pods of its types. */
export function machineOf(group: NodeGroup, instance: Instance, images: Images, types: InstanceTypes, mode: AddressingMode): Machine {
  const target = targetBehind(group, instance, images)
  const facts = types.get(instance.type)
  const limiting = group.spec.form === 'self-managed' ? [instance.type] : group.spec.instanceTypes
  return {
    instanceId: instance.id,
    privateIp: instance.privateIp,
    nodeName: instance.nodeName,
    group: group.spec.name,
    zone: instance.zone,
    subnetId: instance.subnetId,
    instanceType: instance.type,
    imageId: instance.imageId,
    kubeletVersion: target.image.kubeletVersion,
    architecture: facts.architecture,
    osImage: target.image.osImage,
    ...(target.image.windowsBuild === undefined ? {} : { kind: 'windows' as const }),
    labels: nodeLabels(group, instance, target, facts.architecture),
    taints: group.settings.taints,
    vcpus: facts.vcpus,
    memoryMiB: facts.memoryMiB,
    maxPods: target.image.windowsBuild === undefined ? Math.min(...limiting.map((type) => maxPods(types.get(type), mode))) : KUBELET_PODS,
  }
}

/** What an instance was launched to be: by EKS's template, or by whatever its users had their group launch. */
function targetBehind({ spec, made, current }: NodeGroup, { template, imageId }: Instance, images: Images): GroupTarget {
  if (spec.form !== 'self-managed') return made.get(template?.version ?? 0) ?? current
  return { ...current, image: images.get(imageId) ?? current.image }
}

function osLabels({ windowsBuild }: Image): Readonly<Record<string, string>> {
  if (windowsBuild === undefined) return { 'kubernetes.io/os': 'linux' }
  return { 'kubernetes.io/os': 'windows', 'node.kubernetes.io/windows-build': windowsBuild }
}

/** Labels that EKS and kubelet set (EKS user guide, "managed node groups" and "launch templates"). */
function nodeLabels(group: NodeGroup, instance: Instance, target: GroupTarget, architecture: string): Readonly<Record<string, string>> {
  const common = {
    ...group.settings.labels,
    [ZONE_LABEL]: instance.zone,
    'topology.kubernetes.io/region': instance.zone.replace(/[a-z]$/, ''),
    [INSTANCE_TYPE_LABEL]: instance.type,
    ...osLabels(target.image),
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': instance.nodeName,
  }
  if (group.spec.form === 'self-managed') return common
  const template = target.launchTemplate
  return {
    ...common,
    [NODEGROUP_LABEL]: group.spec.name,
    [IMAGE_LABEL]: target.image.imageId,
    'eks.amazonaws.com/capacityType': group.spec.capacityType,
    ...(template ? { [TEMPLATE_ID_LABEL]: template.id, [TEMPLATE_VERSION_LABEL]: String(template.version) } : {}),
  }
}
