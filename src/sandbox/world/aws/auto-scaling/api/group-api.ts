import type { AwsHandlers } from '../../../../contract.ts'
import { filtered, type Input, numberOf, pageOf, refuseOthers, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { ScalingGroup } from '../group.ts'
import { knownPolicies } from '../termination.ts'
import { describeGroup } from './describe.ts'
import { newSettings, SETTING_MEMBERS, wantedSubnets } from './group-settings.ts'
import { groupOf, invalidToken, refusal } from './refusals.ts'
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
      if (group.deleting) throw refusal('Processes may not be suspended while the AutoScaling group is pending delete')
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

const UPDATED = new Set(SETTING_MEMBERS)

/** Nothing changes unless all of it may. */
function updateGroup(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  refuseOthers(input, UPDATED)
  if (group.deleting) throw refusal('The AutoScaling group may not be modified while it is pending delete')
  const sizes = newSizes(group, input)
  const settings = newSettings(group.settings, input)
  const subnetIds = wantedSubnets(api, input) ?? group.subnetIds
  const source = wantedSource(api, input)
  group.settings = settings
  group.subnetIds = subnetIds
  if (source !== undefined) group.launch = source
  api.autoScaling.resize(group, sizes, 'a user request update of')
  return {}
}
