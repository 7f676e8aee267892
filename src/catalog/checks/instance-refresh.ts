import type { InstanceRefresh } from '../../model/aws.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

const ENDED = ['Successful', 'Failed', 'Cancelled', 'RollbackFailed', 'RollbackSuccessful']

/** Nobody replaces the instances of a group already. */
export const instanceRefresh: CheckDefinition = {
  code: 'INSTANCE_REFRESH',
  title: 'No Auto Scaling group of the run has an instance refresh in progress',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeNodegroup', 'autoscaling:DescribeInstanceRefreshes'],
  notApplicable: noGroupChanges,
  prevents:
    'Two replacements of one group that work against each other: an instance refresh terminates nodes without draining them, the new ones of the run among them.',
  remedy: '`aws autoscaling cancel-instance-refresh --auto-scaling-group-name NAME`, or wait for its end.',
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html',
  evaluate: ({ snapshot, plan, intent }) => {
    const groups = changingGroups(intent)
    const open = (snapshot.aws.instanceRefreshes ?? []).filter(({ Status }) => !ENDED.includes(Status ?? ''))
    const found = groups.flatMap((group) => open.filter((each) => each.AutoScalingGroupName === group.autoScalingGroup).map(blocked(group)))
    return foundOr(found, plan, `${count(groups.length, 'node group')}, none with an instance refresh in progress.`)
  },
}

function blocked({ name, autoScalingGroup }: GroupIntent): (refresh: InstanceRefresh) => CheckFinding {
  return ({ InstanceRefreshId, Status, PercentageComplete, StartTime }) => ({
    verdict: 'block',
    subject: `NodeGroup/${name}`,
    message: `The instance refresh ${InstanceRefreshId} of ${name} is ${Status}, ${PercentageComplete ?? 0} % done, since ${StartTime ?? 'an unknown time'}: it terminates nodes without draining them, also those that the run brings.`,
    remedy: `\`aws autoscaling cancel-instance-refresh --auto-scaling-group-name ${autoScalingGroup}\`, or wait for its end.`,
  })
}
