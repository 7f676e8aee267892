import type { Millis } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, scalingGroup } from './world-driver.ts'

/** What the tests read of a member. */
interface MemberSeen {
  readonly InstanceId: string
  readonly LifecycleState: string
  readonly HealthStatus: string
  readonly AvailabilityZone: string
  readonly InstanceType: string
  readonly ImageId: string
  readonly ProtectedFromScaleIn: boolean
  readonly WeightedCapacity?: string
  readonly LaunchTemplate?: { readonly Version: string }
}

export interface GroupSeen {
  readonly AutoScalingGroupName: string
  readonly MinSize: number
  readonly MaxSize: number
  readonly DesiredCapacity: number
  readonly Instances: readonly MemberSeen[]
  readonly LaunchTemplate?: { readonly LaunchTemplateId: string; readonly Version: string }
  readonly [member: string]: unknown
}

export interface ActivitySeen {
  readonly StatusCode: string
  readonly Description: string
  readonly Cause: string
  readonly StatusMessage?: string
  readonly Progress: number
}

/** One Auto Scaling group of a world, as its operations show it. */
export interface Driven {
  readonly name: string
  ask<T = Record<string, unknown>>(operation: string, input?: Record<string, unknown>): T
  seen(): GroupSeen
  states(): readonly string[]
  ids(): readonly string[]
  /** Oldest first. */
  activities(): readonly ActivitySeen[]
  wait(span: Millis): void
}

/** @param name the managed node group, or the Auto Scaling group itself when it is self-managed. */
export function drive(world: OpenedWorld, name: string, form: 'managed' | 'self-managed' = 'managed'): Driven {
  const group = form === 'managed' ? (scalingGroup(world, name).AutoScalingGroupName ?? '') : name
  const ask: Driven['ask'] = (operation, input = {}) => call(world.autoScaling, operation, { AutoScalingGroupName: group, ...input })
  const seen = (): GroupSeen => {
    const { AutoScalingGroups } = call<{ AutoScalingGroups: GroupSeen[] }>(world.autoScaling, 'DescribeAutoScalingGroups', {
      AutoScalingGroupNames: [group],
    })
    const [found] = AutoScalingGroups
    if (found === undefined) throw new Error(`There is no group ${group}.`)
    return found
  }
  return {
    name: group,
    ask,
    seen,
    states: () => seen().Instances.map(({ LifecycleState }) => LifecycleState),
    ids: () => seen().Instances.map(({ InstanceId }) => InstanceId),
    activities: () => ask<{ Activities: ActivitySeen[] }>('DescribeScalingActivities').Activities.toReversed(),
    wait: (span) => world.timeline.advanceTo(world.timeline.now() + span),
  }
}

/** How many of each, by value. */
export function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
