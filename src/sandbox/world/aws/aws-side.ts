import { DAY, type Millis } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { AwsHandlers, Faults, Machine, ObjectStore, Timeline } from '../../contract.ts'
import type { PodNetwork, TrunkCalls } from '../../network-contract.ts'
import { PLAIN_CONTROL_PLANE } from '../control-plane-spec.ts'
import type { Entered } from '../faults/when.ts'
import { nodePlace } from '../node-place.ts'
import type { WorldSpec } from '../world-spec.ts'
import { ssmHandlers, stsHandlers } from './account-api.ts'
import { type Addon, configuredIpamd, openAddon } from './addons.ts'
import { createAlarms } from './alarms.ts'
import { textOf } from './answers.ts'
import { instanceTagsOf } from './auto-scaling/group.ts'
import { createAutoScaling } from './auto-scaling.ts'
import { autoScalingHandlers } from './auto-scaling-api.ts'
import type { ApiServer } from './cluster-api.ts'
import { type ApiServerLever, type ControlPlane, createApiServerLever, openControlPlane } from './control-plane.ts'
import { isImpaired, openFleet, watchFleet } from './ec2/fleet.ts'
import { ec2Handlers } from './ec2-api.ts'
import { invalidParameter, notFound } from './eks-errors.ts'
import { openEks } from './eks-side.ts'
import { iamHandlers } from './iam.ts'
import { createImages, type Images } from './images.ts'
import { type AddressingMode, createInstanceTypes, type InstanceTypes } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import { nodeGroupBehind, nodeGroupLaunching } from './joining.ts'
import type { LaunchConfiguration } from './launch-configurations.ts'
import { createLaunchTemplates, type LaunchTemplates } from './launch-templates.ts'
import type { DrivenCluster } from './node-actions.ts'
import { machineOf, type NodeGroup, openNodeGroup } from './node-groups.ts'
import { openOtherNodes } from './other-nodes.ts'
import { imageOf } from './parameters.ts'
import { createPodNetwork } from './pod-network.ts'
import { quotaHandlers } from './quotas.ts'
import { createReplicas, type Replicas } from './replicas.ts'
import { withinLimits } from './request-buckets.ts'
import { createTrunkCalls } from './trunk-calls.ts'
import { clusterSecurityGroup, openVpc, type Vpc } from './vpc.ts'

/** Clusters are older than the world shows. */
const CLUSTER_AGE: Millis = 400 * DAY
const NODE_AGE: Millis = 9 * DAY

export interface AwsDeps {
  readonly timeline: Timeline
  readonly faults: Faults
  readonly spec: WorldSpec
  /** Tells the scenarios that an operation was accepted, such as `eks:UpdateNodegroupVersion` of `app-a`. */
  readonly accepted: (operation: string, subject: string) => void
  readonly entered: Entered
}

/** What exists before there is a cluster to drive: addresses, instances, templates, images, add-ons, the pod network. */
export interface AwsGround extends AwsDeps, Vpc {
  readonly instances: Instances
  readonly templates: LaunchTemplates
  readonly configurations: Map<string, LaunchConfiguration>
  readonly images: Images
  readonly types: InstanceTypes
  readonly addons: Map<string, Addon>
  readonly network: PodNetwork
  readonly trunkCalls: TrunkCalls
  readonly controlPlane: ControlPlane
  readonly apiServer: ApiServerLever
  readonly replicas: Replicas
}

export interface AwsSide {
  readonly eks: AwsHandlers
  readonly autoScaling: AwsHandlers
  readonly ec2: AwsHandlers
  readonly sts: AwsHandlers
  readonly iam: AwsHandlers
  readonly ssm: AwsHandlers
  readonly serviceQuotas: AwsHandlers
  readonly cloudWatch: AwsHandlers
  readonly apiServer: ApiServer
  /** Everything stands: what EKS does by itself begins. */
  begin(): void
  /** Nodes of the world's beginning. */
  readonly machines: readonly Machine[]
}

export function openGround(deps: AwsDeps): AwsGround {
  const { timeline, spec } = deps
  const { seed } = spec
  const now = () => timeline.now()
  const vpc = openVpc(deps)
  const templates = createLaunchTemplates(spec.launchTemplates, now, seed)
  const images = createImages({
    start: spec.start,
    region: spec.cluster.region,
    templates: spec.launchTemplates,
    extra: spec.extraReleases,
  })
  const configurations = new Map<string, LaunchConfiguration>()
  const types = createInstanceTypes(spec.extraTypes)
  const instances = openFleet(deps, vpc, images, types)
  const addons = new Map(spec.addons.map((addon) => [addon.name, openAddon(addon, now())]))
  const inCluster = { ...vpc, timeline, instances, types, clusterName: spec.cluster.name }
  const network = createPodNetwork(inCluster)
  const trunkCalls = createTrunkCalls({ ...inCluster, securityGroupId: clusterSecurityGroup(spec) })
  const subnetIds = spec.subnets.map(({ id }) => id)
  const controlPlane = openControlPlane(spec.cluster, spec.controlPlane ?? PLAIN_CONTROL_PLANE, spec.start, subnetIds)
  const apiServer = createApiServerLever(deps.faults)
  const replicas = createReplicas(now, seed, spec.options.readLag)
  return {
    ...deps,
    ...vpc,
    instances,
    templates,
    configurations,
    images,
    types,
    addons,
    network,
    trunkCalls,
    controlPlane,
    apiServer,
    replicas,
  }
}

