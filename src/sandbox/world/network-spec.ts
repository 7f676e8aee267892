import type { LabelSelector } from '../../model/kubernetes.ts'
import type { BucketSize } from './aws/request-buckets.ts'

/** What a world says about its network beyond subnets; all of it may be absent. Names are resolved. */
export interface NetworkSpec {
  /** Request buckets of the account that differ from EC2's default, by action. */
  readonly requestBuckets?: Readonly<Record<string, BucketSize>>
  readonly reservations?: readonly ReservationSpec[]
  /** Single addresses that others hold, one interface each: what fragments a subnet. */
  readonly strays?: readonly { readonly subnetId: string; readonly address: string }[]
  /** Interfaces in state `available` that instances of the past left behind. */
  readonly leaked?: readonly LeakedSpec[]
  /** Addresses that are left when everything of the beginning runs. */
  readonly crowded?: readonly { readonly subnetId: string; readonly free: number }[]
  /** Subnets in which others then hold one address of every block that is still whole. */
  readonly fragmented?: readonly string[]
  readonly eniConfigs?: readonly EniConfigSpec[]
  readonly securityGroupPolicies?: readonly SecurityGroupPolicySpec[]
}

/** A subnet CIDR reservation. */
export interface ReservationSpec {
  readonly subnetId: string
  readonly cidr: string
  readonly type: 'prefix' | 'explicit'
}

export interface LeakedSpec {
  readonly subnetId: string
  readonly count: number
  /** Secondary addresses of each. */
  readonly secondary: number
}

/** Where interfaces of nodes are made with custom networking. */
export interface EniConfigSpec {
  readonly name: string
  readonly subnetId: string
  readonly securityGroups: readonly string[]
}

/** Which pods get branch interfaces with which security groups. */
export interface SecurityGroupPolicySpec {
  readonly namespace: string
  readonly name: string
  readonly podSelector?: LabelSelector
  readonly serviceAccountSelector?: LabelSelector
  readonly groupIds: readonly string[]
}
