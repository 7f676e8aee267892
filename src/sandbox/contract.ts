import type { Instant, Millis } from '../model/instant.ts'
import type { KubernetesObject, ObjectMeta } from '../model/kubernetes.ts'
import type { ContainerTrouble, Intervention, LeverName, Levers, Subject, Unwell } from './levers.ts'
import type { ApiServer } from './world/kubernetes/api/api-server.ts'

/**
 * The seams inside the sandbox: time, the object store, the Kubernetes half and the AWS half of the world,
 * its faults, and what the wire servers need of it all. `spec.md` says how they behave.
 */

/** A discrete-event queue. Events of one instant run in the order of their key, not of their arrival. */
export interface Timeline {
  now(): Instant
  /** Runs `action` at `instant` (at the earliest now); `key` names it, for order and for cancelling. */
  at(instant: Instant, key: string, action: () => void): void
  after(delay: Millis, key: string, action: () => void): void
  /** Takes back what was scheduled under this key. */
  cancel(key: string): void
  /** Runs everything due up to and including the instant, then stands there. */
  advanceTo(instant: Instant): void
  /** When the next event is due, if there is one. */
  next(): Instant | undefined
}

/** An object in the store: frozen, replaced as a whole when it changes. Kinds are told apart by `kind` alone. */
export interface StoredObject extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly uid: string; readonly resourceVersion: string; readonly creationTimestamp: string }
  readonly [member: string]: unknown
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: StoredObject
  readonly version: number
  /** What it was until then; absent for a new object. */
  readonly before?: StoredObject
}

/** Kubernetes objects with monotonic resource versions and a bounded log of changes. */
export interface ObjectStore {
  get(kind: string, namespace: string | undefined, name: string): StoredObject | undefined
  /** Ordered by namespace and name. */
  list(kind: string): readonly StoredObject[]
  /** Pods of one node, by index. */
  podsOnNode(node: string): readonly StoredObject[]
  /** Fills in uid (keyed), resourceVersion, creationTimestamp, generation. Throws WireError 409 AlreadyExists. */
  create(object: KubernetesObject & Record<string, unknown>): StoredObject
  /** Replaces by what `change` returns; equal content bumps nothing. Throws WireError 404. */
  update(
    kind: string,
    namespace: string | undefined,
    name: string,
    change: (current: StoredObject) => KubernetesObject & Record<string, unknown>,
  ): StoredObject
  /** Takes the object away. False when there was none. */
  remove(kind: string, namespace: string | undefined, name: string): boolean
  version(): number
  /** Changes after a version, or undefined when the log no longer reaches back so far (410). */
  since(version: number): readonly StoreEvent[] | undefined
  subscribe(listener: (event: StoreEvent) => void): () => void
}

/** An error as the API answers it: AWS code or Kubernetes reason, HTTP status, message. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: string
  readonly status: number
  readonly extra: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.extra = extra
  }
}

/** Machines on which the VPC CNI does not run: something else sets up the network of their pods. Without a kind: a Linux instance with aws-node. */
export type MachineKind = 'windows' | 'auto' | 'hybrid' | 'fargate'

/** A machine that has booted far enough for its kubelet to start: an EC2 instance, but for Fargate and hybrid nodes. */
export interface Machine {
  readonly kind?: MachineKind
  /** `spec.providerID` of the node, where it is not that of an EC2 instance. */
  readonly providerId?: string
  readonly instanceId: string
  readonly privateIp: string
  readonly nodeName: string
  readonly group: string
  readonly zone: string
  readonly subnetId: string
  readonly instanceType: string
  readonly imageId: string
  /** `v1.33.5-eks-…` */
  readonly kubeletVersion: string
  readonly architecture: 'amd64' | 'arm64'
  readonly osImage: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly vcpus: number
  readonly memoryMiB: number
  readonly maxPods: number
}

/** The Kubernetes half of the world as the AWS half drives it. */
export interface ClusterSide {
  /** The node registers; it turns Ready once its kubelet runs and aws-node has written its configuration. */
  join(machine: Machine): void
  /** The instance is gone: node and pods disappear. */
  leave(nodeName: string): void
  /** As the eviction API would: evicts, or says which budgets hold it. */
  evict(namespace: string, pod: string): { readonly evicted: true } | { readonly evicted: false; readonly budgets: readonly string[] }
  /**
   * Server-side apply by EKS of an add-on's objects at a version: the DaemonSet or Deployment template changes. The fields that stand in
   * the way under NONE; then nothing changed. Throws WireError when admission refuses.
   */
  applyAddon(
    addon: string,
    version: string,
    configurationValues: string | undefined,
    mode?: 'NONE' | 'OVERWRITE' | 'PRESERVE',
  ): readonly string[]
  /** Puts back what EKS manages of an add-on's objects, where somebody changed it or took them away. Throws as `applyAddon` does. */
  reapplyAddon(addon: string): void
  /** EKS no longer manages the add-on; its objects go unless they are preserved. Throws as `applyAddon` does. */
  removeAddon(addon: string, preserve: boolean): void
  /** Pods of an add-on's workload. */
  addonHealth(addon: string): {
    readonly desired: number
    readonly updated: number
    readonly available: number
    readonly waiting: readonly string[]
  }
  /** Workloads, budgets and whatever else a world file lists, running at the world's start. */
  seed(workloads: readonly WorkloadSpec[], objects?: readonly KubernetesObject[], unwell?: Unwell): void
}

