import { dateOf, tagList } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { Member, ScalingGroup } from '../group.ts'
import { atTime } from '../scaling.ts'
import { scalingArn } from './arn.ts'
import { standing } from './attachment-api.ts'
import { describeSource, describeTemplate } from './source.ts'

/** A group in SDK shape. */
export function describeGroup(api: AutoScalingApi, group: ScalingGroup, withInstances: boolean): Record<string, unknown> {
  const zones = new Set(group.subnetIds.map((id) => api.subnets.get(id)?.zone ?? ''))
  const { settings, sizes } = group
  const { maintenance } = settings
  const behind = standing(group, api.timeline.now())
  const sources = (type: string) => behind.flatMap(([id, attachment]) => (attachment.type === type ? [id] : []))
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: scalingArn(api, 'autoScalingGroup', group.name),
    MinSize: sizes.min,
    MaxSize: sizes.max,
    DesiredCapacity: sizes.desired,
    DefaultCooldown: settings.defaultCooldown,
    AvailabilityZones: [...zones].sort(),
    LoadBalancerNames: sources('elb'),
    TargetGroupARNs: sources('elbv2'),
    TrafficSources: behind.map(([Identifier, { type: Type }]) => ({ Identifier, Type })),
    HealthCheckType: settings.healthCheckType,
    HealthCheckGracePeriod: settings.healthCheckGracePeriod,
    ServiceLinkedRoleARN: serviceRole(api),
    DeletionProtection: settings.deletionProtection,
    ...settings.kept,
    Status: group.deleting ? 'Delete in progress' : undefined,
    VPCZoneIdentifier: group.subnetIds.join(','),
    ...describeSource(api.templates, group.launch),
    CreatedTime: dateOf(group.createdAt),
    SuspendedProcesses: [...group.suspended]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([ProcessName, since]) => ({ ProcessName, SuspensionReason: `User suspended at ${atTime(since).slice(3)}` })),
    Tags: describeTags(group),
    Instances: withInstances ? [...group.members.values()].map((member) => describeMember(api, group, member)) : [],
    WarmPoolConfiguration: describeWarmPool(group),
    WarmPoolSize: group.warmPool && group.warm.size,
    TerminationPolicies: settings.terminationPolicies,
    NewInstancesProtectedFromScaleIn: settings.newInstancesProtected,
    CapacityRebalance: settings.capacityRebalance,
    DefaultInstanceWarmup: settings.defaultInstanceWarmup,
    InstanceMaintenancePolicy: maintenance && { MinHealthyPercentage: maintenance.min, MaxHealthyPercentage: maintenance.max },
  }
}

/** The role that groups work with unless they name another (Auto Scaling user guide, "service-linked roles"). */
function serviceRole({ cluster }: AutoScalingApi): string {
  return `arn:aws:iam::${cluster.accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`
}

/** The warm pool of a group in SDK shape, if it has one. */
export function describeWarmPool({ warmPool }: ScalingGroup): Record<string, unknown> | undefined {
  if (warmPool === undefined) return undefined
  return {
    MinSize: warmPool.minSize,
    MaxGroupPreparedCapacity: warmPool.maxPrepared,
    PoolState: warmPool.state,
    InstanceReusePolicy: { ReuseOnScaleIn: warmPool.reuse },
    Status: warmPool.deleting ? 'PendingDelete' : undefined,
  }
}

/** The tags of a group in SDK shape. */
export function describeTags(group: ScalingGroup): readonly Record<string, unknown>[] {
  return tagList(group.tags).map((tag) => ({
    ...tag,
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    PropagateAtLaunch: !group.keptTags.has(tag.Key),
  }))
}

/** A member in SDK shape. */
export function describeMember(api: AutoScalingApi, group: ScalingGroup, member: Member): Record<string, unknown> {
  const { instance, lifecycle } = member
  return {
    InstanceId: instance.id,
    InstanceType: instance.type,
    AvailabilityZone: instance.zone,
    LifecycleState: lifecycle,
    HealthStatus: member.health,
    ...(instance.template === undefined
      ? { LaunchConfigurationName: instance.configuration }
      : { LaunchTemplate: describeTemplate(api.templates, instance.template) }),
    ImageId: instance.imageId,
    WeightedCapacity: group.launch.kind === 'mixed' && member.weight !== 1 ? String(member.weight) : undefined,
    ProtectedFromScaleIn: member.protected,
  }
}
