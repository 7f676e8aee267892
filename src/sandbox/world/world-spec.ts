import type { Instant, Millis } from '../../model/instant.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { WorkloadSpec } from '../contract.ts'
import type { Unwell } from '../levers.ts'
import type { InstanceTypeFacts } from './aws/instance-types.ts'
import type { ControlPlaneSpec } from './control-plane-spec.ts'
import type { NetworkSpec } from './network-spec.ts'
import type { NodeRepairSpec } from './node-group-spec.ts'
import type { OtherNodesSpec } from './other-nodes-spec.ts'
import type { SelfManagedSpec } from './self-managed-spec.ts'

/** What a world is made of before it lives: the same whether it came from a world file or from a snapshot. Names are resolved. */
export interface WorldSpec {
  readonly name: string
  readonly seed: number
  /** Where the clock stands when the world is handed over. */
  readonly start: Instant
  readonly cluster: ClusterSpec
  readonly subnets: readonly SubnetSpec[]
  readonly launchTemplates: readonly LaunchTemplateSpec[]
  readonly nodeGroups: readonly NodeGroupSpec[]
  /** Nodes of the beginning that belong to no group: Karpenter's, Auto Mode's, hybrid ones. */
  readonly otherNodes?: readonly OtherNodesSpec[]
  readonly addons: readonly WorldAddonSpec[]
  readonly workloads: readonly WorkloadSpec[]
  /** Other Kubernetes objects of the beginning. */
  readonly objects: readonly KubernetesObject[]
  readonly unwell?: Unwell
  /** Nodes that are cordoned at the beginning. */
  readonly cordoned?: readonly CordonedSpec[]
  /** Environment of aws-node that was set past the add-on's configuration. */
  readonly awsNodeEnvironment?: Readonly<Record<string, string>>
  /** AMI releases that the built-in list does not have. */
  readonly extraReleases: readonly ReleaseSpec[]
  /** Instance types that the built-in table does not have. */
  readonly extraTypes: Readonly<Record<string, InstanceTypeFacts>>
  readonly options: WorldOptions
  readonly network?: NetworkSpec
  readonly controlPlane?: ControlPlaneSpec
  /** CloudWatch alarms of the account; absent where nobody knows which there are. */
  readonly alarms?: readonly AlarmSpec[]
  /** Add-on listing to answer with instead of one of the built-in ones. */
  readonly listing?: readonly ListedAddon[]
}

export interface AlarmSpec {
  readonly name: string
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
}

export interface CordonedSpec {
  readonly group: string
  readonly zone: string
  readonly count: number
}

export interface WorldOptions {
  /** Whether UpdateNodegroupVersion refuses a lower minor: the API reference says so, the 2026 rollback guide the contrary. */
  readonly minorDowngrade: 'lenient' | 'strict'
  /** Whether UpdateAddon refuses to move vpc-cni by more than one minor, as the API once did. */
  readonly cniOneMinor: 'lenient' | 'strict'
  readonly addonListing: AddonListingName
  readonly readLag: ReadLag
}

/** How long after a change readers of a service hear of it at most. */
export interface ReadLag {
  readonly ec2: Millis
  readonly autoScaling: Millis
  readonly eks: Millis
}

export type AddonListingName = 'autumn-2026' | 'november-2024'

export interface ClusterSpec {
  readonly name: string
  readonly region: string
  readonly accountId: string
  /** Minor of the control plane, `1.33`. */
  readonly kubernetesVersion: string
  readonly platformVersion: string
  /** `ipv4` unless said. */
  readonly ipFamily?: 'ipv4' | 'ipv6'
}

export interface SubnetSpec {
  readonly id: string
  /** As the world file calls it. */
  readonly name?: string
  readonly zone: string
  readonly cidr: string
  /** A /64 such as `2a05:d014:abc:1200::/64`. */
  readonly ipv6Cidr?: string
  /** Addresses that others in the VPC hold. */
  readonly used: number
  /** Free addresses when everything of the world's beginning runs, as a snapshot saw them; others then hold the rest. */
  readonly free?: number
}

export interface LaunchTemplateSpec {
  readonly id: string
  readonly name: string
  readonly defaultVersion: number
  /** In order of their numbers, from 1. */
  readonly versions: readonly LaunchTemplateVersionSpec[]
}

export interface LaunchTemplateVersionSpec {
  readonly instanceType?: string
  /** A custom AMI; absent: the template brings none. */
  readonly image?: CustomImageSpec
  /** An AMI that the world has anyway, or `resolve:ssm:` and the name of a parameter. */
  readonly imageId?: string
}

export interface CustomImageSpec {
  readonly imageId: string
  /** The minor its kubelet is of. */
  readonly kubernetesVersion: string
  readonly architecture: 'amd64' | 'arm64'
}

export type GroupForm = 'optimised' | 'template' | 'custom-ami' | 'self-managed'

export interface NodeGroupSpec {
  readonly name: string
  readonly form: GroupForm
  /** `AL2023_x86_64_STANDARD`; `CUSTOM` for a template with its own AMI. */
  readonly amiType: string
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  readonly instanceTypes: readonly string[]
  readonly size: Sizes
  /** Absent for a custom AMI. */
  readonly kubernetesVersion?: string
  /** The AMI release; absent: the latest of the minor one release before the world's start. */
  readonly releaseVersion?: string
  readonly launchTemplate?: { readonly id: string; readonly version: number }
  readonly subnetIds: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly TaintSpec[]
  readonly updateConfig: UpdateConfig
  readonly repair?: NodeRepairSpec | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly selfManaged?: SelfManagedSpec | undefined
  readonly diskSize?: number | undefined
  readonly remoteAccess?:
    | { readonly ec2SshKey?: string | undefined; readonly sourceSecurityGroups?: readonly string[] | undefined }
    | undefined
}

export interface UpdateConfig {
  readonly maxUnavailable?: number
  readonly maxUnavailablePercentage?: number
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL'
}

export interface Sizes {
  readonly min: number
  readonly max: number
  readonly desired: number
}

export interface TaintSpec {
  readonly key: string
  readonly value?: string
  readonly effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule'
}

export interface WorldAddonSpec {
  readonly name: string
  readonly version: string
  readonly configurationValues?: string
  readonly serviceAccountRoleArn?: string
  readonly podIdentityAssociations?: readonly string[]
}

export interface ReleaseSpec {
  readonly amiType: string
  readonly kubernetesVersion: string
  readonly release: string
  readonly imageId?: string
}

/** Versions of one add-on, newest first. */
export interface ListedAddon {
  readonly name: string
  readonly versions: readonly ListedVersion[]
}

export interface ListedVersion {
  readonly version: string
  /** Cluster minors it is listed for, oldest first. */
  readonly minors: readonly string[]
  /** Platform versions it is listed for, by minor; absent: all. */
  readonly platforms?: Readonly<Record<string, readonly string[]>>
  /** Cluster minors it is the default of. */
  readonly defaultFor: readonly string[]
}
