import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type DescribeAutoScalingGroupsCommandInput,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import type { AutoScalingGroup } from '../../model/aws.ts'
import type { AutoScaling } from '../../ports/auto-scaling.ts'
import { type AwsCaller, allPages, chunks, plain, present } from '../aws-call.ts'
import { refuseEmpty } from '../refuse-empty.ts'

const NAMES_PER_CALL = 50
const ACTIVITIES = 100
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
        const answer = await client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: ACTIVITIES }))
        return plain(present('autoscaling:DescribeScalingActivities', 'Activities', answer.Activities))
      }),
    describeInstanceRefreshes: (group) =>
      caller.read('autoscaling:DescribeInstanceRefreshes', async () => {
        refuseEmpty('autoscaling:DescribeInstanceRefreshes', [group])
        const answer = await client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: REFRESHES }))
        return plain(present('autoscaling:DescribeInstanceRefreshes', 'InstanceRefreshes', answer.InstanceRefreshes))
      }),
    setMaxSize: (group, maxSize) =>
      caller.mutate('autoscaling:UpdateAutoScalingGroup', async () => {
        refuseEmpty('autoscaling:UpdateAutoScalingGroup', [group])
        await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MaxSize: maxSize }))
      }),
  }
}

function describeGroups(client: AutoScalingClient, caller: AwsCaller) {
  const operation = 'autoscaling:DescribeAutoScalingGroups'
  return (input: DescribeAutoScalingGroupsCommandInput): Promise<readonly AutoScalingGroup[]> =>
    allPages(operation, (NextToken) =>
      caller.read(operation, async () => {
        const answer = await client.send(new DescribeAutoScalingGroupsCommand({ ...input, NextToken, MaxRecords: 100 }))
        return { items: plain(present(operation, 'AutoScalingGroups', answer.AutoScalingGroups)), next: answer.NextToken }
      }),
    )
}
