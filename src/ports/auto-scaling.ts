import type { AutoScalingGroup, InstanceRefresh, ScalingActivity } from '../model/aws.ts'
import type { ScalingGroupChange } from '../model/command.ts'
import type { GroupSizes } from '../model/itinerary.ts'
import type { LaunchConfiguration, LifecycleHook } from '../model/launch-source.ts'
import type { ScalingGroupSettings } from '../model/replacement.ts'

/**
 * EC2 Auto Scaling. Names are always given: an empty list means all groups, instances or processes to the API and is refused
 * here. None of its mutations knows a client token, so after an unclear answer the world is looked at before a repeat.
 */
export interface AutoScaling {
  describeGroups(names: readonly string[]): Promise<readonly AutoScalingGroup[]>
  /** Groups by tag, paged. */
  describeGroupsByTag(key: string, value: string): Promise<readonly AutoScalingGroup[]>
  /** Newest first, at most the last hundred. */
  describeScalingActivities(group: string): Promise<readonly ScalingActivity[]>
  describeLifecycleHooks(group: string): Promise<readonly LifecycleHook[]>
  /** Newest first, at most the last ten. */
  describeInstanceRefreshes(group: string): Promise<readonly InstanceRefresh[]>
  describeLaunchConfigurations(names: readonly string[]): Promise<readonly LaunchConfiguration[]>
  /** Restores a maximum. Never lowers the desired capacity: that terminates nodes without budgets. */
  setMaxSize(group: string, maxSize: number): Promise<void>
  updateGroup(group: string, change: ScalingGroupChange): Promise<void>
  /** `decrement` lowers the desired size with it, so that the group launches nothing in its place. */
  terminateInstance(instanceId: string, decrement: boolean): Promise<void>
  protectInstances(group: string, instanceIds: readonly string[], protect: boolean): Promise<void>
  suspendProcesses(group: string, processes: readonly string[]): Promise<void>
  resumeProcesses(group: string, processes: readonly string[]): Promise<void>
  completeLifecycleAction(group: string, hook: string, instanceId: string, result: 'CONTINUE' | 'ABANDON'): Promise<void>
  createGroup(group: string, settings: ScalingGroupSettings, sizes: GroupSizes, hooks: readonly LifecycleHook[]): Promise<void>
  /** Ends what is left of its instances, without asking any budget. */
  deleteGroup(group: string): Promise<void>
  /** Without a value it is removed. */
  tagGroup(group: string, key: string, tag: { readonly value: string; readonly propagate: boolean } | undefined): Promise<void>
}
