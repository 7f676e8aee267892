import type { AutoScalingGroup, EksNodegroup, LaunchTemplateVersion } from '../../model/aws.ts'
import type { Node } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import { AMI_TYPES } from './aws/images.ts'
import type { ClusterSpec, LaunchTemplateSpec, LaunchTemplateVersionSpec, NodeGroupSpec, TaintSpec } from './world-spec.ts'

interface Reading {
  readonly snapshot: ClusterSnapshot
  readonly cluster: ClusterSpec
  readonly templates: readonly LaunchTemplateSpec[]
  readonly assumptions: string[]
}

/** Node groups and launch templates of a snapshot's world. */
export function groupsOf(
  snapshot: ClusterSnapshot,
  cluster: ClusterSpec,
  assumptions: string[],
): { readonly groups: readonly NodeGroupSpec[]; readonly templates: readonly LaunchTemplateSpec[] } {
  const templates = templatesOf({ snapshot, cluster, assumptions })
  const reading = { snapshot, cluster, templates, assumptions }
  return { groups: (snapshot.aws.nodegroups ?? []).flatMap((group) => groupOf(reading, group)), templates }
}

function templatesOf(reading: Omit<Reading, 'templates'>): readonly LaunchTemplateSpec[] {
  const { aws } = reading.snapshot
  const byId = new Map<string, LaunchTemplateVersion[]>()
  for (const version of aws.launchTemplateVersions ?? []) {
    const { LaunchTemplateId: id } = version
    if (id !== undefined) byId.set(id, [...(byId.get(id) ?? []), version])
  }
  return [...byId].map(([id, versions]) => templateOf(id, versions, reading))
}

/** Versions that the snapshot does not have stand as copies of the nearest one below, so that numbers keep their meaning. */
function templateOf(id: string, seen: readonly LaunchTemplateVersion[], reading: Omit<Reading, 'templates'>): LaunchTemplateSpec {
  const latest = Math.max(...seen.map(({ VersionNumber }) => VersionNumber ?? 1))
  const versions: LaunchTemplateVersionSpec[] = []
  for (let number = 1; number <= latest; number++) {
    const found = seen.find(({ VersionNumber }) => VersionNumber === number)
    versions.push(found === undefined ? (versions.at(-1) ?? {}) : versionOf(found, reading))
  }
  return {
    id,
    name: seen[0]?.LaunchTemplateName ?? id,
    defaultVersion: seen.find(({ DefaultVersion }) => DefaultVersion)?.VersionNumber ?? 1,
    versions,
  }
}

