import type { BucketSize } from './aws/request-buckets.ts'

/** What a world says about its network beyond subnets; all of it may be absent. Names are resolved. */
export interface NetworkSpec {
  /** Request buckets of the account that differ from EC2's default, by action. */
  readonly requestBuckets?: Readonly<Record<string, BucketSize>>
}
