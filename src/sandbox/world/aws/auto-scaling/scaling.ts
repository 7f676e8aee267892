import { type Instant, iso, type Millis, SECOND } from '../../../../model/instant.ts'
import type { Timeline } from '../../../contract.ts'
import type { Subnets } from '../addresses.ts'
import type { InstanceTypes } from '../instance-types.ts'
import type { Instance, Instances } from '../instances.ts'
import type { LaunchConfiguration } from '../launch-configurations.ts'
import type { LaunchTemplates } from '../launch-templates.ts'
import type { ScalingGroup } from './group.ts'

export interface AutoScalingDeps {
  readonly timeline: Timeline
  readonly seed: number
  readonly subnets: Subnets
  readonly instances: Instances
  readonly templates: LaunchTemplates
  readonly configurations: ReadonlyMap<string, LaunchConfiguration>
  readonly types: InstanceTypes
  /** Whether a CloudWatch alarm is in the ALARM state. */
  readonly inAlarm: (name: string) => boolean
  /** The AMI that an image id of a launch template means now, `resolve:ssm:…` resolved; undefined when its parameter does not exist. */
  readonly imageOf: (imageId: string) => string | undefined
  /** The instance has booted far enough for its kubelet to start. */
  readonly booted: (group: ScalingGroup, instance: Instance) => void
  /** The instance is gone; its node and pods go with it. */
  readonly gone: (instance: Instance) => void
}

/** What every part of Auto Scaling works on. */
export interface Scaling extends AutoScalingDeps {
  readonly groups: Map<string, ScalingGroup>
  /** Looks, a little later, whether the zones of a group are balanced. */
  readonly balanceLater: (group: ScalingGroup) => void
  /** Looks again, soon, whether a group has what it should have. */
  readonly reconcileSoon: (group: ScalingGroup, cause: string, delay?: Millis) => void
}

/** Our assumptions about EC2 Auto Scaling's pace. */
export const REACTION: Millis = 5 * SECOND
export const RETRY_LAUNCH: Millis = 60 * SECOND
export const BALANCE_AFTER: Millis = 60 * SECOND

/** `At 2026-09-28T20:30:00Z`, as causes of activities begin. */
export function atTime(instant: Instant): string {
  return `At ${iso(instant).replace(/\.\d+Z$/, 'Z')}`
}
