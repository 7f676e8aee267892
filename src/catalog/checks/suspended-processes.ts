import type { AutoScalingGroup } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Without these no node comes or goes. */
const NEEDED = ['Launch', 'Terminate']

/** The Auto Scaling groups may launch and terminate. */
export const suspendedProcesses: CheckDefinition = {
  code: 'ASG_SUSPENDED',
  title: 'No Auto Scaling group of the run has Launch or Terminate suspended',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeNodegroup', 'autoscaling:DescribeAutoScalingGroups'],
  notApplicable: noGroupChanges,
  prevents:
    'NodeCreationFailure after 15 minutes in which nothing launched, or old nodes that are drained and never end, because somebody suspended the process and forgot it.',
  remedy: '`aws autoscaling resume-processes --auto-scaling-group-name NAME --scaling-processes Launch Terminate`.',
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html',
  evaluate: ({ snapshot, intent, plan }) => {
    const groups = changingGroups(intent)
    const scaling = new Map((snapshot.aws.autoScalingGroups ?? []).map((each) => [each.AutoScalingGroupName ?? '', each]))
    const found = groups.flatMap(({ name, autoScalingGroup }) => judge(name, autoScalingGroup, scaling.get(autoScalingGroup ?? '')))
    return foundOr(found, plan, `The Auto Scaling groups of ${count(groups.length, 'node group')} launch and terminate.`)
  },
}

function judge(group: string, named: string | undefined, scaling: AutoScalingGroup | undefined): readonly CheckFinding[] {
  const subject = `NodeGroup/${group}`
  if (scaling === undefined)
    return [
      { verdict: 'unknown', subject, message: `The Auto Scaling group ${named ?? '(not named by EKS)'} of ${group} was not described.` },
    ]
  const suspended = (scaling.SuspendedProcesses ?? []).filter(({ ProcessName = '' }) => NEEDED.includes(ProcessName))
  if (suspended.length === 0) return []
  const which = suspended
    .map(({ ProcessName, SuspensionReason }) => `${ProcessName} (${SuspensionReason ?? 'no reason given'})`)
    .join(' and ')
  return [
    {
      verdict: 'block',
      subject,
      message: `${scaling.AutoScalingGroupName} of ${group} has ${which} suspended: no node would come or go, and EKS would give up after 15 minutes.`,
      remedy: `\`aws autoscaling resume-processes --auto-scaling-group-name ${scaling.AutoScalingGroupName} --scaling-processes ${suspended.map(({ ProcessName }) => ProcessName).join(' ')}\`.`,
    },
  ]
}
