import type { Millis } from '../model/instant.ts'

/**
 * The levers by which faults reach into the world. Whoever simulates a thing asks `faults.effects(lever, subject)` at the moment
 * when the real thing would meet the trouble; the answer lists the effects of all faults in force that hold for the subject, in the
 * order of the scenarios and of the faults in their files. Each lever below says how several compose.
 * A new lever is one member here and the place that asks it.
 */
export interface Levers {
  /** The instance runs, its kubelet never registers. One is enough. */
  readonly 'node/join': 'never'
  /** The kubelet of a node says nothing any more, and does nothing that anybody could see. One is enough. */
  readonly 'node/kubelet': 'silent'
  /** The kubelet of a node says that pods are Ready which it has not begun, asked before it starts a pod's containers. One is enough. */
  readonly 'node/reports': 'ready-unbegun'
  /** What the host of a node lacks, asked whenever something on the node needs it. All hold together. */
  readonly 'node/host': HostTrouble
  /** When the rules of kube-proxy lead from a node to the API server, counted from the start of kube-proxy there. The latest counts. */
  readonly 'node/services': { readonly programmedAfter: Millis }
  /** The start of aws-node meets trouble. Waits add up in the order of the steps; the first that hangs or exits ends the start. */
  readonly 'aws-node/start': StartTrouble
  /** How a container of a pod runs, asked at each of its starts and again when a fault with this lever begins or ends. The first per container. */
  readonly 'pod/run': ContainerTrouble
  /** Packets of a pod that runs do not arrive. All hold together. */
  readonly 'pod/traffic': TrafficTrouble
  /** The metadata service of an instance does not name an interface that is attached, asked once a minute. One is enough. */
  readonly 'instance/metadata': 'lacks-interface'
  /** An IAM role lacks the action. One is enough. */
  readonly 'iam/denied': true
  /** The VPC resource controller does nothing. One is enough. */
  readonly 'resource-controller/away': true
  /** RBAC does not allow a user the verb on a resource. One is enough. */
  readonly 'rbac/denied': true
  /** The subnet has no address to give. One is enough. */
  readonly 'subnet/exhausted': true
  /** EC2 has no capacity of an instance type in a zone. One is enough. */
  readonly 'ec2/capacity': true
  /** vCPUs that the account may run in the bucket of an instance type. The least counts. */
  readonly 'ec2/vcpu-quota': number
  /** An AMI does not exist any more. One is enough. */
  readonly 'image/gone': true
  /** How many times longer than usual a boot takes. They multiply. */
  readonly 'instance/boot': number
  /** EC2 wants a Spot Instance back, asked when a fault with this lever begins. One is enough. */
  readonly 'instance/interrupted': true
  /** An instance fails its status checks, asked at each look and when a fault with this lever begins or ends. One is enough. */
  readonly 'instance/impaired': true
  /** The state that a CloudWatch alarm is in, whatever it was. The first. */
  readonly 'cloudwatch/alarm': 'ALARM' | 'INSUFFICIENT_DATA'
  /** Trouble of the control plane, asked when it would meet it: at the moment of its replacement, at an update's end, at each request. All hold together. */
  readonly 'control-plane': ControlPlaneTrouble
  /** What the code behind an admission webhook does with the requests it is sent. The first. */
  readonly 'webhook/answer': WebhookAnswer
  /** Issues of an add-on's health, which make it DEGRADED. All hold together. */
  readonly 'addon/health': { readonly code: string; readonly message: string; readonly resourceIds: readonly string[] }
  /** The workflow behind the update of a managed node group stands still. One is enough. */
  readonly 'node-group/update': 'stalls'
  /** Issues of a managed node group's health, which make it DEGRADED. All hold together. */
  readonly 'node-group/health': { readonly code: string; readonly message: string; readonly resourceIds: readonly string[] }
  /** What happens to one request on the wire. The first. */
  readonly request: Intervention
}

export type LeverName = keyof Levers

/** What a selector may ask about whatever meets a fault; only what there is to say. */
export interface Subject {
  readonly node?: string
  /** The node group, or those that a subnet belongs to. */
  readonly group?: string | readonly string[]
  readonly zone?: string
  readonly instanceType?: string
  readonly kubeletMinor?: string
  /** `v1.18.3-eksbuild.3`: the CNI version that would run there. */
  readonly cniVersion?: string
  readonly imageId?: string
  /** Launched after the world began. */
  readonly launchedLater?: boolean
  readonly namespace?: string
  /** Of any object. */
  readonly name?: string
  readonly pod?: string
  /** The controller of the pod, without the hash of a ReplicaSet. */
  readonly workload?: string
  /** `namespace/name` */
  readonly budget?: string
  readonly subnetId?: string
  readonly addon?: string
  /** The name of a CloudWatch alarm. */
  readonly alarm?: string
  /** `aws-node`, `cluster`, `node`: whose role is meant. */
  readonly role?: string
  /** `ec2:DescribeSubnets` */
  readonly action?: string
  /** `system:serviceaccount:kube-system:aws-node` */
  readonly user?: string
  readonly verb?: string
  /** The name of a webhook, not of its configuration. */
  readonly webhook?: string
  readonly service?: string
  readonly operation?: string
  readonly resource?: string
  readonly mutating?: boolean
  /** Counts requests of the same service, operation and resource, as they arrive. */
  readonly nth?: number
  /** Which occasion it is, for `chance`: without it a subject meets a fault always or never. */
  readonly occasion?: string | number
}

