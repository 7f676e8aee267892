import type { Allocation } from './allocation.ts'
import type { EksUpdate, HealthIssue } from './aws.ts'
import type { BoundPod } from './bound-pod.ts'
import type { Instant } from './instant.ts'
import type { AddonSpec, GroupSpec } from './intent.ts'
import type { IpamdReading } from './ipamd.ts'
import type { Taint } from './kubernetes.ts'
import type { OutsideReading } from './outside.ts'
import type { ProbeFacts } from './probe.ts'
import type { ServiceFacts } from './service-facts.ts'

/**
 * One frozen picture of the cluster at one tick: what `decide` and the gates read.
 * Facts are replaced as a whole when something changed, so unchanged parts keep their identity (`===`).
 */
export interface Seen {
  readonly now: Instant
  readonly groups: Readonly<Record<string, GroupFacts>>
  /** Nodes that belong to no managed group (self-managed, Karpenter, Fargate): controls, never subjects. */
  readonly otherNodes: readonly NodeFacts[]
  readonly addons: Readonly<Record<string, AddonFacts>>
  /** The control plane, read while it moves. */
  readonly controlPlane?: ControlPlaneFacts
  /** EKS updates that were asked for by id. */
  readonly updates: Readonly<Record<string, EksUpdate>>
  readonly workloads: readonly WorkloadFacts[]
  readonly budgets: readonly BudgetFacts[]
  /** Services that have EndpointSlices; absent where nobody looked. */
  readonly services?: readonly ServiceFacts[]
  /** The aws-node DaemonSet, when it could be read. */
  readonly awsNode?: DaemonSetFacts
  /** Addresses left in the subnets of the node groups, by subnet; read together with the last plain read. */
  readonly subnets?: Readonly<Record<string, SubnetFacts>>
  /** Pods of Serin's own that look at the network from inside. */
  readonly probes?: readonly ProbeFacts[]
  /** Answers from outside that gates asked for, by question. */
  readonly outside?: Readonly<Record<string, OutsideReading>>
  /** When nodes and pods were last read plainly, past all caches; a gate's fail acts only on such a picture. */
  readonly plainReadAt: Instant
  readonly lease: 'held' | 'lost' | 'unknown'
  /** Parts that could not be read for this picture. */
  readonly unavailable: readonly { readonly source: string; readonly reason: string; readonly since: Instant }[]
  /** Throttling answers to our own calls since the last picture. */
  readonly throttled: number
  /** Throttling that was seen last, of our own calls or told by an event; `since`: without a calm of minutes. */
  readonly throttling?: { readonly since: Instant; readonly lastAt: Instant; readonly says: string }
}

export interface ControlPlaneFacts {
  /** A minor, `1.33`. */
  readonly version: string
  readonly status: string
}

export interface GroupFacts {
  readonly name: string
  readonly status: string
  readonly spec: GroupSpec
  readonly arn?: string
  /** The run that made it, by its tag. */
  readonly madeBy?: string
  readonly health: readonly HealthIssue[]
  readonly updateConfig: { readonly maxUnavailable?: number; readonly maxUnavailablePercentage?: number; readonly updateStrategy?: string }
  /** Sizes as EKS states them. */
  readonly sizes: Sizes
  /** The Auto Scaling group behind it, for groups in flight. */
  readonly autoScaling?: {
    readonly name: string
    readonly sizes: Sizes
    readonly launchFailures: readonly LaunchFailure[]
    readonly unjoined?: readonly UnjoinedInstance[]
    /** Of a self-managed group: its instances, and how it is set. */
    readonly members?: readonly MemberFacts[]
    readonly suspended?: readonly string[]
    readonly protectsNew?: boolean
    /** Lifecycle hooks by name, read while an instance waits for one. */
    readonly hooks?: readonly HookFacts[]
    /** An instance refresh in progress, by whoever began it. */
    readonly refresh?: string
    /** Cluster Autoscaler finds it by its tag. */
    readonly forAutoscaler?: boolean
  }
  readonly nodes: readonly NodeFacts[]
  readonly subnets?: readonly string[]
}

