import type { AwsHandlers } from '../../../../contract.ts'
import { dateOf, type Input, numberOf, pageOf, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import { progressOf } from '../activities.ts'
import type { Activity, ScalingGroup } from '../group.ts'
import { groupOf, invalidToken } from './refusals.ts'

/** Operations on scaling activities. */
export function activityHandlers(api: AutoScalingApi): AwsHandlers {
  return { DescribeScalingActivities: (input) => describeActivities(api, input) }
}

/** Newest first; at most 100 on a page. */
function describeActivities({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const groups = textOf(input, 'AutoScalingGroupName') === undefined ? autoScaling.all() : [groupOf(autoScaling, input)]
  const ids = textsOf(input, 'ActivityIds')
  const found = groups
    .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
    .filter(({ activity }) => ids.length === 0 || ids.includes(activity.id))
    .reverse()
    .sort((a, b) => b.activity.start - a.activity.start)
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 100, invalidToken)
  return { Activities: page.items.map(({ group, activity }) => describeActivity(group, activity)), NextToken: page.next }
}

/** An activity in SDK shape. */
export function describeActivity(group: ScalingGroup, activity: Activity): Record<string, unknown> {
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
