/** Settings of a group that UpdateAutoScalingGroup changes besides sizes, subnets and what it launches from. */
export interface GroupSettings {
  readonly healthCheckType: string
  /** Seconds. */
  readonly healthCheckGracePeriod: number
  /** Seconds. */
  readonly defaultCooldown: number
  /** Seconds; absent: the grace period counts. */
  readonly defaultInstanceWarmup?: number
  readonly newInstancesProtected: boolean
  readonly capacityRebalance: boolean
  readonly terminationPolicies: readonly string[]
  /** Percent of the desired capacity that must stay healthy, and that may exist, while instances are replaced. */
  readonly maintenance?: { readonly min: number; readonly max: number }
  /** `prevent-force-deletion` and `prevent-all-deletion` hold DeleteAutoScalingGroup back. */
  readonly deletionProtection: string
  /** Members of the request that are shown as they were given; nothing acts on them. */
  readonly kept: Readonly<Record<string, unknown>>
}

/** What a group has when nobody said otherwise; the grace period is our assumption of what EKS sets. */
export const DEFAULT_SETTINGS: GroupSettings = {
  healthCheckType: 'EC2',
  healthCheckGracePeriod: 15,
  defaultCooldown: 300,
  newInstancesProtected: false,
  capacityRebalance: false,
  terminationPolicies: ['Default'],
  deletionProtection: 'none',
  kept: {},
}
