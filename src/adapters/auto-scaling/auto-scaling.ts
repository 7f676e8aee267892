import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type DescribeAutoScalingGroupsCommandInput,
  DescribeInstanceRefreshesCommand,
  DescribeLaunchConfigurationsCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling'
import type { AutoScalingGroup } from '../../model/aws.ts'
import type { AutoScaling } from '../../ports/auto-scaling.ts'
import { type AwsCaller, allPages, chunks, plain, present } from '../aws-call.ts'
import { refuseEmpty } from '../refuse-empty.ts'
import { groupMutations } from './mutations.ts'

const NAMES_PER_CALL = 50
const PAGE = 100
const REFRESHES = 10

/** EC2 Auto Scaling over the SDK client. */
export function createAutoScaling(client: AutoScalingClient, caller: AwsCaller): AutoScaling {
  const describe = describeGroups(client, caller)
  return {
    describeGroups: async (names) => {
      refuseEmpty('autoscaling:DescribeAutoScalingGroups', names)
      const parts = await Promise.all(chunks(names, NAMES_PER_CALL).map((part) => describe({ AutoScalingGroupNames: [...part] })))
      return parts.flat()
    },
    describeGroupsByTag: (key, value) => describe({ Filters: [{ Name: `tag:${key}`, Values: [value] }] }),
    describeScalingActivities: (group) =>
      caller.read('autoscaling:DescribeScalingActivities', async () => {
        refuseEmpty('autoscaling:DescribeScalingActivities', [group])
        const answer = await client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: PAGE }))
        return plain(present('autoscaling:DescribeScalingActivities', 'Activities', answer.Activities))
      }),
    describeLifecycleHooks: (group) =>
      caller.read('autoscaling:DescribeLifecycleHooks', async () => {
        refuseEmpty('autoscaling:DescribeLifecycleHooks', [group])
        const answer = await client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }))
        return plain(present('autoscaling:DescribeLifecycleHooks', 'LifecycleHooks', answer.LifecycleHooks))
      }),
    describeInstanceRefreshes: (group) =>
      caller.read('autoscaling:DescribeInstanceRefreshes', async () => {
        refuseEmpty('autoscaling:DescribeInstanceRefreshes', [group])
        const answer = await client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: REFRESHES }))
        return plain(present('autoscaling:DescribeInstanceRefreshes', 'InstanceRefreshes', answer.InstanceRefreshes))
      }),
    describeLaunchConfigurations: (names) =>
      caller.read('autoscaling:DescribeLaunchConfigurations', async () => {
        refuseEmpty('autoscaling:DescribeLaunchConfigurations', names)
        const answer = await client.send(new DescribeLaunchConfigurationsCommand({ LaunchConfigurationNames: [...names] }))
        return plain(present('autoscaling:DescribeLaunchConfigurations', 'LaunchConfigurations', answer.LaunchConfigurations))
      }),
    ...groupMutations(client, caller),
  }
}

function describeGroups(client: AutoScalingClient, caller: AwsCaller) {
  const operation = 'autoscaling:DescribeAutoScalingGroups'
  return (input: DescribeAutoScalingGroupsCommandInput): Promise<readonly AutoScalingGroup[]> =>
    allPages(operation, (NextToken) =>
      caller.read(operation, async () => {
        const answer = await client.send(new DescribeAutoScalingGroupsCommand({ ...input, NextToken, MaxRecords: PAGE }))
        return { items: plain(present(operation, 'AutoScalingGroups', answer.AutoScalingGroups)), next: answer.NextToken }
      }),
    )
}