/** The AWS half of a world: its groups launch at once, its handlers answer from then on. */
export function openAwsSide(ground: AwsGround, store: ObjectStore, cluster: DrivenCluster): AwsSide {
  const { spec, timeline, images } = ground
  const groups = new Map<string, NodeGroup>()
  const alarms = createAlarms({ ...ground, cluster: spec.cluster, alarms: spec.alarms })
  const autoScaling = createAutoScaling({
    ...ground,
    seed: spec.seed,
    inAlarm: (alarm) => alarms.state(alarm) === 'ALARM',
    imageOf: (imageId) => imageOf(images, imageId),
    booted(scaling, instance) {
      const group = nodeGroupBehind(groups, scaling)
      if (group !== undefined) boot(ground, cluster, group, instance)
    },
    gone: (instance) => cluster.leave(instance.nodeName),
  })
  ground.instances.on((instance, event) => {
    if (event !== 'booted' || instance.group !== '' || instance.template === undefined) return
    const group = nodeGroupLaunching(groups, [instance.template.id])
    if (group !== undefined) boot(ground, cluster, group, instance)
  })
  const opening = { ...ground, cluster: spec.cluster, autoScaling, seed: spec.seed, bornAt: timeline.now() - NODE_AGE }
  for (const group of spec.nodeGroups) groups.set(group.name, openNodeGroup(group, opening))
  const others = openOtherNodes(spec.otherNodes ?? [], { ...opening, mode: addressingMode(ground) })
  watchFleet(ground, ground.instances, autoScaling)
  const apiServer = { endpoint: '', certificateAuthorityData: '' }
  const { accountId } = spec.cluster
  const vpcId = vpcIdOf(spec)
  const eks = openEks(ground, { store, cluster, groups, autoScaling, endpoint: apiServer, vpcId, createdAt: spec.start - CLUSTER_AGE })
  return {
    eks: forCluster(spec.cluster.name, eks.handlers),
    autoScaling: autoScalingHandlers({ ...ground, autoScaling, seed: spec.seed, cluster: spec.cluster }),
    ec2: withinLimits(
      ground.buckets,
      ec2Handlers({
        ...ground,
        accountId,
        vpcId,
        clusterName: spec.cluster.name,
        securityGroupId: clusterSecurityGroup(spec),
        reservations: spec.network?.reservations ?? [],
        isImpaired: (instance) => isImpaired(ground, instance),
        isGone: (imageId) => ground.faults.effects('image/gone', { imageId }).length > 0,
        instanceTags: (instance) => ({ ...templateTags(instance), ...instance.tags, ...instanceTagsOf(autoScaling.get(instance.group)) }),
        subnetTags: { [`kubernetes.io/cluster/${spec.cluster.name}`]: 'shared' },
      }),
    ),
    sts: stsHandlers(spec.cluster),
    iam: iamHandlers({
      cluster: spec.cluster,
      spec: spec.controlPlane ?? PLAIN_CONTROL_PLANE,
      addons: ground.addons,
      faults: ground.faults,
      createdAt: spec.start - CLUSTER_AGE,
    }),
    ssm: ssmHandlers(images, spec.start),
    serviceQuotas: quotaHandlers(ground),
    cloudWatch: alarms.handlers,
    apiServer,
    begin: eks.begin,
    machines: [...[...groups.values()].flatMap((group) => machinesOf(ground, group)), ...others],
  }
}

function machinesOf(ground: AwsGround, group: NodeGroup): readonly Machine[] {
  return [...group.scaling.members.values()].map(({ instance }) => machineAt(ground, group, instance))
}

/** max-pods follows from how the CNI is configured when the node boots. */
function machineAt(ground: AwsGround, group: NodeGroup, instance: Instance): Machine {
  return machineOf(group, instance, ground.images, ground.types, addressingMode(ground))
}

function addressingMode({ addons }: AwsGround): AddressingMode {
  return configuredIpamd(addons.get('vpc-cni')?.configurationValues)
}

function vpcIdOf({ cluster, seed }: WorldSpec): string {
  return `vpc-${keyedId(17, seed, 'vpc', cluster.name)}`
}

/** Tags by which an instance says what it was launched from (EC2 user guide, "launch-instances-from-launch-template"). */
function templateTags({ template }: Instance): Readonly<Record<string, string>> {
  if (template === undefined) return {}
  return { 'aws:ec2launchtemplate:id': template.id, 'aws:ec2launchtemplate:version': String(template.version) }
}

/** The node registers, unless a fault keeps it from joining. */
function boot(ground: AwsGround, cluster: DrivenCluster, group: NodeGroup, instance: Instance): void {
  const machine = machineAt(ground, group, instance)
  const place = nodePlace(machine, ground.addons.get('vpc-cni')?.version ?? '', instance.launchedAt >= ground.spec.start)
  if (ground.faults.effects('node/join', place).length === 0) cluster.join(machine)
}

const WITHOUT_CLUSTER = new Set(['ListClusters', 'DescribeClusterVersions', 'DescribeAddonVersions', 'DescribeAddonConfiguration'])

/** Operations on a cluster answer only for the one there is. */
function forCluster(cluster: string, handlers: AwsHandlers): AwsHandlers {
  const checked = Object.entries(handlers).map(([operation, handle]) => [
    operation,
    WITHOUT_CLUSTER.has(operation) ? handle : only(cluster, handle),
  ])
  return Object.fromEntries(checked)
}

function only(cluster: string, handle: AwsHandlers[string]): AwsHandlers[string] {
  return (input) => {
    const name = textOf(input, 'clusterName') ?? textOf(input, 'name')
    if (name === undefined) throw invalidParameter('The name of the cluster is required.')
    if (name !== cluster) throw notFound(`No cluster found for name: ${name}.`, { clusterName: name })
    return handle(input)
  }
}
