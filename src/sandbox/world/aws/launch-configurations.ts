import type { Instant } from '../../../model/instant.ts'

/** A launch configuration: never changed once it is there. New accounts cannot make any (Auto Scaling user guide, "launch configurations"). */
export interface LaunchConfiguration {
  readonly name: string
  readonly imageId: string
  readonly instanceType: string
  readonly createdAt: Instant
}
