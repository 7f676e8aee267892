import { keyedUuid } from '../../../../model/keyed.ts'
import type { Activity, ScalingGroup } from './group.ts'
import type { Scaling } from './scaling.ts'

export type NewActivity = Pick<Activity, 'code' | 'description' | 'message' | 'cause' | 'details'>

/** Enters an activity into the group's history; one whose code is final has ended at once. */
export function record(scaling: Scaling, group: ScalingGroup, activity: NewActivity): Activity {
  const now = scaling.timeline.now()
  const id = keyedUuid(scaling.seed, 'activity', group.name, group.createdAt, group.activities.length)
  const made: Activity = { ...activity, id, start: now, ...(isFinal(activity.code) ? { end: now } : {}) }
  group.activities.push(made)
  return made
}

/** Ends an activity, once. */
export function conclude(
  scaling: Scaling,
  activity: Activity | undefined,
  code: 'Successful' | 'Failed' | 'Cancelled',
  reason?: string,
): void {
  if (activity === undefined || isFinal(activity.code)) return
  activity.code = code
  activity.end = scaling.timeline.now()
  if (reason === undefined) return
  activity.message = reason
  activity.description = `${activity.description}.  Status Reason: ${reason}`
}

function isFinal(code: Activity['code']): boolean {
  return code === 'Successful' || code === 'Failed' || code === 'Cancelled'
}

const PROGRESS: Readonly<Record<Activity['code'], number>> = {
  PreInService: 30,
  InProgress: 50,
  MidLifecycleAction: 60,
  Successful: 100,
  Failed: 100,
  Cancelled: 100,
}

/** Percent, as users see it reported; the steps in between are our assumption. */
export function progressOf({ code }: Activity): number {
  return PROGRESS[code]
}
