import { MINUTE } from '../../../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../../../src/sandbox/world/open.ts'
import { call, scalingGroup } from '../../../aws/world-driver.ts'
import type { Cases } from './case.ts'

const group = (world: OpenedWorld) => ({ AutoScalingGroupName: scalingGroup(world, 'app-a').AutoScalingGroupName })
const member = (world: OpenedWorld) => scalingGroup(world, 'app-a').Instances?.[0]?.InstanceId

const HOOK = { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' }
const tag = (world: OpenedWorld) => ({
  ResourceId: scalingGroup(world, 'app-a').AutoScalingGroupName,
  ResourceType: 'auto-scaling-group',
  Key: 'team',
  Value: 'shop',
  PropagateAtLaunch: true,
})

/** Does something first; the input is what the function gave. */
function after<T>(world: OpenedWorld, operation: string, input: Record<string, unknown>, then: T): T {
  call(world.autoScaling, operation, input)
  world.timeline.advanceTo(world.timeline.now() + MINUTE)
  return then
}

/** An instance that a terminating hook holds. */
function held(world: OpenedWorld): Record<string, unknown> {
  const InstanceId = member(world)
  call(world.autoScaling, 'PutLifecycleHook', { ...group(world), ...HOOK })
  return after(
    world,
    'TerminateInstanceInAutoScalingGroup',
    { InstanceId, ShouldDecrementDesiredCapacity: true },
    { ...group(world), LifecycleHookName: 'drain', InstanceId },
  )
}

function refreshing(world: OpenedWorld): Record<string, unknown> {
  const { LaunchTemplate } = scalingGroup(world, 'app-a')
  const { LaunchTemplateId, Version } = LaunchTemplate ?? {}
  const input = { ...group(world), DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId, Version } } }
  return after(world, 'StartInstanceRefresh', input, group(world))
}

const TARGETS = { TargetGroupARNs: ['arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/shop/0123456789abcdef'] }
const SOURCES = { TrafficSources: [{ Identifier: TARGETS.TargetGroupARNs[0], Type: 'elbv2' }] }
const BALANCERS = { LoadBalancerNames: ['shop'] }

const attached = (operation: string, sources: Record<string, unknown>, detaching: boolean) => (world: OpenedWorld) =>
  after(world, operation, { ...group(world), ...sources }, { ...group(world), ...(detaching ? sources : {}) })

function newGroup(world: OpenedWorld): Record<string, unknown> {
  const { VPCZoneIdentifier, LaunchTemplate } = scalingGroup(world, 'app-a')
  const { LaunchTemplateId, Version } = LaunchTemplate ?? {}
  const template = { LaunchTemplateSpecification: { LaunchTemplateId, Version } }
  const policy = { MixedInstancesPolicy: { LaunchTemplate: { ...template, Overrides: [{ InstanceType: 'm5.large' }] } } }
  return { AutoScalingGroupName: 'green', MinSize: 0, MaxSize: 3, VPCZoneIdentifier, ...policy }
}

export const AUTO_SCALING_CASES: Cases = {
  CreateAutoScalingGroup: newGroup,
  DeleteAutoScalingGroup: (world) => ({ ...group(world), ForceDelete: true }),
  AttachLoadBalancerTargetGroups: (world) => ({ ...group(world), ...TARGETS }),
  DetachLoadBalancerTargetGroups: attached('AttachLoadBalancerTargetGroups', TARGETS, true),
  AttachLoadBalancers: (world) => ({ ...group(world), ...BALANCERS }),
  DetachLoadBalancers: attached('AttachLoadBalancers', BALANCERS, true),
  AttachTrafficSources: (world) => ({ ...group(world), ...SOURCES }),
  DetachTrafficSources: attached('AttachTrafficSources', SOURCES, true),
  DescribeTrafficSources: attached('AttachTrafficSources', SOURCES, false),
  DescribeAutoScalingGroups: () => ({}),
  DescribeScalingActivities: () => ({}),
  UpdateAutoScalingGroup: (world) => ({ ...group(world), MaxSize: 10 }),
  SetDesiredCapacity: (world) => ({ ...group(world), DesiredCapacity: 7 }),
  SuspendProcesses: (world) => ({ ...group(world), ScalingProcesses: ['Launch'] }),
  ResumeProcesses: group,
  TerminateInstanceInAutoScalingGroup: (world) => ({ InstanceId: member(world), ShouldDecrementDesiredCapacity: true }),
  DescribeAutoScalingInstances: () => ({}),
  SetInstanceHealth: (world) => ({ InstanceId: member(world), HealthStatus: 'Unhealthy' }),
  SetInstanceProtection: (world) => ({ ...group(world), InstanceIds: [member(world)], ProtectedFromScaleIn: true }),
  EnterStandby: (world) => ({ ...group(world), InstanceIds: [member(world)], ShouldDecrementDesiredCapacity: true }),
  ExitStandby: (world) => {
    const input = { ...group(world), InstanceIds: [member(world)] }
    return after(world, 'EnterStandby', { ...input, ShouldDecrementDesiredCapacity: true }, input)
  },
  DetachInstances: (world) => ({ ...group(world), InstanceIds: [member(world)], ShouldDecrementDesiredCapacity: true }),
  AttachInstances: (world) => {
    const input = { ...group(world), InstanceIds: [member(world)] }
    return after(world, 'DetachInstances', { ...input, ShouldDecrementDesiredCapacity: true }, input)
  },
  PutLifecycleHook: (world) => ({ ...group(world), ...HOOK }),
  DeleteLifecycleHook: (world) =>
    after(world, 'PutLifecycleHook', { ...group(world), ...HOOK }, { ...group(world), LifecycleHookName: 'drain' }),
  DescribeLifecycleHooks: (world) => after(world, 'PutLifecycleHook', { ...group(world), ...HOOK }, group(world)),
  DescribeLifecycleHookTypes: () => ({}),
  CompleteLifecycleAction: (world) => ({ ...held(world), LifecycleActionResult: 'CONTINUE' }),
  RecordLifecycleActionHeartbeat: held,
  DescribeScalingProcessTypes: () => ({}),
  DescribeTerminationPolicyTypes: () => ({}),
  CreateOrUpdateTags: (world) => ({ Tags: [tag(world)] }),
  DeleteTags: (world) => ({ Tags: [tag(world)] }),
  DescribeTags: () => ({}),
  DescribeLoadBalancerTargetGroups: attached('AttachLoadBalancerTargetGroups', TARGETS, false),
  DescribeLoadBalancers: attached('AttachLoadBalancers', BALANCERS, false),
  DescribeLaunchConfigurations: () => ({}),
  PutWarmPool: (world) => ({ ...group(world), MinSize: 1, InstanceReusePolicy: { ReuseOnScaleIn: true } }),
  DescribeWarmPool: (world) => after(world, 'PutWarmPool', { ...group(world), PoolState: 'Running' }, group(world)),
  DeleteWarmPool: (world) => after(world, 'PutWarmPool', group(world), group(world)),
  StartInstanceRefresh: (world) => ({ ...group(world), Preferences: { MinHealthyPercentage: 50 } }),
  DescribeInstanceRefreshes: refreshing,
  CancelInstanceRefresh: refreshing,
  RollbackInstanceRefresh: refreshing,
}
