import type { OpenedWorld } from '../../../../../src/sandbox/world/open.ts'
import { scalingGroup } from '../../../aws/world-driver.ts'
import type { Cases } from './case.ts'

const group = (world: OpenedWorld) => ({ AutoScalingGroupName: scalingGroup(world, 'app-a').AutoScalingGroupName })
const member = (world: OpenedWorld) => scalingGroup(world, 'app-a').Instances?.[0]?.InstanceId

export const AUTO_SCALING_CASES: Cases = {
  DescribeAutoScalingGroups: () => ({}),
  DescribeScalingActivities: () => ({}),
  UpdateAutoScalingGroup: (world) => ({ ...group(world), MaxSize: 10 }),
  SetDesiredCapacity: (world) => ({ ...group(world), DesiredCapacity: 7 }),
  SuspendProcesses: (world) => ({ ...group(world), ScalingProcesses: ['Launch'] }),
  ResumeProcesses: group,
  TerminateInstanceInAutoScalingGroup: (world) => ({ InstanceId: member(world), ShouldDecrementDesiredCapacity: true }),
}
