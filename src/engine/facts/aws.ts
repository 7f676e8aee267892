import type {
  AutoScalingGroup,
  AutoScalingInstance,
  EksAddon,
  EksCluster,
  EksNodegroup,
  InstanceRefresh,
  ScalingActivity,
  Subnet,
} from '../../model/aws.ts'
import { instantOf } from '../../model/instant.ts'
import type { AddonSpec, GroupSpec } from '../../model/intent.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'
import type { LifecycleHook } from '../../model/launch-source.ts'
import { AUTOSCALER_TAG, MADE_BY_TAG } from '../../model/replacement.ts'
import type {
  AddonFacts,
  ControlPlaneFacts,
  GroupFacts,
  HookFacts,
  LaunchFailure,
  MemberFacts,
  NodeFacts,
  SubnetFacts,
  UnjoinedInstance,
} from '../../model/seen.ts'
import { launchOf, sourceOf, subnetsOf, templateOf } from '../../model/self-managed.ts'

/** Undefined where the version says no minor. */
export function controlPlaneFacts({ version, status }: EksCluster): ControlPlaneFacts | undefined {
  const minor = parseMinor(version)
  return minor && { version: formatMinor(minor), status: status ?? 'unknown' }
}

/** The Auto Scaling group behind a managed group, with its scaling activities, newest first. */
export interface ScalingRead {
  readonly group: AutoScalingGroup
  readonly activities: readonly ScalingActivity[]
}

/** The same for a self-managed group, with what else may be at work on it. */
export interface SelfManagedRead extends ScalingRead {
  readonly hooks: readonly LifecycleHook[]
  readonly refreshes: readonly InstanceRefresh[]
}

/** A managed group as EKS describes it, with the nodes that carry its label. Frozen. */
export function groupFacts(name: string, nodegroup: EksNodegroup, nodes: readonly NodeFacts[], scaling?: ScalingRead): GroupFacts {
  const sizes = nodegroup.scalingConfig
  return Object.freeze({
    name,
    status: nodegroup.status ?? 'UNKNOWN',
    spec: groupSpec(nodegroup),
    ...(nodegroup.nodegroupArn && { arn: nodegroup.nodegroupArn }),
    ...(nodegroup.tags?.[MADE_BY_TAG] && { madeBy: nodegroup.tags[MADE_BY_TAG] }),
    health: nodegroup.health?.issues ?? [],
    updateConfig: nodegroup.updateConfig ?? {},
    sizes: { min: sizes?.minSize ?? 0, max: sizes?.maxSize ?? 0, desired: sizes?.desiredSize ?? 0 },
    autoScaling: scaling === undefined ? undefined : autoScalingFacts(scaling, nodes),
    nodes,
    ...(nodegroup.subnets && { subnets: nodegroup.subnets }),
  })
}

/** What makes two nodes of the group the same. With a custom AMI EKS gives the AMI id in place of the release. */
export function groupSpec({ version, releaseVersion, launchTemplate }: EksNodegroup): GroupSpec {
  const isAmi = releaseVersion?.startsWith('ami-') === true
  return {
    version,
    releaseVersion: isAmi ? undefined : releaseVersion,
    imageId: isAmi ? releaseVersion : undefined,
    launchTemplate:
      launchTemplate?.id === undefined || launchTemplate.version === undefined
        ? undefined
        : { id: launchTemplate.id, name: launchTemplate.name, version: launchTemplate.version },
  }
}

function autoScalingFacts({ group, activities }: ScalingRead, nodes: readonly NodeFacts[]): GroupFacts['autoScaling'] {
  return {
    name: group.AutoScalingGroupName ?? '',
    sizes: { min: group.MinSize ?? 0, max: group.MaxSize ?? 0, desired: group.DesiredCapacity ?? 0 },
    launchFailures: launchFailures(activities),
    unjoined: unjoined(group, activities, nodes),
    ...(tagOf(group, AUTOSCALER_TAG) !== undefined && { forAutoscaler: true }),
  }
}

function tagOf({ Tags = [] }: AutoScalingGroup, key: string): string | undefined {
  return Tags.find(({ Key }) => Key === key)?.Value
}

/** Activities that tried to launch an instance and failed: no capacity, a quota, a full subnet. Newest first, as given. */
export function launchFailures(activities: readonly ScalingActivity[]): readonly LaunchFailure[] {
  return activities
    .filter((activity) => activity.StatusCode === 'Failed' && !/^Terminating/.test(activity.Description ?? ''))
    .map((activity) => ({ at: instantOf(activity.StartTime) ?? 0, message: activity.StatusMessage ?? activity.Cause ?? 'no reason given' }))
}

