import type { Millis } from './instant.ts'

/** A node group that is made beside an old one and takes over from it. */
export interface Replacement {
  /** As plans name groups: a managed one by name, a self-managed one as `asg:NAME`. */
  readonly group: string
  readonly made: NewGroup
  /** So many nodes of the old group move first. */
  readonly share: number
  /** Time that must be seen passing after those. */
  readonly soak: Millis
  /** The old group stays so long, empty and out of service, before a person is asked for its deletion. */
  readonly keep: Millis
  /** Who may say yes to the deletion; somebody always has to. */
  readonly consent: { readonly role?: string }
}

/** What is sent to make the group, in SDK shape, without its name, its sizes and Serin's own tags. */
export type NewGroup =
  | { readonly kind: 'managed'; readonly settings: NodegroupSettings }
  | { readonly kind: 'self-managed'; readonly settings: ScalingGroupSettings; readonly hooksOf: string }

/** Members of CreateNodegroup: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
export interface NodegroupSettings {
  readonly nodeRole: string
  readonly subnets: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

/** Members of CreateAutoScalingGroup: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
export interface ScalingGroupSettings {
  readonly Tags: readonly { readonly Key?: string; readonly Value?: string; readonly PropagateAtLaunch?: boolean }[]
  readonly [member: string]: unknown
}

/** The run that made a group: one of the same name without it is somebody else's, and is never touched. */
export const MADE_BY_TAG = 'serin.dev/run'
/** The group that it takes over from. */
export const REPLACES_TAG = 'serin.dev/replaces'

/** With this tag Cluster Autoscaler finds a group: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md */
export const AUTOSCALER_TAG = 'k8s.io/cluster-autoscaler/enabled'