export interface SubnetFacts {
  readonly zone?: string
  readonly free: number
}

export interface Sizes {
  readonly min: number
  readonly max: number
  readonly desired: number
}

/** An instance of a self-managed group. */
export interface MemberFacts {
  readonly instanceId: string
  /** `InService`, `Terminating:Wait` */
  readonly lifecycle: string
  readonly protected: boolean
  readonly zone?: string
  /** What it was launched from: the template with a number, or the launch configuration. */
  readonly template?: { readonly id: string; readonly version: string }
  readonly configuration?: string
}

export interface HookFacts {
  readonly name: string
  readonly at: 'launch' | 'termination'
}

/** A scaling activity that failed: no capacity, quota, a full subnet. */
export interface LaunchFailure {
  readonly at: Instant
  readonly message: string
}

/** An instance that is InService in its Auto Scaling group and has no node in the cluster. */
export interface UnjoinedInstance {
  readonly instanceId: string
  readonly zone?: string
  /** When it was launched, where the scaling activities say so. */
  readonly launchedAt?: Instant
}

export interface NodeFacts {
  readonly name: string
  readonly uid: string
  readonly instanceId?: string
  readonly group?: string
  /** `karpenter:default`, of a node that no group launched. */
  readonly pool?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly zone?: string
  readonly instanceType?: string
  readonly createdAt: Instant
  readonly ready: 'True' | 'False' | 'Unknown'
  /** When the Ready condition last changed. */
  readonly readySince?: Instant
  /** What the node monitoring agent says of its network, where that runs. */
  readonly networking?: { readonly ready: boolean; readonly since?: Instant; readonly says: string }
  /** What the Ready condition says when it is not True. */
  readonly notReadyBecause?: string
  /** How often the node lost Ready, as far as its events still tell. */
  readonly readyLost?: number
  /** `1.33` */
  readonly kubeletMinor?: string
  /** Label `eks.amazonaws.com/nodegroup-image`. */
  readonly image?: string
  /** Label `eks.amazonaws.com/sourceLaunchTemplateVersion`. */
  readonly templateVersion?: string
  readonly os?: string
  readonly cordoned: boolean
  readonly excludedFromBalancers: boolean
  /** Taints that are neither Serin's nor the node's own state: what a pod for this node has to tolerate. */
  readonly taints?: readonly Taint[]
  /** Keys of taints with Serin's prefix. */
  readonly ourTaints: readonly string[]
  readonly deleting: boolean
  /** Why the aws-node DaemonSet does not run here by its own affinity, `runs Windows`; undefined where it should run. */
  readonly awsNodeExcluded?: string
  /** The aws-node pod on this node; undefined when there is none. */
  readonly awsNode?: AwsNodeFacts
  /** The kube-proxy pod on this node; undefined when there is none. */
  readonly kubeProxy?: AgentFacts
  /** Pods on the pod network (not hostNetwork) of this node that wait for an address. */
  readonly waitingPods: readonly WaitingPod[]
  /** Pods on the pod network of this node that have an address, and when the newest of them got it. */
  readonly addressedPods: number
  readonly lastAddressAt?: Instant
  /** Pods on this node that a drain would evict (no DaemonSet, no mirror pods). */
  readonly evictablePods: number
  /** Serin has taken it out of service, to drain it. */
  readonly retired?: boolean
  /** It has been drained, and is kept for the way back. */
  readonly kept?: boolean
  /** The autoscaler is told to leave it alone. */
  readonly keptFromAutoscaler?: boolean
  /** Of nodes that Serin drains itself, those of self-managed groups and retired ones: every pod bound to it, and the volumes that hang on it. */
  readonly pods?: readonly BoundPod[]
  readonly volumes?: readonly string[]
}

