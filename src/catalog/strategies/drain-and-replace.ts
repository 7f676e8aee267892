import { describeSpec } from '../steps/group-spec.ts'
import type { StrategyDefinition } from './definition.ts'

/** Serin replaces the nodes of a self-managed group itself. It can stop after any node, so little is exposed at a time. */
export const drainAndReplace: StrategyDefinition = {
  kind: 'drain-and-replace',
  fits: 'self-managed',
  summary:
    'Serin replaces the nodes of a self-managed Auto Scaling group: launched ahead and gated, drained by evictions that ask every budget, terminated through the group.',
  rollback:
    'The former launch template number, launch configuration or mixed-instances policy, and the nodes replaced again by the same rules. None for a group that follows `$Latest` or `$Default` unless `pinLaunchTemplate: true` pins it, and none where the template looks its image up at launch.',
  waysBack: [
    {
      what: 'Self-managed group, launch template by number',
      image: 'yes',
      minor: "yes: the minor is the AMI's",
      call: 'autoscaling:UpdateAutoScalingGroup to the recorded number; nodes launched, gated, drained and terminated by the same rules',
      restrictions: 'Template number and AMI must still be there. An instance refresh is never used: it asks no budget.',
      otherwise: 'WAY_BACK_OPEN holds the run before the next step.',
    },
    {
      what: 'Self-managed group, `$Latest` or `$Default`',
      image: 'only with `pinLaunchTemplate: true`, or a number in `launchTemplateVersion`',
      minor: 'the same',
      call: 'the group is pinned to the number that its nodes ran, and stays pinned',
      restrictions: 'All its nodes must come from one number.',
      otherwise: 'A point of no return that the plan accepts by name (`no-way-back/asg:NAME`).',
    },
    {
      what: 'Self-managed group, launch configuration',
      image: 'yes',
      minor: "yes: the minor is the AMI's",
      call: 'autoscaling:UpdateAutoScalingGroup to the recorded launch configuration, nodes replaced',
      restrictions: 'The former configuration must not have been deleted.',
      otherwise: 'WAY_BACK_OPEN holds the run before the next step.',
    },
    {
      what: 'Self-managed group, mixed instances',
      image: 'yes',
      minor: "yes: the minor is the AMI's",
      call: 'autoscaling:UpdateAutoScalingGroup with the whole recorded policy, nodes replaced',
      restrictions: 'One template for all types; overrides with a template of their own are refused before anything moves.',
      otherwise: 'As for the template.',
    },
  ],
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html',
  move: ({ name, pace, maxUnavailable, surge, updateStrategy, zones }) => {
    const slots = pace === undefined ? maxUnavailable : Math.max(1, pace.surge + pace.maxUnavailable)
    return { group: name, maxUnavailable: slots, surge, updateStrategy, zones }
  },
  steps: ({ group, batchId, forecast }) => {
    if (group.pace === undefined || group.autoScalingGroup === undefined)
      throw new Error(`${group.name} is not self-managed: the plan loader should have refused drain-and-replace for it`)
    return [
      {
        kind: 'replace-nodes',
        id: `${batchId}/${group.name}`,
        title: `${group.name}: ${describeSpec(group.baseline)} → ${describeSpec(group.target)}`,
        group: group.name,
        autoScalingGroup: group.autoScalingGroup,
        before: group.baseline,
        after: group.target,
        nodes: group.nodes,
        nodeClass: group.nodeClass,
        zones: group.zones,
        pace: group.pace,
        timeout: group.timeout,
        wayBack: group.wayBack,
        forecast,
      },
    ]
  },
}
