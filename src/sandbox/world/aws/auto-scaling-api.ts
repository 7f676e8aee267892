import { type AwsHandlers, WireError } from '../../contract.ts'
import type { Sizes } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { dateOf, filtered, type Input, numberOf, pageOf, required, tagList, textOf, textsOf } from './answers.ts'
import { progressOf } from './auto-scaling/activities.ts'
import { type Activity, activeMembers, type Member, type ScalingGroup } from './auto-scaling/group.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { LaunchTemplates } from './launch-templates.ts'

const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
]

interface Deps {
  readonly autoScaling: AutoScaling
  readonly templates: LaunchTemplates
  readonly subnets: Subnets
  readonly arnPrefix: string
}

/** The Auto Scaling operations, in SDK shapes. */
export function autoScalingHandlers(deps: Deps): AwsHandlers {
  const { autoScaling } = deps
  return {
    DescribeAutoScalingGroups: (input) => describeGroups(deps, input),
    DescribeScalingActivities: (input) => describeActivities(deps, input),
    UpdateAutoScalingGroup(input) {
      const group = groupOf(autoScaling, input)
      autoScaling.resize(group, newSizes(group, input), 'a user request update of')
      return {}
    },
    SetDesiredCapacity(input) {
      const group = groupOf(autoScaling, input)
      const desired = numberOf(input, 'DesiredCapacity') ?? group.sizes.desired
      autoScaling.resize(group, checked({ ...group.sizes, desired }), 'a user request explicitly set the')
      return {}
    },
    SuspendProcesses(input) {
      const group = groupOf(autoScaling, input)
      for (const process of processesOf(input)) group.suspended.add(process)
      return {}
    },
    ResumeProcesses(input) {
      const group = groupOf(autoScaling, input)
      for (const process of processesOf(input)) group.suspended.delete(process)
      autoScaling.reconcile(group)
      return {}
    },
    TerminateInstanceInAutoScalingGroup: (input) => terminateInstances(deps, input),
  }
}

function refusal(message: string): WireError {
  return new WireError(400, 'ValidationError', message)
}

