import type { Instant } from '../../model/instant.ts'
import type { Node, Pod } from '../../model/kubernetes.ts'
import type { KyvernoPolicy, WebhookConfiguration } from '../checks/reading/admission.ts'

/** Pods by what is wrong with them. */
export interface PodGroups {
  /** Bound pods of the pod network that wait for their sandbox because of the CNI. */
  readonly stuck: readonly PodFact[]
  /** Running pods of the pod network whose probes get no answer at all. */
  readonly unreachable: readonly PodFact[]
  /** Pods that no node has room for, with the scheduler's words. */
  readonly unscheduled: readonly PodFact[]
  /** Pods that should be gone and whose sandbox cannot be taken down. */
  readonly undying: readonly PodFact[]
  /** Pods that ended soon after their start without being killed, and those of the same kind that did well. */
  readonly failedSoon: readonly PodFact[]
  readonly ranWell: readonly PodFact[]
  readonly guarded: readonly PodFact[]
  /** Running pods of the pod network whose readiness probe is answered. */
  readonly reached: readonly PodFact[]
}

/** What signatures read: a snapshot, indexed once by node, pod and subnet, so that each looks at what concerns it only. */
export interface ClusterFacts extends PodGroups {
  readonly now: Instant
  readonly cluster: string
  readonly region: string
  readonly cni: CniFacts
  readonly nodes: readonly NodeFact[]
  /** Nodes whose aws-node is there, had its time, and does not serve. */
  readonly hung: readonly NodeFact[]
  /** Nodes whose aws-node serves. */
  readonly serving: readonly NodeFact[]
  /** The network interface that an address belongs to. */
  readonly interfaceOf: (address: string | undefined) => string | undefined
  readonly subnets: readonly SubnetFact[]
  /** Auto Scaling groups that have fewer instances than they want. */
  readonly shortGroups: readonly {
    readonly name: string
    readonly wanted: number
    readonly has: number
    readonly subnets: readonly SubnetFact[]
  }[]
  readonly branches: readonly { readonly id: string; readonly subnet: string }[]
  readonly addonIssues: readonly AddonIssue[]
  readonly webhooks: readonly WebhookConfiguration[]
  readonly policies: readonly KyvernoPolicy[]
  readonly services: number
  /** When the oldest event that is left was seen last. */
  readonly oldestEvent: Instant
  /** Names of ENIConfigs; undefined where they could not be read. */
  readonly eniConfigs?: readonly string[]
  /** Seconds that the address of a branch interface cools, where somebody set them. */
  readonly branchCooldown?: number
  /** Whether a part of the cluster could be read: `ec2:DescribeSubnets`, `kubernetes:events`. */
  readonly readable: (source: string) => boolean
}

export interface CniFacts {
  /** Of the DaemonSet's template: `v1.18.3-eksbuild.3`. */
  readonly version?: string
  readonly agentVersion?: string
  readonly hasAgent: boolean
  /** Environment of the aws-node container by the DaemonSet. */
  readonly env: Readonly<Record<string, string>>
  readonly ipFamily: 'ipv4' | 'ipv6'
  readonly podIdentity: boolean
  readonly networkPolicy: boolean
  readonly kubeProxyMode: string
  /** The DaemonSet's affinity, as far as it demands labels beyond those that every EKS node has. */
  readonly demands: readonly string[]
  readonly addonStatus?: string
}

export interface NodeFact {
  readonly node: Node
  readonly name: string
  readonly group?: string
  readonly zone?: string
  readonly instanceType?: string
  readonly instanceId?: string
  readonly createdAt: Instant
  readonly ready: 'True' | 'False' | 'Unknown'
  readonly notReadySince?: Instant
  readonly notReadyBecause: string
  readonly cordoned: boolean
  /** Reason of the condition NetworkingReady of the node monitoring agent when it is not True. */
  readonly monitored?: string
  /** Features of its CNINode, `none` where other nodes have one; absent where nobody knows. */
  readonly cniNode?: readonly string[] | 'none'
  /** Branch interfaces that the node advertises. */
  readonly branches?: number
  readonly awsNode?: AgentFact
  readonly kubeProxy?: AgentFact
  readonly identityAgent?: AgentFact
  readonly events: readonly EventFact[]
  readonly subnet?: SubnetFact
  /** The ENIConfig that the node goes by; undefined without custom networking. */
  readonly eniConfig?: string
}

/** A pod of kube-system on a node: aws-node, kube-proxy, the pod identity agent. */
export interface AgentFact {
  readonly pod: Pod
  readonly name: string
  readonly createdAt: Instant
  readonly version?: string
  readonly state: AgentState
  readonly containers: readonly ContainerFact[]
  readonly events: readonly EventFact[]
  /** The end of a container's log, the run before it first; empty when it was not read. */
  readonly log: (container: string) => string
}

/**
 * `starting`: not ready, and not yet to be judged. `hung`: runs, is not ready, is killed and starts again. `crashing`: ends by
 * itself. `init-failing`: an init container fails. `recovered`: serves after a restart or two at its start.
 */
export type AgentState = 'serving' | 'starting' | 'hung' | 'crashing' | 'init-failing' | 'recovered'

export interface ContainerFact {
  readonly name: string
  readonly init: boolean
  readonly ready: boolean
  readonly restarts: number
  readonly startedAt?: Instant
  readonly lastExit?: { readonly code: number; readonly reason: string; readonly at?: Instant }
}

export interface EventFact {
  readonly type: string
  readonly reason: string
  readonly text: string
  readonly reporter: string
  readonly count: number
  readonly lastSeen: Instant
}

export interface PodFact {
  readonly pod: Pod
  /** `namespace/name`. */
  readonly key: string
  readonly node?: NodeFact
  readonly createdAt: Instant
  readonly events: readonly EventFact[]
  /** What the kubelet or the scheduler says about why it does not run. */
  readonly says: string
  readonly asksForBranch: boolean
  readonly annotated: boolean
  /** How long it was ready before it ceased to be, in milliseconds; 0 when it never was. */
  readonly wasReadyFor?: number
  readonly owner?: string
}

export interface SubnetFact {
  readonly id: string
  readonly zone?: string
  readonly free?: number
  /** Aligned blocks of sixteen addresses that nobody holds an address of; undefined where interfaces were not read. */
  readonly wholeBlocks?: number
  /** Interfaces that instances left behind which are gone. */
  readonly leaked: readonly { readonly id: string; readonly addresses: number; readonly instance: string }[]
}

export interface AddonIssue {
  readonly code: string
  readonly message: string
  readonly from: 'update' | 'health'
}
