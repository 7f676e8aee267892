import { type Instant, MINUTE, type Millis, SECOND } from '../../../../model/instant.ts'
import { WireError } from '../../../contract.ts'
import type { NodeGroupSpec } from '../../world-spec.ts'
import { type Input, numberOf, recordOf, recordsOf, required, textOf, textsOf } from '../answers.ts'
import { activeMembers } from '../auto-scaling/group.ts'
import { inUse, invalidParameter, invalidRequest } from '../eks-errors.ts'
import { AMI_TYPES } from '../images.ts'
import type { TemplateReference } from '../instances.ts'
import { type NodeGroup, openNodeGroup, setStatus } from '../node-groups.ts'
import type { Tokens } from '../tokens.ts'
import { aboutGroup, type NodeGroupApiDeps, refuseWhileClusterUpdates } from './context.ts'
import { describeGroup } from './describe.ts'
import { launchIssues } from './health.ts'
import { type Configured, checkedLabels, checkedRepair, checkedSizes, checkedTaints, checkedUpdateConfig } from './settings.ts'
import { templateImage } from './version.ts'
import { applyPool, checkedPool } from './warm-pool.ts'

export interface CreateDeps extends NodeGroupApiDeps {
  readonly creations: Tokens<NodeGroup>
  /** How many groups there were of each name. */
  readonly generations: Map<string, number>
}

/** Our assumptions: how soon the Auto Scaling group is there, how often EKS looks, and when it gives up. */
const SET_UP: Millis = 20 * SECOND
const LOOK_AGAIN: Millis = 10 * SECOND
const GIVE_UP: Millis = 25 * MINUTE

/** What a group has unless it says otherwise; the sizes are our assumption. */
const DEFAULT_SIZES = { min: 1, max: 2, desired: 2 }
const DEFAULT_UPDATES = { maxUnavailable: 1, updateStrategy: 'DEFAULT' } as const
const DEFAULT_TYPES = ['t3.medium']

/** CreateNodegroup: the group reads CREATING until its nodes are Ready, or CREATE_FAILED. */
export function createNodegroup(deps: CreateDeps, input: Input): Record<string, unknown> {
  const name = required(input, 'nodegroupName', invalidParameter)
  const known = deps.creations.recall(name, input)
  if (known !== undefined) return { nodegroup: describeGroup(deps, known) }
  if (deps.groups.has(name)) {
    const about = { clusterName: deps.cluster.name, nodegroupName: name }
    throw inUse(`NodeGroup already exists with name ${name} and cluster name ${deps.cluster.name}`, about)
  }
  refuseWhileClusterUpdates(deps)
  const spec = specOf(deps, name, input)
  const wanted = recordOf(input, 'warmPoolConfig')
  const pool = wanted && checkedPool(deps, { spec, sizes: spec.size, updateConfig: spec.updateConfig }, wanted, undefined)
  const group = opened(deps, spec)
  if (pool !== undefined) group.settings.warmPool = pool
  deps.creations.keep(name, input, group)
  deps.accepted('eks:CreateNodegroup', name)
  return { nodegroup: describeGroup(deps, group) }
}

function opened(deps: CreateDeps, spec: NodeGroupSpec): NodeGroup {
  const { timeline, groups, generations } = deps
  const nth = generations.get(spec.name) ?? 0
  const now = timeline.now()
  const empty = { ...spec, size: { min: 0, max: spec.size.max, desired: 0 } }
  const group = openNodeGroup(empty, { ...deps, bornAt: now }, nth)
  generations.set(spec.name, nth + 1)
  groups.set(spec.name, group)
  group.sizes = spec.size
  setStatus(group, 'CREATING', now, 0)
  timeline.after(SET_UP, `node-group/${spec.name}/create`, () => {
    if (group.status !== 'CREATING') return
    deps.autoScaling.resize(group.scaling, spec.size, 'EKS set the')
    if (group.settings.warmPool !== undefined) applyPool(deps, group, group.settings.warmPool)
    awaitNodes(deps, group, now + GIVE_UP)
  })
  return group
}

function awaitNodes(deps: CreateDeps, group: NodeGroup, deadline: Instant): void {
  const { timeline, nodes } = deps
  if (group.status !== 'CREATING') return
  const members = activeMembers(group.scaling)
  const missing = members.filter(({ instance }) => !nodes.isReady(instance.nodeName, instance.imageId))
  const complete = members.length >= group.sizes.desired && missing.length === 0
  if (!complete && timeline.now() < deadline) {
    timeline.after(LOOK_AGAIN, `node-group/${group.spec.name}/create`, () => awaitNodes(deps, group, deadline))
    return
  }
  setStatus(group, complete ? 'ACTIVE' : 'CREATE_FAILED', timeline.now(), 0)
  group.modifiedAt = timeline.now()
  if (complete) return
  const ids = missing.map(({ instance }) => instance.id)
  // Text: as users report it.
  const failure = { code: 'NodeCreationFailure', message: 'Instances failed to join the kubernetes cluster', resourceIds: ids }
  group.issues = [...launchIssues(group), ...(ids.length > 0 ? [failure] : [])]
}

