import type { AutoScalingGroup, InstanceRefresh, ScalingActivity } from '../model/aws.ts'

/** EC2 Auto Scaling. Names are always given: an empty list means all groups to the API and is refused here. */
export interface AutoScaling {
  describeGroups(names: readonly string[]): Promise<readonly AutoScalingGroup[]>
  /** Groups by tag, paged. */
  describeGroupsByTag(key: string, value: string): Promise<readonly AutoScalingGroup[]>
  /** Newest first, at most the last hundred. */
  describeScalingActivities(group: string): Promise<readonly ScalingActivity[]>
  /** Newest first, at most the last ten. */
  describeInstanceRefreshes(group: string): Promise<readonly InstanceRefresh[]>
  /** Restores a maximum. Never lowers the desired capacity: that terminates nodes without budgets. */
  setMaxSize(group: string, maxSize: number): Promise<void>
}
