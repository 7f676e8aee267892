import { compareMinors, parseMinor } from '../../../model/kubernetes-minor.ts'
import { type AwsHandlers, type Timeline, WireError } from '../../contract.ts'
import type { ClusterSpec, WorldOptions } from '../world-spec.ts'
import { dateOf, type Input, numberOf, pageOf, recordOf, required, textOf } from './answers.ts'
import type { ControlPlane } from './control-plane.ts'
import { inUse, invalidParameter, notFound } from './eks-errors.ts'
import { beginGroupUpdate, type GroupUpdateDeps } from './group-update.ts'
import type { Images } from './images.ts'
import type { TemplateReference } from './instances.ts'
import type { LaunchTemplates } from './launch-templates.ts'
import type { GroupTarget, NodeGroup } from './node-groups.ts'
import { describeUpdate, type Updates } from './updates.ts'

export interface NodeGroupApiDeps {
  readonly cluster: ClusterSpec
  readonly controlPlane: ControlPlane
  readonly options: WorldOptions
  readonly timeline: Timeline
  readonly images: Images
  readonly templates: LaunchTemplates
  readonly updates: Updates
  readonly updating: GroupUpdateDeps
  /** Managed groups by name. */
  readonly groups: ReadonlyMap<string, NodeGroup>
  /** Tells the scenarios that an operation was accepted. */
  readonly accepted: (operation: string, subject: string) => void
}