function versionOf(
  { LaunchTemplateData: data, LaunchTemplateId, VersionNumber }: LaunchTemplateVersion,
  { snapshot, cluster, assumptions }: Omit<Reading, 'templates'>,
): LaunchTemplateVersionSpec {
  const instanceType = data?.InstanceType === undefined ? {} : { instanceType: data.InstanceType }
  const imageId = data?.ImageId
  if (imageId === undefined) return instanceType
  const seen = objectsOf<Node>(snapshot, 'Node').find(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup-image'] === imageId)
  const minor = /^v(\d+\.\d+)/.exec(seen?.status?.nodeInfo?.kubeletVersion ?? '')?.[1]
  if (minor === undefined)
    assumptions.push(
      `Version ${VersionNumber} of ${LaunchTemplateId} brings ${imageId}, which no node runs; its kubelet is taken to be ${cluster.kubernetesVersion}.`,
    )
  const architecture = seen?.status?.nodeInfo?.architecture === 'arm64' ? 'arm64' : 'amd64'
  return { ...instanceType, image: { imageId, kubernetesVersion: minor ?? cluster.kubernetesVersion, architecture } }
}

function groupOf(reading: Reading, group: EksNodegroup): readonly NodeGroupSpec[] {
  const { nodegroupName: name, subnets = [] } = group
  if (name === undefined || subnets.length === 0) return []
  const template = wantedTemplate(reading, group)
  const amiType = amiTypeOf(reading, group)
  const form = amiType === 'CUSTOM' ? 'custom-ami' : template === undefined ? 'optimised' : 'template'
  const spec: NodeGroupSpec = {
    name,
    form,
    amiType,
    capacityType: group.capacityType === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
    instanceTypes: instanceTypesOf(reading, group, template),
    size: sizesOf(reading, group),
    ...(form === 'custom-ami' ? {} : { kubernetesVersion: group.version ?? reading.cluster.kubernetesVersion }),
    ...(form === 'custom-ami' || group.releaseVersion === undefined ? {} : { releaseVersion: group.releaseVersion }),
    ...(template === undefined ? {} : { launchTemplate: template }),
    subnetIds: subnets,
    labels: group.labels ?? {},
    taints: taintsOf(reading, name),
    updateConfig: updateConfigOf(group),
    tags: group.tags,
  }
  return [form === 'custom-ami' && template === undefined ? withoutTemplate(reading, spec) : spec]
}

/** A custom AMI whose template the snapshot does not have can only be copied as an ordinary group. */
function withoutTemplate({ assumptions, cluster }: Reading, spec: NodeGroupSpec): NodeGroupSpec {
  assumptions.push(`The launch template of ${spec.name} is not in the snapshot: the group is rehearsed with an EKS-optimised AMI.`)
  return { ...spec, form: 'optimised', amiType: 'AL2023_x86_64_STANDARD', kubernetesVersion: cluster.kubernetesVersion }
}

function amiTypeOf({ assumptions }: Reading, { nodegroupName, amiType = 'AL2023_x86_64_STANDARD' }: EksNodegroup): string {
  if (amiType === 'CUSTOM' || AMI_TYPES[amiType] !== undefined) return amiType
  const stand = amiType.includes('ARM') ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD'
  assumptions.push(`${nodegroupName}: the sandbox has no images of type ${amiType}; ${stand} stands in.`)
  return stand
}

function wantedTemplate(
  { templates, assumptions }: Reading,
  { nodegroupName, launchTemplate }: EksNodegroup,
): NodeGroupSpec['launchTemplate'] {
  if (launchTemplate?.id === undefined) return undefined
  const version = Number(launchTemplate.version)
  const known = templates.find(({ id }) => id === launchTemplate.id)
  if (known?.versions[version - 1] !== undefined) return { id: launchTemplate.id, version }
  assumptions.push(`${nodegroupName}: version ${launchTemplate.version} of its launch template is not in the snapshot and is left out.`)
  return undefined
}

function instanceTypesOf(reading: Reading, group: EksNodegroup, template: NodeGroupSpec['launchTemplate']): readonly string[] {
  if (group.instanceTypes !== undefined && group.instanceTypes.length > 0) return group.instanceTypes
  const fromTemplate = reading.templates.find(({ id }) => id === template?.id)?.versions[(template?.version ?? 1) - 1]?.instanceType
  const fromGroup = scalingGroupOf(reading.snapshot, group)?.Instances?.find(({ InstanceType }) => InstanceType !== undefined)?.InstanceType
  const type = fromTemplate ?? fromGroup
  if (type !== undefined) return [type]
  reading.assumptions.push(`${group.nodegroupName}: its instance type is not in the snapshot; m5.large stands in.`)
  return ['m5.large']
}

function scalingGroupOf({ aws }: ClusterSnapshot, group: EksNodegroup): AutoScalingGroup | undefined {
  const names = group.resources?.autoScalingGroups?.map(({ name }) => name) ?? []
  return aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => names.includes(AutoScalingGroupName))
}

function sizesOf({ snapshot }: Reading, group: EksNodegroup): NodeGroupSpec['size'] {
  const scaling = scalingGroupOf(snapshot, group)
  const desired = scaling?.DesiredCapacity ?? group.scalingConfig?.desiredSize ?? 0
  return {
    min: Math.min(scaling?.MinSize ?? group.scalingConfig?.minSize ?? 0, desired),
    max: Math.max(scaling?.MaxSize ?? group.scalingConfig?.maxSize ?? desired, desired),
    desired,
  }
}

/** Taints as the group's nodes carry them, without those that come and go. */
function taintsOf({ snapshot }: Reading, group: string): readonly TaintSpec[] {
  const node = objectsOf<Node>(snapshot, 'Node').find(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === group)
  return (node?.spec?.taints ?? []).flatMap(({ key, value, effect }) => {
    if (key.startsWith('node.kubernetes.io/') || key.startsWith('node.cloudprovider.kubernetes.io/')) return []
    return isEffect(effect) ? [{ key, effect, ...(value === undefined ? {} : { value }) }] : []
  })
}

function isEffect(effect: string): effect is TaintSpec['effect'] {
  return effect === 'NoSchedule' || effect === 'NoExecute' || effect === 'PreferNoSchedule'
}

function updateConfigOf({ updateConfig }: EksNodegroup): NodeGroupSpec['updateConfig'] {
  const { maxUnavailable, maxUnavailablePercentage, updateStrategy } = updateConfig ?? {}
  return {
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(maxUnavailablePercentage === undefined ? {} : { maxUnavailablePercentage }),
    updateStrategy: updateStrategy === 'MINIMAL' ? 'MINIMAL' : 'DEFAULT',
  }
}
