import type { Instant } from '../../../../model/instant.ts'
import type { Sizes } from '../../world-spec.ts'
import type { Instance } from '../instances.ts'
import type { LaunchSource } from './launch-source.ts'

/** LifecycleState as Auto Scaling's API names it (Auto Scaling user guide, "instance lifecycle"). */
export type Lifecycle =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Detaching'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'

/** An instance in a group. */
export interface Member {
  readonly instance: Instance
  /** Units of capacity it counts for: 1 without weights. */
  readonly weight: number
  lifecycle: Lifecycle
  health: 'Healthy' | 'Unhealthy'
  protected: boolean
  /** When it last came into service: grace periods and warm-ups count from here. */
  inServiceAt?: Instant
  /** What brings it in or takes it away. */
  activity?: Activity
}

/** A scaling activity; it moves until it has ended. */
export interface Activity {
  readonly id: string
  code: 'PreInService' | 'InProgress' | 'MidLifecycleAction' | 'Successful' | 'Failed' | 'Cancelled'
  description: string
  message?: string
  readonly cause: string
  /** Subnet and zone, as JSON in `Details`. */
  readonly details: Readonly<Record<string, string>>
  readonly start: Instant
  end?: Instant
}

/** An Auto Scaling group. Sizes, launch source, members and suspended processes move. */
export interface ScalingGroup {
  readonly name: string
  subnetIds: readonly string[]
  /** What it picks from when its launch template brings no type. */
  readonly instanceTypes: readonly string[]
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: Instant
  sizes: Sizes
  launch: LaunchSource
  readonly members: Map<string, Member>
  readonly suspended: Set<string>
  /** Newest last. */
  readonly activities: Activity[]
}

export type NewScalingGroup = Pick<ScalingGroup, 'name' | 'subnetIds' | 'instanceTypes' | 'capacityType' | 'tags' | 'sizes' | 'launch'>

const COUNTED: ReadonlySet<Lifecycle> = new Set(['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService'])

/** Members that count towards the desired capacity. */
export function activeMembers(group: ScalingGroup): readonly Member[] {
  return [...group.members.values()].filter(({ lifecycle }) => COUNTED.has(lifecycle))
}

/** Units of capacity that count towards the desired capacity. */
export function capacityOf(group: ScalingGroup): number {
  return activeMembers(group).reduce((sum, { weight }) => sum + weight, 0)
}

export function isTerminating({ lifecycle }: Member): boolean {
  return lifecycle.startsWith('Terminating')
}
