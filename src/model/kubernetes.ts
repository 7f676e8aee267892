/** Kubernetes objects as `kubectl get -o json` prints them: only the members Serin reads, all optional as on the wire. */

export interface OwnerReference {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly uid?: string
  readonly controller?: boolean
}

/** What one writer owns of an object, the API version it wrote in, and when it last did. */
export interface ManagedFields {
  readonly manager?: string
  readonly operation?: string
  readonly subresource?: string
  readonly apiVersion?: string
  readonly time?: string
  readonly fieldsV1?: unknown
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly finalizers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown' | string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

export interface Node extends KubernetesObject {
  readonly spec?: { readonly providerID?: string; readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly addresses?: readonly { type: string; address: string }[]
    readonly nodeInfo?: {
      readonly kubeletVersion?: string
      readonly osImage?: string
      readonly architecture?: string
      readonly operatingSystem?: string
      readonly kernelVersion?: string
      readonly containerRuntimeVersion?: string
    }
    readonly volumesAttached?: readonly { readonly name: string }[]
    readonly allocatable?: Readonly<Record<string, string>>
    readonly capacity?: Readonly<Record<string, string>>
  }
}

export interface ContainerState {
  readonly running?: { readonly startedAt?: string }
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly terminated?: {
    readonly exitCode?: number
    readonly reason?: string
    readonly message?: string
    readonly finishedAt?: string
    readonly startedAt?: string
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly image?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly readinessProbe?: object
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> }
}

/** A requirement on a node's labels, as node affinity writes it. */
export interface NodeRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: readonly NodeRequirement[] }[]
    }
  }
  readonly podAntiAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly {
      readonly labelSelector?: LabelSelector
      readonly topologyKey: string
    }[]
  }
}

export interface TopologySpread {
  readonly maxSkew?: number
  readonly topologyKey?: string
  readonly whenUnsatisfiable?: string
  readonly minDomains?: number
  readonly labelSelector?: LabelSelector
}

export interface PodSpec {
  readonly nodeName?: string
  readonly hostNetwork?: boolean
  readonly serviceAccountName?: string
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly tolerations?: readonly { key?: string; operator?: string; value?: string; effect?: string }[]
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly affinity?: Affinity
  readonly topologySpreadConstraints?: readonly TopologySpread[]
  readonly volumes?: readonly { readonly name: string; readonly persistentVolumeClaim?: { readonly claimName: string } }[]
  readonly terminationGracePeriodSeconds?: number
}

export interface Pod extends KubernetesObject {
  readonly spec?: PodSpec
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly hostIP?: string
    readonly startTime?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

/** Deployment, StatefulSet, ReplicaSet and DaemonSet alike. */
export interface Workload extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: PodSpec }
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxUnavailable?: number | string } }
  }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly updatedReplicas?: number
    readonly observedGeneration?: number
    readonly desiredNumberScheduled?: number
    readonly currentNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberReady?: number
    readonly numberAvailable?: number
    readonly numberUnavailable?: number
  }
}

export interface PodDisruptionBudget extends KubernetesObject {
  readonly spec?: {
    readonly minAvailable?: number | string
    readonly maxUnavailable?: number | string
    readonly selector?: LabelSelector
    readonly unhealthyPodEvictionPolicy?: string
  }
  readonly status?: {
    readonly disruptionsAllowed?: number
    readonly currentHealthy?: number
    readonly desiredHealthy?: number
    readonly expectedPods?: number
    readonly observedGeneration?: number
  }
}

/** Of `discovery.k8s.io/v1`: some or all of what stands behind the Service that its label SERVICE_LABEL names. */
export interface EndpointSlice extends KubernetesObject {
  readonly endpoints?:
    | readonly {
        /** `ready` that is not said counts as true. */
        readonly conditions?: { readonly ready?: boolean }
        readonly nodeName?: string
        readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string }
      }[]
    | null
}

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ownership */
export const SERVICE_LABEL = 'kubernetes.io/service-name'

export interface KubernetesEvent extends KubernetesObject {
  readonly involvedObject?: { kind?: string; namespace?: string; name?: string; uid?: string }
  readonly regarding?: { kind?: string; namespace?: string; name?: string; uid?: string }
  readonly source?: { readonly component?: string }
  readonly reportingComponent?: string
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly reason?: string
  /** What the reporter was doing: of aws-node, the IAM action that it may not call. */
  readonly action?: string
  readonly message?: string
  readonly note?: string
  readonly type?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
}

/** Whether labels satisfy a selector: an absent one matches nothing, an empty one everything. Rule: LabelSelectorAsSelector of k8s.io/apimachinery. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined) return false
  const equalities = Object.entries(selector.matchLabels ?? {})
  const expressions = selector.matchExpressions ?? []
  return equalities.every(([key, value]) => labels[key] === value) && expressions.every((e) => expressionMatches(e, labels))
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

function expressionMatches({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key]
  if (operator === 'In') return value !== undefined && values.includes(value)
  if (operator === 'NotIn') return value === undefined || !values.includes(value)
  if (operator === 'Exists') return value !== undefined
  return operator === 'DoesNotExist' && value === undefined
}

/** The condition of a type, by name and never by position. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export const NODEGROUP_LABEL = 'eks.amazonaws.com/nodegroup'
export const IMAGE_LABEL = 'eks.amazonaws.com/nodegroup-image'
export const TEMPLATE_VERSION_LABEL = 'eks.amazonaws.com/sourceLaunchTemplateVersion'
export const TEMPLATE_ID_LABEL = 'eks.amazonaws.com/sourceLaunchTemplateId'
export const ZONE_LABEL = 'topology.kubernetes.io/zone'
export const INSTANCE_TYPE_LABEL = 'node.kubernetes.io/instance-type'
/** https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md */
export const KEEP_FROM_AUTOSCALER = 'cluster-autoscaler.kubernetes.io/scale-down-disabled'
/** Serin's own mark on a node that it takes out of service. */
export const RETIRED = 'serin.dev/retired'
/** Serin's taint on a node that gives its workloads away: new pods prefer other nodes. */
export const LEAVING_TAINT = 'serin.dev/leaving'
/** Its value on a node that is drained, and kept for the way back. */
export const KEPT = 'kept'
export const EXCLUDE_FROM_BALANCERS_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers'

/**
 * Whose cordon or mark an update or a dead run left on a node: Serin's own by its marks; that of EKS by the label out of load
 * balancers, which it sets first and people who cordon by hand do not. Undefined for a node that carries neither.
 */
export function leftOnNode({ metadata: { labels = {}, annotations = {} }, spec }: Node): 'Serin' | 'EKS' | undefined {
  const ours = annotations[RETIRED] !== undefined || (spec?.taints ?? []).some(({ key }) => key.startsWith('serin.dev/'))
  const { [NODEGROUP_LABEL]: managed, [EXCLUDE_FROM_BALANCERS_LABEL]: excluded } = labels
  if (ours) return 'Serin'
  return spec?.unschedulable === true && excluded !== undefined && managed !== undefined ? 'EKS' : undefined
}

/** `i-…` of a node's providerID `aws:///eu-central-1a/i-…`. */
export function instanceIdOf(node: Node): string | undefined {
  return /\/(i-[0-9a-zA-Z]+)$/.exec(node.spec?.providerID ?? '')?.[1]
}