/** The node group operations of EKS, in SDK shapes. Every input names the cluster; that was checked before. */
export function nodeGroupHandlers(deps: NodeGroupApiDeps): AwsHandlers {
  return {
    ListNodegroups(input) {
      const names = [...deps.groups.keys()].sort()
      const page = pageOf(names, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
      return { nodegroups: page.items, nextToken: page.next }
    },
    DescribeNodegroup: (input) => ({ nodegroup: describeGroup(deps, groupOf(deps, input)) }),
    UpdateNodegroupVersion: (input) => updateVersion(deps, input),
    UpdateNodegroupConfig: (input) => updateConfig(deps, input),
  }
}

function groupOf(deps: NodeGroupApiDeps, input: Input): NodeGroup {
  const name = required(input, 'nodegroupName', invalidParameter)
  const group = deps.groups.get(name)
  if (group === undefined) throw notFound(`No node group found for name: ${name}.`, { nodegroupName: name })
  return group
}

function aboutGroup(deps: NodeGroupApiDeps, group: NodeGroup): { clusterName: string; nodegroupName: string } {
  return { clusterName: deps.cluster.name, nodegroupName: group.spec.name }
}

function describeGroup(deps: NodeGroupApiDeps, group: NodeGroup): Record<string, unknown> {
  const { spec, current } = group
  const { region, accountId, name } = deps.cluster
  const lags = deps.timeline.now() < group.statusShowsAt
  return {
    nodegroupName: spec.name,
    nodegroupArn: `arn:aws:eks:${region}:${accountId}:nodegroup/${name}/${spec.name}/${group.template.name.slice(4)}`,
    clusterName: name,
    version: current.version,
    releaseVersion: current.image.release ?? current.image.imageId,
    createdAt: dateOf(group.createdAt),
    modifiedAt: dateOf(group.modifiedAt),
    status: lags ? formerStatus(group) : group.status,
    capacityType: spec.capacityType,
    scalingConfig: { minSize: group.sizes.min, maxSize: group.sizes.max, desiredSize: group.sizes.desired },
    instanceTypes: spec.instanceTypes,
    subnets: spec.subnetIds,
    amiType: spec.amiType,
    nodeRole: `arn:aws:iam::${accountId}:role/${name}-nodes`,
    labels: spec.labels,
    taints: spec.taints.map(({ key, value, effect }) => ({ key, value, effect: TAINT_EFFECTS[effect] })),
    resources: { autoScalingGroups: [{ name: group.scaling.name }] },
    health: { issues: [] },
    updateConfig: group.updateConfig,
    launchTemplate: current.launchTemplate && describeTemplate(deps, current.launchTemplate),
    tags: {},
  }
}

const TAINT_EFFECTS = { NoSchedule: 'NO_SCHEDULE', NoExecute: 'NO_EXECUTE', PreferNoSchedule: 'PREFER_NO_SCHEDULE' }

function formerStatus(group: NodeGroup): string {
  return group.status === 'UPDATING' ? 'ACTIVE' : 'UPDATING'
}

function describeTemplate(deps: NodeGroupApiDeps, { id, version }: TemplateReference): Record<string, unknown> {
  return { id, name: deps.templates.get(id)?.name, version: String(version) }
}

function updateVersion(deps: NodeGroupApiDeps, input: Input): Record<string, unknown> {
  const group = groupOf(deps, input)
  const subject = `nodegroup/${group.spec.name}`
  const begun = deps.updates.begunBy(subject, input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  refuseWhileBusy(deps, group)
  const target = targetOf(deps, group, input)
  const update = deps.updates.open({ type: 'VersionUpdate', subject, input, params: versionParams(target, deps) })
  beginGroupUpdate(deps.updating, { group, update, target, force: input.force === true })
  deps.accepted('eks:UpdateNodegroupVersion', group.spec.name)
  return { update: describeUpdate(update) }
}

function refuseWhileBusy(deps: NodeGroupApiDeps, group: NodeGroup): void {
  if (group.status === 'ACTIVE') return
  throw inUse('Nodegroup cannot be updated as it is currently not in Active State', aboutGroup(deps, group))
}

function versionParams(target: GroupTarget, { templates }: NodeGroupApiDeps): Record<string, string | undefined> {
  return {
    Version: target.image.release === undefined ? undefined : target.version,
    ReleaseVersion: target.image.release,
    LaunchTemplateName: target.launchTemplate && templates.get(target.launchTemplate.id)?.name,
    LaunchTemplateVersion: target.launchTemplate && String(target.launchTemplate.version),
  }
}

/** What the call asks for, or the refusal that the group's form, the control plane or the world's options demand. */
function targetOf(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): GroupTarget {
  const launchTemplate = requestedTemplate(deps, group, input) ?? group.current.launchTemplate
  if (group.spec.form === 'custom-ami') return customTarget(deps, group, input, launchTemplate)
  const version = requestedMinor(deps, group, input)
  const { amiType } = group.spec
  const release = textOf(input, 'releaseVersion') ?? deps.images.releases(amiType, version)[0]?.release
  const image = release === undefined ? undefined : deps.images.ofRelease(amiType, version, release)
  if (image === undefined) {
    throw invalidParameter(
      `Requested release version ${release ?? 'latest'} is not valid for kubernetes version ${version}.`,
      aboutGroup(deps, group),
    )
  }
  return { version, image, ...(launchTemplate ? { launchTemplate } : {}) }
}

function customTarget(deps: NodeGroupApiDeps, group: NodeGroup, input: Input, template: TemplateReference | undefined): GroupTarget {
  const about = aboutGroup(deps, group)
  for (const member of ['version', 'releaseVersion']) {
    if (textOf(input, member) !== undefined) throw invalidParameter(`You cannot specify the field ${member} when using custom AMIs.`, about)
  }
  if (recordOf(input, 'launchTemplate') === undefined || template === undefined) {
    throw invalidParameter("Launch template details can't be null for Custom ami type node group", about)
  }
  const image = deps.images.get(templateImage(deps, template) ?? '')
  if (image === undefined)
    throw invalidParameter('The launch template must name an image id, since your node group uses a custom AMI.', about)
  return { version: deps.controlPlane.version, image, launchTemplate: template }
}

function templateImage({ templates }: NodeGroupApiDeps, { id, version }: TemplateReference): string | undefined {
  return templates.get(id)?.versions.find(({ number }) => number === version)?.imageId
}

/** A template without a version means its default version (EKS API reference, LaunchTemplateSpecification). */
function requestedTemplate(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): TemplateReference | undefined {
  const wanted = recordOf(input, 'launchTemplate')
  if (wanted === undefined) return undefined
  const about = aboutGroup(deps, group)
  if (group.current.launchTemplate === undefined) throw invalidParameter('Node group was not created with a launch template.', about)
  const own = deps.templates.find({ id: group.current.launchTemplate.id })
  if (textOf(wanted, 'id') !== own.id && textOf(wanted, 'name') !== own.name) {
    throw invalidParameter('You must use the launch template that the node group was created with.', about)
  }
  const text = textOf(wanted, 'version') ?? '$Default'
  const version = deps.templates.version(own, text)
  if (version === undefined) throw invalidParameter(`Launch template ${own.id} has no version ${text}.`, about)
  if (group.spec.form === 'template' && version.imageId !== undefined) {
    throw invalidParameter(
      'You cannot specify an image id within the launch template, since your nodegroup is configured to use an EKS optimized AMI.',
      about,
    )
  }
  return { id: own.id, version: version.number }
}

function requestedMinor(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): string {
  const text = textOf(input, 'version') ?? group.current.version
  const [wanted, current, cluster] = [parseMinor(text), parseMinor(group.current.version), parseMinor(deps.controlPlane.version)]
  const about = aboutGroup(deps, group)
  if (wanted === undefined || current === undefined || cluster === undefined)
    throw invalidParameter(`Invalid kubernetes version ${text}.`, about)
  if (compareMinors(wanted, cluster) > 0) {
    throw invalidParameter(`Nodegroup Kubernetes version ${text} cannot be newer than the cluster's, ${deps.controlPlane.version}.`, about)
  }
  if (deps.options.minorDowngrade === 'strict' && compareMinors(wanted, current) < 0) {
    throw invalidParameter(
      `Requested kubernetes version ${text} is lower than the node group's version ${group.current.version}. Downgrades are not supported.`,
      about,
    )
  }
  return text
}

function updateConfig(deps: NodeGroupApiDeps, input: Input): Record<string, unknown> {
  const group = groupOf(deps, input)
  const subject = `nodegroup/${group.spec.name}`
  const begun = deps.updates.begunBy(subject, input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  refuseWhileBusy(deps, group)
  for (const member of ['labels', 'taints', 'nodeRepairConfig', 'warmPoolConfig']) {
    if (input[member] !== undefined) throw new WireError(501, 'NotImplemented', `The sandbox does not change ${member} of a node group.`)
  }
  const settings = checkedUpdateConfig(deps, group, recordOf(input, 'updateConfig'))
  const sizes = checkedSizes(deps, group, recordOf(input, 'scalingConfig'))
  const update = deps.updates.open({ type: 'ConfigUpdate', subject, input, params: configParams(input) })
  group.status = 'UPDATING'
  deps.timeline.after(CONFIG_UPDATE, `node-group/${group.spec.name}/config`, () => {
    group.updateConfig = settings
    if (sizes !== group.sizes) deps.updating.autoScaling.resize(group.scaling, sizes, 'EKS set the')
    group.sizes = sizes
    group.status = 'ACTIVE'
    group.modifiedAt = deps.timeline.now()
    update.status = 'Successful'
  })
  deps.accepted('eks:UpdateNodegroupConfig', group.spec.name)
  return { update: describeUpdate(update) }
}

/** An update names what was asked for (API model: UpdateParamType). */
function configParams(input: Input): Record<string, string | undefined> {
  const sizes = recordOf(input, 'scalingConfig') ?? {}
  const settings = recordOf(input, 'updateConfig') ?? {}
  const asked = { ...sizes, ...settings }
  const named = Object.entries(asked).filter(([, value]) => value !== undefined)
  return Object.fromEntries(named.map(([member, value]) => [`${member.charAt(0).toUpperCase()}${member.slice(1)}`, String(value)]))
}

/** Our assumption. */
const CONFIG_UPDATE = 10_000

function checkedUpdateConfig(deps: NodeGroupApiDeps, group: NodeGroup, wanted: Input | undefined): NodeGroup['updateConfig'] {
  if (wanted === undefined) return group.updateConfig
  const number = numberOf(wanted, 'maxUnavailable')
  const percentage = numberOf(wanted, 'maxUnavailablePercentage')
  if (number !== undefined && percentage !== undefined) {
    throw invalidParameter('You can only specify one of maxUnavailable and maxUnavailablePercentage.', aboutGroup(deps, group))
  }
  const outside = [number, percentage].find((value) => value !== undefined && (value < 1 || value > 100))
  if (outside !== undefined) throw invalidParameter(`The value ${outside} must be between 1 and 100.`, aboutGroup(deps, group))
  const strategy =
    textOf(wanted, 'updateStrategy') === 'MINIMAL' ? 'MINIMAL' : textOf(wanted, 'updateStrategy') === 'DEFAULT' ? 'DEFAULT' : undefined
  const amount =
    number === undefined && percentage === undefined
      ? group.updateConfig
      : {
          ...(number === undefined ? {} : { maxUnavailable: number }),
          ...(percentage === undefined ? {} : { maxUnavailablePercentage: percentage }),
        }
  return { ...amount, updateStrategy: strategy ?? group.updateConfig.updateStrategy }
}

function checkedSizes(deps: NodeGroupApiDeps, group: NodeGroup, wanted: Input | undefined): NodeGroup['sizes'] {
  if (wanted === undefined) return group.sizes
  const sizes = {
    min: numberOf(wanted, 'minSize') ?? group.sizes.min,
    max: numberOf(wanted, 'maxSize') ?? group.sizes.max,
    desired: numberOf(wanted, 'desiredSize') ?? group.sizes.desired,
  }
  if (sizes.min > sizes.desired) throw invalidParameter("Minimum capacity can't be greater than desired size", aboutGroup(deps, group))
  if (sizes.desired > sizes.max) throw invalidParameter("desired capacity can't be greater than max size", aboutGroup(deps, group))
  return sizes
}