/** A workload of a world's beginning, in its namespace. */
export interface WorkloadSpec {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'CronJob' | 'Pod'
  readonly namespace: string
  readonly name: string
  readonly replicas?: number
  readonly cpu?: string
  readonly memory?: string
  /** Only nodes with these labels. */
  readonly nodeSelector?: Readonly<Record<string, string>>
  /** Also nodes with these taints. */
  readonly tolerations?: readonly { readonly key?: string; readonly operator?: string; readonly value?: string; readonly effect?: string }[]
  /** Adds a PodDisruptionBudget of the same name. */
  readonly budget?: {
    readonly minAvailable?: number | string
    readonly maxUnavailable?: number | string
    readonly unhealthyPodEvictionPolicy?: string
  }
  readonly hostNetwork?: boolean
  readonly gracePeriodSeconds?: number
  /** Of the controller and its pods, besides `app: NAME`. */
  readonly labels?: Readonly<Record<string, string>>
  /** Of the pods. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Members of the controller's spec as Kubernetes has them: strategy, podManagementPolicy, volumeClaimTemplates, completions, schedule. */
  readonly spec?: Readonly<Record<string, unknown>>
  /** Members of the pods' spec: affinity, topologySpreadConstraints, priorityClassName, volumes, initContainers, restartPolicy. */
  readonly pod?: Readonly<Record<string, unknown>>
  /** Members of the pods' container: image, command, env, ports, probes. */
  readonly container?: Readonly<Record<string, unknown>>
  /** Adds a Service of the same name. */
  readonly service?: { readonly port: number; readonly headless?: boolean }
  /** Its pods are in this trouble, from the beginning and for good. */
  readonly behaviour?: ContainerTrouble['fault']
}

/** Faults of the scenarios in force. Every draw is keyed by seed, fault and subject. */
export interface Faults {
  /** What the faults in force do to whoever asks, in the order of scenarios and of faults in their files. */
  effects<L extends LeverName>(lever: L, subject: Subject): readonly Levers[L][]
  /** What happens to one request on the wire; `nth` counts requests of the same service, operation and resource as they arrive; `occasion` is the same however parallel requests arrive. */
  onRequest(request: {
    readonly service: string
    readonly operation: string
    readonly resource: string
    readonly mutating: boolean
    readonly nth: number
    readonly occasion: string
  }): Intervention | undefined
  /** A fault that pulls one of these levers on what already runs begins or ends. */
  onChange(listener: (levers: ReadonlySet<LeverName>) => void): void
}

/** Plain functions in SDK shapes: the input as decoded, the output as the SDK's types have it (Dates allowed). Throw WireError. */
export type AwsHandlers = Readonly<Record<string, (input: Record<string, unknown>) => Record<string, unknown>>>

/** Whether the API server can be reached; a control-plane update takes it away for seconds. */
export interface ApiServerPresence {
  /** Connections are refused. */
  isAway(): boolean
  /** Calls when every open connection breaks; the function returned lets go. */
  onBreak(listener: () => void): () => void
}

/** What the wire servers serve. */
export interface World {
  readonly name: string
  readonly seed: number
  readonly scenarios: readonly string[]
  readonly cluster: { readonly name: string; readonly region: string; readonly accountId: string; readonly kubernetesVersion: () => string }
  readonly timeline: Timeline
  readonly store: ObjectStore
  readonly faults: Faults
  readonly eks: AwsHandlers
  readonly autoScaling: AwsHandlers
  readonly ec2: AwsHandlers
  readonly sts: AwsHandlers
  readonly iam: AwsHandlers
  readonly ssm: AwsHandlers
  readonly serviceQuotas: AwsHandlers
  readonly cloudWatch: AwsHandlers
  readonly apiServer: ApiServerPresence
  /** What is asked of AWS meanwhile goes through its servers: readers are shown what is at least so old, and hear later of changes. */
  asReadersSee<R>(lag: Millis, ask: () => R): R
  /** What DescribeCluster says about the API server; the wire server sets it when it listens. */
  setApiServer(endpoint: string, certificateAuthorityData: string): void
  evict(
    namespace: string,
    pod: string,
    options: { readonly dryRun: boolean },
  ): { readonly evicted: true } | { readonly evicted: false; readonly budgets: readonly string[]; readonly message: string }
  /** Writes to objects as the API server does them, through admission. */
  readonly api: ApiServer
  /** What a pod answers to GET on a port; undefined when the world does not know. */
  answerFromPod?(namespace: string, pod: string, port: number, path: string): { readonly text: string } | 'refused' | undefined
  /** Text of a container's log, oldest line first; undefined when there is no such pod or container. */
  logs(namespace: string, pod: string, container: string, previous: boolean): string | undefined
  /** When the kubelet of a node renewed its Lease last, if it does not any more. */
  kubeletSilentSince(node: string): Instant | undefined
  /** A pod is deleted through the API: it terminates gracefully and is then gone. */
  deletePod(namespace: string, pod: string, gracePeriodSeconds: number | undefined): void
}
