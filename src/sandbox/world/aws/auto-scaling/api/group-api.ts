import { type AwsHandlers, WireError } from '../../../../contract.ts'
import { filtered, type Input, numberOf, pageOf, recordOf, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { ScalingGroup } from '../group.ts'
import type { GroupSettings } from '../settings.ts'
import { knownPolicies } from '../termination.ts'
import { describeGroup } from './describe.ts'
import { groupOf, invalidToken, refusal, refuseOthers } from './refusals.ts'
import { checkedSizes, newSizes, refuseInCooldown } from './sizes.ts'
import { wantedSource } from './source.ts'

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

/** Operations on whole groups. */
export function groupHandlers(api: AutoScalingApi): AwsHandlers {
  const { autoScaling } = api
  return {
    DescribeAutoScalingGroups: (input) => describeGroups(api, input),
    UpdateAutoScalingGroup: (input) => updateGroup(api, input),
    SetDesiredCapacity(input) {
      const group = groupOf(autoScaling, input)
      const desired = numberOf(input, 'DesiredCapacity')
      if (desired === undefined) throw refusal('DesiredCapacity is required.')
      if (input.HonorCooldown === true) refuseInCooldown(group, api.timeline.now())
      autoScaling.desire(group, checkedSizes({ ...group.sizes, desired }).desired)
      return {}
    },
    SuspendProcesses(input) {
      const group = groupOf(autoScaling, input)
      for (const process of processesOf(input)) if (!group.suspended.has(process)) group.suspended.set(process, api.timeline.now())
      return {}
    },
    ResumeProcesses(input) {
      const group = groupOf(autoScaling, input)
      for (const process of processesOf(input)) group.suspended.delete(process)
      autoScaling.reconcile(group)
      return {}
    },
    DescribeScalingProcessTypes: () => ({ Processes: [...PROCESSES].sort().map((ProcessName) => ({ ProcessName })) }),
    DescribeTerminationPolicyTypes: () => ({ TerminationPolicyTypes: [...knownPolicies()].sort() }),
  }
}

function processesOf(input: Input): readonly string[] {
  const named = textsOf(input, 'ScalingProcesses')
  const unknown = named.find((process) => !PROCESSES.includes(process))
  if (unknown !== undefined) throw refusal(`Invalid process type '${unknown}'`)
  return named.length > 0 ? named : PROCESSES
}

function describeGroups(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const names = textsOf(input, 'AutoScalingGroupNames').filter((name) => name !== '')
  const chosen = api.autoScaling.all().filter(({ name }) => names.length === 0 || names.includes(name))
  const found = filtered(chosen, input, tagValueFilter, ({ tags }) => tags)
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 50, invalidToken)
  const withInstances = input.IncludeInstances !== false
  return { AutoScalingGroups: page.items.map((group) => describeGroup(api, group, withInstances)), NextToken: page.next }
}

const tagValueFilter = { 'tag-value': ({ tags }: ScalingGroup) => Object.values(tags) }

const UPDATED = new Set([
  'AutoScalingGroupName',
  'MinSize',
  'MaxSize',
  'DesiredCapacity',
  'VPCZoneIdentifier',
  'LaunchTemplate',
  'MixedInstancesPolicy',
  'LaunchConfigurationName',
  'DefaultCooldown',
  'HealthCheckType',
  'HealthCheckGracePeriod',
  'TerminationPolicies',
  'NewInstancesProtectedFromScaleIn',
  'CapacityRebalance',
  'DefaultInstanceWarmup',
  'InstanceMaintenancePolicy',
])

/** Nothing changes unless all of it may. */
function updateGroup(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  refuseOthers(input, UPDATED)
  const sizes = newSizes(group, input)
  const settings = newSettings(group.settings, input)
  const subnetIds = newSubnets(api, group, input)
  const source = wantedSource(api, input)
  group.settings = settings
  group.subnetIds = subnetIds
  if (source !== undefined) group.launch = source
  api.autoScaling.resize(group, sizes, 'a user request update of')
  return {}
}

function newSubnets({ subnets }: AutoScalingApi, group: ScalingGroup, input: Input): readonly string[] {
  const text = textOf(input, 'VPCZoneIdentifier')
  if (text === undefined) return group.subnetIds
  const ids = text.split(',').map((id) => id.trim())
  const stray = ids.find((id) => subnets.get(id) === undefined)
  if (stray !== undefined) throw refusal(`The subnet ID '${stray}' does not exist`)
  return ids
}

function newSettings(former: GroupSettings, input: Input): GroupSettings {
  const warmup = numberOf(input, 'DefaultInstanceWarmup')
  const { defaultInstanceWarmup, ...rest } = former
  const kept = warmup ?? defaultInstanceWarmup
  const policies = textsOf(input, 'TerminationPolicies')
  const other = policies.find((name) => !knownPolicies().includes(name))
  if (other?.startsWith('arn:'))
    throw new WireError(501, 'NotImplemented', 'the sandbox does not simulate termination policies of Lambda functions')
  if (other !== undefined) throw refusal(`Invalid termination policy: ${other}`)
  return {
    ...rest,
    // -1 takes it away (API reference, UpdateAutoScalingGroup).
    ...(kept === undefined || kept < 0 ? {} : { defaultInstanceWarmup: kept }),
    defaultCooldown: numberOf(input, 'DefaultCooldown') ?? former.defaultCooldown,
    healthCheckType: textOf(input, 'HealthCheckType') ?? former.healthCheckType,
    healthCheckGracePeriod: numberOf(input, 'HealthCheckGracePeriod') ?? former.healthCheckGracePeriod,
    terminationPolicies: policies.length > 0 ? policies : former.terminationPolicies,
    newInstancesProtected: flagOf(input, 'NewInstancesProtectedFromScaleIn') ?? former.newInstancesProtected,
    capacityRebalance: flagOf(input, 'CapacityRebalance') ?? former.capacityRebalance,
    ...maintenanceOf(recordOf(input, 'InstanceMaintenancePolicy')),
  }
}

function flagOf(input: Input, member: string): boolean | undefined {
  const value = input[member]
  return typeof value === 'boolean' ? value : undefined
}

/** Both percentages together, at most 100 apart; -1 for both takes the policy away (API reference, InstanceMaintenancePolicy). */
function maintenanceOf(policy: Input | undefined): Pick<GroupSettings, 'maintenance'> {
  if (policy === undefined) return {}
  const min = numberOf(policy, 'MinHealthyPercentage')
  const max = numberOf(policy, 'MaxHealthyPercentage')
  if (min === -1 && max === -1) return { maintenance: undefined }
  if (min === undefined || max === undefined) throw refusal('MinHealthyPercentage and MaxHealthyPercentage must both be specified.')
  if (min < 0 || min > 100 || max < 100 || max > 200 || max - min > 100) {
    throw refusal('The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be greater than 100.')
  }
  return { maintenance: { min, max } }
}