function specOf(deps: CreateDeps, name: string, input: Input): NodeGroupSpec {
  required(input, 'nodeRole', invalidParameter)
  const launchTemplate = templateOf(deps, name, input)
  const custom = launchTemplate !== undefined && templateImage(deps, launchTemplate) !== undefined
  const form = custom ? 'custom-ami' : launchTemplate === undefined ? 'optimised' : 'template'
  const wanted = textsOf(input, 'instanceTypes')
  const draft: NodeGroupSpec = {
    name,
    form,
    amiType: custom ? 'CUSTOM' : (textOf(input, 'amiType') ?? 'AL2023_x86_64_STANDARD'),
    capacityType: textOf(input, 'capacityType') === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
    instanceTypes: wanted.length > 0 ? wanted : DEFAULT_TYPES,
    size: DEFAULT_SIZES,
    subnetIds: textsOf(input, 'subnets'),
    labels: {},
    taints: [],
    updateConfig: DEFAULT_UPDATES,
    tags: recordOf(input, 'tags') as Readonly<Record<string, string>> | undefined,
    diskSize: numberOf(input, 'diskSize'),
    remoteAccess: recordOf(input, 'remoteAccess'),
    ...(launchTemplate ? { launchTemplate } : {}),
  }
  refuseForm(deps, draft, input)
  refusePlace(deps, draft)
  return { ...draft, ...versionOf(deps, draft, input), ...settingsOf(deps, draft, input) }
}

function templateOf(deps: CreateDeps, name: string, input: Input): TemplateReference | undefined {
  const wanted = recordOf(input, 'launchTemplate')
  if (wanted === undefined) return undefined
  const about = { clusterName: deps.cluster.name, nodegroupName: name }
  const [id, named] = [textOf(wanted, 'id'), textOf(wanted, 'name')]
  const template = deps.templates.all().find((each) => each.id === id || each.name === named)
  if (template === undefined) throw invalidRequest(`Launch template ${id ?? named} does not exist.`, about)
  const text = textOf(wanted, 'version') ?? '$Default'
  const version = deps.templates.version(template, text)
  if (version === undefined) throw invalidRequest(`Launch template ${template.id} has no version ${text}.`, about)
  return { id: template.id, version: version.number }
}

/** What a template leaves no room for; texts as users report them. */
function refuseForm(deps: CreateDeps, spec: NodeGroupSpec, input: Input): void {
  const refuse = (message: string) => invalidParameter(message, aboutGroup(deps, { spec }))
  if (spec.form === 'custom-ami') {
    if (input.amiType !== undefined && input.amiType !== 'CUSTOM')
      throw refuse('You cannot specify an AMI Type when specifying an image id within the launch template.')
    for (const member of ['version', 'releaseVersion'])
      if (input[member] !== undefined) throw refuse(`You cannot specify the field ${member} when using custom AMIs.`)
  }
  if (spec.form === 'optimised') return
  if (spec.diskSize !== undefined) throw refuse('Disk size must be specified within the launch template.')
  if (spec.remoteAccess !== undefined) throw refuse('Remote access configuration cannot be specified with a launch template.')
}

/** Subnets, types and image that do not exist or do not go together; the texts about types as users report them. */
function refusePlace(deps: CreateDeps, spec: NodeGroupSpec): void {
  const refuse = (message: string) => invalidParameter(message, aboutGroup(deps, { spec }))
  if (spec.subnetIds.length === 0) throw refuse('subnets is required.')
  const strays = spec.subnetIds.filter((id) => deps.subnets.get(id) === undefined)
  if (strays.length > 0) throw refuse(`The following supplied subnets do not exist: [${strays.join(', ')}]`)
  const unknown = spec.instanceTypes.filter((type) => deps.types.find(type) === undefined)
  if (unknown.length > 0) throw refuse(`The following supplied instance types do not exist: [${unknown.join(', ')}]`)
  if (spec.amiType === 'CUSTOM') return
  const facts = AMI_TYPES[spec.amiType]
  if (facts === undefined) throw new WireError(501, 'NotImplemented', `The sandbox has no images of ${spec.amiType}.`)
  const unfit = spec.instanceTypes.filter((type) => deps.types.get(type).architecture !== facts.architecture)
  if (unfit.length > 0) throw refuse(`[${unfit.join(', ')}] is not a valid instance type for requested amiType ${spec.amiType}`)
}

/** Only the control plane's own minor is accepted (API reference, CreateNodegroup); no release means the newest. */
function versionOf(deps: CreateDeps, spec: NodeGroupSpec, input: Input): Pick<NodeGroupSpec, 'kubernetesVersion' | 'releaseVersion'> {
  if (spec.form === 'custom-ami') return {}
  const minor = deps.controlPlane.version
  const about = aboutGroup(deps, { spec })
  const version = textOf(input, 'version') ?? minor
  if (version !== minor) throw invalidParameter(`Requested Nodegroup version ${version} does not match the cluster's, ${minor}.`, about)
  const release = textOf(input, 'releaseVersion') ?? deps.images.releases(spec.amiType, minor)[0]?.release
  if (release === undefined || deps.images.ofRelease(spec.amiType, minor, release) === undefined)
    throw invalidParameter(`Requested release version ${release ?? 'latest'} is not valid for kubernetes version ${minor}.`, about)
  return { kubernetesVersion: minor, releaseVersion: release }
}

function settingsOf(deps: CreateDeps, spec: NodeGroupSpec, input: Input): Partial<NodeGroupSpec> {
  const draft: Configured = { spec, sizes: DEFAULT_SIZES, updateConfig: DEFAULT_UPDATES }
  const repair = recordOf(input, 'nodeRepairConfig')
  return {
    size: checkedSizes(deps, draft, recordOf(input, 'scalingConfig')),
    updateConfig: checkedUpdateConfig(deps, draft, recordOf(input, 'updateConfig')),
    labels: checkedLabels(deps, draft, recordOf(input, 'labels')),
    taints: checkedTaints(deps, draft, recordsOf(input, 'taints')),
    ...(repair ? { repair: checkedRepair(deps, draft, repair, undefined) } : {}),
  }
}