/** A pod of a DaemonSet without which a node is no use. */
export interface AgentFacts {
  readonly pod: string
  readonly uid: string
  /** When it was bound to its node (PodScheduled, else startTime, else creation). */
  readonly boundAt: Instant
  readonly containers: readonly ContainerFacts[]
  readonly initDone: boolean
  /** When the pod's Ready condition last changed. */
  readonly readyChangedAt?: Instant
  readonly deleting: boolean
}

export interface AwsNodeFacts extends AgentFacts {
  /** `controller-revision-hash` label: which template it was made from. */
  readonly revision?: string
  /** `v1.18.3-eksbuild.3` from the aws-node container's image. */
  readonly version?: string
  /** IAM actions that it said it may not call, and when it last did. */
  readonly missingActions?: readonly { readonly action: string; readonly at: Instant }[]
  /** End of the aws-node container's log, when it was needed and could be read. */
  readonly log?: { readonly text: string; readonly readAt: Instant } | { readonly unreadable: string }
  /** What ipamd counts, when it was wanted; `unreadable` since nobody could reach it. */
  readonly metrics?: IpamdReading | { readonly unreadable: string }
}

export interface ContainerFacts {
  readonly name: string
  readonly ready: boolean
  readonly running: boolean
  readonly startedAt?: Instant
  readonly restarts: number
  /** `CrashLoopBackOff`, or the last exit `Error (exit 2)`. */
  readonly waitingReason?: string
  readonly lastExit?: string
}

export interface WaitingPod {
  readonly namespace: string
  readonly name: string
  readonly uid?: string
  /** The name of its controller. */
  readonly owner?: string
  readonly boundAt: Instant
  /** Why, as far as the pod's events and status say. */
  readonly cause: 'cni' | 'image' | 'volume' | 'other' | 'unknown'
  readonly message?: string
  readonly allocation?: Allocation
}

export interface AddonFacts {
  readonly name: string
  readonly status: string
  readonly spec: AddonSpec
  readonly health: readonly HealthIssue[]
}

export interface DaemonSetFacts {
  readonly generation: number
  readonly observedGeneration: number
  /** Revision hash of the current template, where it could be told from the pods or ControllerRevisions. */
  readonly desired: number
  readonly updated: number
  readonly available: number
  /** `v1.18.3-eksbuild.3` from the template's aws-node image. */
  readonly version?: string
  /** Digest over images, env, resources, tolerations and update strategy of the template. */
  readonly templateDigest: string
  /** Environment of the aws-node container, variables with a plain value. */
  readonly env?: Readonly<Record<string, string>>
}

/** A Deployment, StatefulSet or ReplicaSet without an owner. */
export interface WorkloadFacts {
  /** `Deployment/shop/web` */
  readonly key: string
  readonly namespace: string
  readonly generation: number
  readonly desired: number
  readonly available: number
  /** Names of nodes that carry its pods now. */
  readonly nodes: readonly string[]
  /** Since when a pod of it that is there now is not Ready: the earliest of them. */
  readonly shortSince?: Instant
  /** Restarts of the containers of its pods, summed; absent: none. */
  readonly restarts?: number
  /** Pods of which a container has restarted three times or more. */
  readonly restarting?: readonly {
    readonly pod: string
    readonly node: string
    readonly restarts: number
    readonly lastExit?: string
    readonly startedAt?: Instant
  }[]
  /** Pods that find no node, and what the scheduler says of one of them. */
  readonly pending?: { readonly pods: number; readonly because?: string }
}

export interface BudgetFacts {
  /** `shop/db` */
  readonly key: string
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  /** AlwaysAllow: pods that are not ready may go whatever the budget says. */
  readonly sparesUnready?: boolean
  /** `namespace/name` of pods it guards, with node and owner. */
  readonly pods: readonly { readonly pod: string; readonly node?: string; readonly owner?: string }[]
}