/** A machine as a selector sees it; `NodeRun` and `Machine` know the rest. */
export interface NodePlace extends Subject {
  readonly node: string
  readonly group: string
  readonly zone: string
  readonly instanceType: string
  readonly kubeletMinor: string
  readonly cniVersion: string
  readonly imageId: string
  readonly launchedLater: boolean
}

export type HostTrouble =
  /** The instance metadata service does not answer. */
  | 'imds-blocked'
  /** Calls to EC2 and STS go out and nothing comes back. */
  | 'aws-unreachable'
  /** The iptables backend of the image is not the one that the host has. */
  | 'iptables-unusable'
  /** The binary of the CNI plugin that is there cannot be replaced. */
  | 'cni-binary-kept'
  /** No BPF file system: kernel too old, or not mounted. */
  | 'no-bpf-fs'

/** Steps of the start of aws-node, in their order; from `api-server` on they are ipamd's. Sources: `kubernetes/aws-node-start.ts`. */
export const START_STEPS = [
  'entrypoint',
  'exec',
  'api-server',
  'cache-sync',
  'instance-metadata',
  'configuration',
  'instance-limits',
  'host-network',
  'describe-interfaces',
  'tag-interfaces',
  'subnets',
  'security-groups',
  'node-object',
  'first-pool',
] as const

export type StartStep = (typeof START_STEPS)[number]

export type StartFate = 'hang' | { readonly exit: number } | { readonly wait: Millis }

export interface StartTrouble {
  readonly step: StartStep
  /** `hang`: nothing more until the liveness probe kills it. `exit`: the container ends, in the steps of the entrypoint. `wait`: it goes on afterwards. */
  readonly fate: StartFate
  /** Lines of ipamd.log: in the container's log only when AWS_VPC_K8S_CNI_LOG_FILE is stdout. */
  readonly ipamdLog?: readonly string[]
  /** Lines of the container's log. */
  readonly log?: readonly string[]
  /** IAM actions that the start was refused: each an event `MissingIAMPermissions`. */
  readonly denied?: readonly string[]
}

export type ControlPlaneTrouble =
  /** An update ends Failed; EKS leaves the old control plane in place. */
  | 'update-fails'
  /** An update does not end. */
  | 'update-stalls'
  /** EKS patches the control plane by itself, which excludes updates while the cluster reads ACTIVE. */
  | 'patched-by-eks'
  /** The API server refuses connections. */
  | 'api-server-away'

export type WebhookAnswer = 'add-label' | 'rewrite-pod-spec' | 'deny' | 'unreachable' | 'timeout'

export interface ContainerTrouble {
  /** Absent: the first container of the pod. */
  readonly container?: string
  readonly fault: /** It ends some time after each start, and the kubelet starts it again with back-off. */
    | { readonly kind: 'exits'; readonly after: Millis; readonly code: number; readonly reason?: string; readonly log?: readonly string[] }
    /** It runs and its probes fail: readiness with a message; liveness too, which kills it some time after each start. */
    | {
        readonly kind: 'unready'
        readonly message?: string
        readonly liveness?: { readonly message: string; readonly after: Millis }
      }
    /** Its image cannot be pulled. */
    | { readonly kind: 'no-image'; readonly message: string }
}

/** Workloads whose pods are in trouble from the beginning and for good, by `namespace/name`. */
export type Unwell = Readonly<Record<string, ContainerTrouble['fault']>>

/** Between a pod and what nothing comes through: its node's kubelet, cluster addresses (DNS among them), other pods and nodes, the rest. */
export type Reach = 'kubelet' | 'services' | 'pods' | 'internet'

export interface TrafficTrouble {
  readonly cuts: readonly Reach[]
  /** It is the node agent's doing: only where that enforces network policies. */
  readonly by?: 'node-agent'
  /** When, counted from the start of the pod; always unless said. */
  readonly since?: { readonly from?: Millis; readonly to?: Millis }
  /** It comes and goes by the clock: every so often, lasting so long. */
  readonly flaps?: { readonly every: Millis; readonly lasting: Millis }
}

export type Intervention =
  /** Answered before, or instead after, the effect happened. */
  | { readonly kind: 'error'; readonly when: 'before' | 'after'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'html'; readonly status: number }
  /** The connection is cut without an answer. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** It takes longer on its way there, before the effect, or on its way back, after it. */
  | { readonly kind: 'slow'; readonly when: 'before' | 'after'; readonly delay: Millis }
  /** The connection ends in the middle of the answer. The effect has happened. */
  | { readonly kind: 'truncated' }
  /** The server's clock is ahead by so much, behind when negative: signatures are judged by it, and answers carry it. */
  | { readonly kind: 'skewed'; readonly ahead: Millis }
  /** A read of the Kubernetes API shows what was so long ago; a watch tells each change so much later. */
  | { readonly kind: 'stale'; readonly lag: Millis }
  /** A watch that was opened breaks off after so many changes or within the line of the next one, or says nothing more and stays open. */
  | { readonly kind: 'watch'; readonly lines: number; readonly fate: WatchFate }

export const WATCH_FATES = ['cut', 'cut-within', 'silent'] as const
export type WatchFate = (typeof WATCH_FATES)[number]