function unjoined(
  group: AutoScalingGroup,
  activities: readonly ScalingActivity[],
  nodes: readonly NodeFacts[],
): readonly UnjoinedInstance[] {
  const joined = new Set(nodes.map((node) => node.instanceId))
  return (group.Instances ?? []).flatMap(({ InstanceId: instanceId, LifecycleState, AvailabilityZone: zone }) => {
    if (instanceId === undefined || LifecycleState !== 'InService' || joined.has(instanceId)) return []
    const launch = activities.find((activity) => activity.Description?.includes(`instance: ${instanceId}`) === true && isLaunch(activity))
    return [{ instanceId, zone, launchedAt: instantOf(launch?.StartTime) }]
  })
}

function isLaunch(activity: ScalingActivity): boolean {
  return activity.Description?.startsWith('Launching') === true
}

/** A self-managed group as Auto Scaling describes it, with the nodes that its instances are. Frozen. */
export function selfManagedFacts(name: string, read: SelfManagedRead, nodes: readonly NodeFacts[]): GroupFacts {
  const { group, hooks, refreshes } = read
  const launch = launchOf(group)
  const template = templateOf(launch)
  const scaling = autoScalingFacts(read, nodes)
  return Object.freeze({
    name,
    status: group.Status === undefined ? 'ACTIVE' : 'DELETING',
    spec: { ...(launch && { launch }), ...(template && { launchTemplate: template }) },
    ...(group.AutoScalingGroupARN && { arn: group.AutoScalingGroupARN }),
    ...madeBy(group),
    health: [],
    updateConfig: {},
    sizes: { min: group.MinSize ?? 0, max: group.MaxSize ?? 0, desired: group.DesiredCapacity ?? 0 },
    autoScaling: scaling && {
      ...scaling,
      members: (group.Instances ?? []).map(memberFacts),
      suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []).sort(),
      protectsNew: group.NewInstancesProtectedFromScaleIn === true,
      hooks: hooks.flatMap(hookFacts),
      refresh: refreshes.find(({ Status = '' }) => REFRESHING.has(Status))?.Status,
    },
    nodes,
    subnets: subnetsOf(group),
  })
}

function madeBy(group: AutoScalingGroup): Pick<GroupFacts, 'madeBy'> {
  const run = tagOf(group, MADE_BY_TAG)
  return run === undefined ? {} : { madeBy: run }
}

/** Statuses of an instance refresh that still does something (API reference, InstanceRefresh). */
const REFRESHING = new Set(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'])

function memberFacts(instance: AutoScalingInstance): MemberFacts {
  const { InstanceId: instanceId = '', LifecycleState: lifecycle = 'unknown', AvailabilityZone: zone, ProtectedFromScaleIn } = instance
  return { instanceId, lifecycle, protected: ProtectedFromScaleIn === true, ...(zone && { zone }), ...sourceOf(instance) }
}

function hookFacts({ LifecycleHookName: name, LifecycleTransition: transition }: LifecycleHook): readonly HookFacts[] {
  if (name === undefined) return []
  return [{ name, at: transition === 'autoscaling:EC2_INSTANCE_LAUNCHING' ? 'launch' : 'termination' }]
}

/** An EKS add-on as EKS describes it. */
export function addonFacts(name: string, addon: EksAddon): AddonFacts {
  return { name, status: addon.status ?? 'UNKNOWN', spec: addonSpec(addon), health: addon.health?.issues ?? [] }
}

function addonSpec({ addonVersion, configurationValues, serviceAccountRoleArn, podIdentityAssociations }: EksAddon): AddonSpec {
  return { version: addonVersion ?? 'unknown', configurationValues, serviceAccountRoleArn, podIdentityAssociations }
}

/** Addresses left in each subnet. One whose description does not say is left out: it is not known to be full. */
export function subnetFacts(subnets: readonly Subnet[]): Readonly<Record<string, SubnetFacts>> {
  const known = subnets.flatMap(({ SubnetId: id, AvailableIpAddressCount: free, AvailabilityZone: zone }): [string, SubnetFacts][] =>
    id === undefined || free === undefined ? [] : [[id, { ...(zone && { zone }), free }]],
  )
  return Object.freeze(Object.fromEntries(known))
}