function groupOf(autoScaling: AutoScaling, input: Input): ScalingGroup {
  const name = required(input, 'AutoScalingGroupName', refusal)
  const group = autoScaling.get(name)
  if (group === undefined) throw refusal(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`)
  return group
}

function processesOf(input: Input): readonly string[] {
  const named = textsOf(input, 'ScalingProcesses')
  const unknown = named.find((process) => !PROCESSES.includes(process))
  if (unknown !== undefined) throw refusal(`Invalid process type '${unknown}'`)
  return named.length > 0 ? named : PROCESSES
}

/**
 * A new minimum above, or a new maximum below, the desired capacity moves that too when none is given
 * (API reference of UpdateAutoScalingGroup).
 */
function newSizes(group: ScalingGroup, input: Input): Sizes {
  const min = numberOf(input, 'MinSize') ?? group.sizes.min
  const max = numberOf(input, 'MaxSize') ?? group.sizes.max
  const desired = numberOf(input, 'DesiredCapacity') ?? Math.min(Math.max(group.sizes.desired, min), max)
  return checked({ min, max, desired })
}

function checked(sizes: Sizes): Sizes {
  const { min, max, desired } = sizes
  if (min > max) throw refusal(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`)
  if (desired < min || desired > max) {
    throw refusal(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`)
  }
  return sizes
}

function describeGroups(deps: Deps, input: Input): Record<string, unknown> {
  const names = textsOf(input, 'AutoScalingGroupNames').filter((name) => name !== '')
  const chosen = deps.autoScaling.all().filter(({ name }) => names.length === 0 || names.includes(name))
  const found = filtered(chosen, input, tagValueFilter, ({ tags }) => tags)
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 50, invalidToken)
  const withInstances = input.IncludeInstances !== false
  return { AutoScalingGroups: page.items.map((group) => describeGroup(deps, group, withInstances)), NextToken: page.next }
}

const tagValueFilter = { 'tag-value': ({ tags }: ScalingGroup) => Object.values(tags) }

function invalidToken(): WireError {
  return new WireError(400, 'InvalidNextToken', 'The NextToken value is not valid.')
}

function describeGroup(deps: Deps, group: ScalingGroup, withInstances: boolean): Record<string, unknown> {
  const zones = new Set(group.subnetIds.map((id) => deps.subnets.get(id)?.zone ?? ''))
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: `${deps.arnPrefix}:autoScalingGroupName/${group.name}`,
    MinSize: group.sizes.min,
    MaxSize: group.sizes.max,
    DesiredCapacity: group.sizes.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [...zones].sort(),
    LoadBalancerNames: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 15,
    VPCZoneIdentifier: group.subnetIds.join(','),
    LaunchTemplate: templateOf(deps, group.launch.template),
    CreatedTime: dateOf(group.createdAt),
    SuspendedProcesses: [...group.suspended].sort().map((ProcessName) => ({ ProcessName, SuspensionReason: 'User suspended' })),
    Tags: tagList(group.tags).map((tag) => ({
      ...tag,
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      PropagateAtLaunch: true,
    })),
    Instances: withInstances ? [...group.members.values()].map((member) => describeMember(deps, member)) : [],
  }
}

function templateOf(deps: Deps, template: { readonly id: string; readonly version: string | number }): Record<string, unknown> {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: deps.templates.get(template.id)?.name,
    Version: String(template.version),
  }
}

function describeMember(deps: Deps, { instance, lifecycle }: Member): Record<string, unknown> {
  return {
    InstanceId: instance.id,
    InstanceType: instance.type,
    AvailabilityZone: instance.zone,
    LifecycleState: lifecycle,
    HealthStatus: 'Healthy',
    LaunchTemplate: instance.template && templateOf(deps, instance.template),
    ImageId: instance.imageId,
    ProtectedFromScaleIn: false,
  }
}

function describeActivities(deps: Deps, input: Input): Record<string, unknown> {
  const name = textOf(input, 'AutoScalingGroupName')
  const groups = name === undefined ? deps.autoScaling.all() : [groupOf(deps.autoScaling, input)]
  const ids = textsOf(input, 'ActivityIds')
  const found = groups
    .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
    .filter(({ activity }) => ids.length === 0 || ids.includes(activity.id))
    .reverse()
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 100, invalidToken)
  return { Activities: page.items.map(({ group, activity }) => describeActivity(group, activity)), NextToken: page.next }
}

function describeActivity(group: ScalingGroup, activity: Activity): Record<string, unknown> {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: group.name,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: dateOf(activity.start),
    EndTime: activity.end === undefined ? undefined : dateOf(activity.end),
    StatusCode: activity.code,
    StatusMessage: activity.message,
    Progress: progressOf(activity),
    Details: JSON.stringify(activity.details),
  }
}

function terminateInstances(deps: Deps, input: Input): Record<string, unknown> {
  const single = textOf(input, 'InstanceId')
  const ids = single === undefined ? textsOf(input, 'InstanceIds') : [single]
  const decrement = input.ShouldDecrementDesiredCapacity
  if (typeof decrement !== 'boolean') throw refusal('ShouldDecrementDesiredCapacity is required.')
  if (ids.length === 0) throw refusal('InstanceId or InstanceIds is required.')
  const members = ids.map((id) => ({ id, group: memberGroup(deps.autoScaling, id) }))
  const activities = members.map(({ id, group }) => {
    if (decrement) refuseBelowMinimum(group)
    return describeActivity(
      group,
      deps.autoScaling.terminate(group, id, decrement, `instance ${id} was taken out of service in response to a user request`),
    )
  })
  return single === undefined ? { Activities: activities } : { Activity: activities[0] }
}

function refuseBelowMinimum(group: ScalingGroup): void {
  if (group.sizes.desired > group.sizes.min) return
  throw refusal(
    `Currently, desiredSize equals minSize (${group.sizes.min}). Terminating instance without replacement will violate group's min size constraint.`,
  )
}

function memberGroup(autoScaling: AutoScaling, instanceId: string): ScalingGroup {
  const group = autoScaling.all().find((each) => activeMembers(each).some(({ instance }) => instance.id === instanceId))
  if (group === undefined) throw refusal(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`)
  return group
}
