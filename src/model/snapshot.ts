import type { Alarm } from './alarm.ts'
import type {
  AddonConfiguration,
  AddonListing,
  AutoScalingGroup,
  CallerIdentity,
  Credentials,
  EksAddon,
  EksCluster,
  EksNodegroup,
  EksUpdate,
  Image,
  Insight,
  InstanceCount,
  InstanceRefresh,
  InstanceTypeInfo,
  LaunchTemplateVersion,
  NetworkInterface,
  Quota,
  SecurityGroup,
  SsmParameter,
  Subnet,
  SubnetCidrReservation,
} from './aws.ts'
import type { IamPrincipal } from './iam.ts'
import type { KubernetesObject } from './kubernetes.ts'
import type { LaunchConfiguration } from './launch-source.ts'
import type { Answer } from './outside.ts'

export const API_VERSION = 'serin.dev/v1alpha1'

/** One consistent observation of a cluster. Any list may be absent; what could not be read stands in `unavailable`. */
export interface ClusterSnapshot {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'ClusterSnapshot'
  /** ISO time at which the pass began. */
  readonly capturedAt: string
  /** Which simulated world this is, if it is one: world, seed and scenarios, and what was assumed to make it. */
  readonly sandbox?: {
    readonly world: string
    readonly seed: number
    readonly scenarios: readonly string[]
    readonly assumptions?: readonly string[]
  }
  readonly aws: {
    readonly callerIdentity?: CallerIdentity
    readonly credentials?: Credentials
    /** Milliseconds by which AWS's clock was ahead of the one here. */
    readonly clockOffset?: number
    readonly cluster?: EksCluster
    readonly addons?: readonly EksAddon[]
    readonly addonVersions?: readonly AddonListing[]
    readonly addonConfigurations?: readonly AddonConfiguration[]
    readonly nodegroups?: readonly EksNodegroup[]
    readonly autoScalingGroups?: readonly AutoScalingGroup[]
    readonly launchTemplateVersions?: readonly LaunchTemplateVersion[]
    readonly launchConfigurations?: readonly LaunchConfiguration[]
    readonly subnets?: readonly Subnet[]
    readonly networkInterfaces?: readonly NetworkInterface[]
    readonly instanceTypes?: readonly InstanceTypeInfo[]
    readonly insights?: readonly Insight[]
    readonly updates?: readonly EksUpdate[]
    readonly quotas?: readonly Quota[]
    readonly ssmParameters?: readonly SsmParameter[]
    readonly images?: readonly Image[]
    readonly instanceCounts?: readonly InstanceCount[]
    readonly instanceRefreshes?: readonly InstanceRefresh[]
    readonly subnetCidrReservations?: readonly SubnetCidrReservation[]
    readonly securityGroups?: readonly SecurityGroup[]
    /** Those that gates of the plan name, as far as they exist; absent where none is named. */
    readonly alarms?: readonly Alarm[]
    /** The caller, and the roles of cluster and vpc-cni. */
    readonly principals?: readonly IamPrincipal[]
  }
  readonly kubernetes: {
    readonly items?: readonly KubernetesObject[]
    /** What the caller may do, and what aws-node may, as the API server answered. */
    readonly accessReviews?: readonly AccessReview[]
    /** Updates of pods with branch interfaces that were tried, without being made. */
    readonly updateProbes?: readonly UpdateProbe[]
    readonly awsNodeReviews?: readonly AccessReview[]
    /** Names of the CustomResourceDefinitions that aws-node works with, as far as they exist. */
    readonly definitions?: readonly string[]
    /** `mode` of kube-proxy's configuration, empty where it leaves that to kube-proxy; null where there is no such ConfigMap. */
    readonly kubeProxyMode?: string | null
    /** The IAM role that the service account of aws-node is annotated with; null where it has none. */
    readonly awsNodeRole?: string | null
    /** What the API server took in a dry run: `kubernetes:probe/serin-probes`. What it refused stands in `unavailable`. */
    readonly dryRuns?: readonly { readonly subject: string }[]
    /** The API server that answered: its address and the SHA-256 of the CA that was trusted. */
    readonly server?: { readonly endpoint: string; readonly certificateAuthorityData?: string; readonly version?: string }
  }
  readonly logs?: readonly ContainerLog[]
  /** Files on nodes, where a plan allows to read them. */
  readonly nodeLogs?: readonly NodeLog[]
  /** What those answered whom gates of the plan ask, as `outside:URL QUERY`; without an answer where they want a token first. None in a rehearsal. */
  readonly outside?: readonly { readonly subject: string; readonly answer?: Answer }[]
  readonly unavailable?: readonly Unavailable[]
  /** The run that was open on the cluster, null when none was; absent when nobody looked. */
  readonly openRun?: { readonly run: string; readonly openedBy: string; readonly openedAt: string } | null
  /** Who held Serin's Lease, null when nobody did; absent when nobody looked. */
  readonly lease?: HeldLease | null
  /** Where the snapshot was taken: the pod that Serin itself runs in, when it runs in one. */
  readonly takenFrom?: { readonly namespace?: string; readonly pod?: string; readonly node?: string }
}

export interface HeldLease {
  readonly holder: string
  readonly renewedAt?: string
  readonly durationSeconds?: number
  readonly run?: string
}

export interface AccessReview {
  readonly verb: string
  /** The API group, empty for the core one. */
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly allowed: boolean
  readonly reason?: string
}

/** What the API server answered to a dry run of an update such as the VPC resource controller makes. */
export interface UpdateProbe {
  readonly namespace: string
  readonly pod: string
  /** The user it was tried as; absent: the caller himself. */
  readonly as?: string
  readonly accepted: boolean
  /** Why it was refused. */
  readonly message?: string
}

export interface ContainerLog {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly previous?: boolean
  readonly text: string
}

/** The end of a file on a node. */
export interface NodeLog {
  readonly node: string
  /** Its path on the node. */
  readonly file: string
  readonly text: string
}

export interface Unavailable {
  /** `ec2:DescribeSubnets`, `kubernetes:pods`, `logs:kube-system/aws-node-x`. */
  readonly source: string
  /** The error code or reason, for example `UnauthorizedOperation`. */
  readonly reason: string
  readonly message?: string
  /** Asking again later may help: throttling, an API that did not answer. */
  readonly mayPass?: boolean
}

/** Objects by kind: dozens of checks ask for the pods among all objects of a cluster. */
const byKind = new WeakMap<readonly KubernetesObject[], ReadonlyMap<string, readonly KubernetesObject[]>>()

/** The objects of one kind, typed by the caller who knows the kind. */
export function objectsOf<T extends KubernetesObject>(snapshot: ClusterSnapshot, kind: T['kind']): readonly T[] {
  const { items } = snapshot.kubernetes
  if (items === undefined) return []
  const kinds = byKind.get(items) ?? Map.groupBy(items, (item) => item.kind)
  byKind.set(items, kinds)
  return (kinds.get(kind) ?? []) as readonly T[]
}

/** Why a part of the snapshot is missing, or undefined when nothing is known to be missing. `*` at the end matches any rest. */
export function whyUnavailable(snapshot: ClusterSnapshot, source: string): Unavailable | undefined {
  const prefix = source.endsWith('*') ? source.slice(0, -1) : undefined
  return snapshot.unavailable?.find((gap) => (prefix === undefined ? gap.source === source : gap.source.startsWith(prefix)))
}
