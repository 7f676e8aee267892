import type { AutoScalingGroup } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** New nodes are launched from the new template, not taken from a store of old ones. */
export const warmPool: CheckDefinition = {
  code: 'WARM_POOL',
  title: 'No Auto Scaling group of the run has a warm pool',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeNodegroup', 'autoscaling:DescribeAutoScalingGroups'],
  notApplicable: noGroupChanges,
  prevents:
    'A surge that is served from instances which were prepared with the old image: they join, count as new nodes, and are replaced once more; stopped ones register late or never.',
  remedy: '`aws autoscaling delete-warm-pool --auto-scaling-group-name NAME` for the length of the run.',
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html',
  evaluate: ({ snapshot, plan, intent }) => {
    const groups = changingGroups(intent)
    const scaling = new Map((snapshot.aws.autoScalingGroups ?? []).map((each) => [each.AutoScalingGroupName ?? '', each]))
    const found = groups.flatMap(({ name, autoScalingGroup = '' }) => judge(name, scaling.get(autoScalingGroup)))
    return foundOr(found, plan, `${count(groups.length, 'node group')}, none with a warm pool.`)
  },
}

function judge(group: string, scaling: AutoScalingGroup | undefined): readonly CheckFinding[] {
  const pool = scaling?.WarmPoolConfiguration
  if (scaling === undefined || pool === undefined) return []
  return [
    {
      verdict: 'warn',
      subject: `NodeGroup/${group}`,
      message: `${group} has a warm pool of ${scaling.WarmPoolSize ?? 0} instances (${pool.PoolState ?? 'in no state that was told'}), prepared with the old image: its surge would take those first.`,
      remedy: `\`aws autoscaling delete-warm-pool --auto-scaling-group-name ${scaling.AutoScalingGroupName}\`; make it anew after the run.`,
    },
  ]
}
