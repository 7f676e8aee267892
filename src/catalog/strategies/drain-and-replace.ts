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
