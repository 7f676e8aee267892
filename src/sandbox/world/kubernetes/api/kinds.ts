/** The kinds of object the sandbox's API server knows, and how it addresses them. */
export interface ServedKind {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly subresources: readonly string[]
  /** Never holds anything, whatever the store has: the sandbox keeps no secrets. */
  readonly alwaysEmpty?: boolean
  readonly categories?: readonly string[]
  /** What the definition of a custom resource says beyond the rest. */
  readonly custom?: CustomKind
}

export interface CustomKind {
  readonly schema: Readonly<Record<string, unknown>> | undefined
  readonly columns: readonly PrinterColumn[]
}

export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly priority?: number
}

const ALL = ['all']
const CLUSTER = { namespaced: false }

/** Kinds of the API server itself. Source of names: `kubectl api-resources` of a real cluster. */
export const BUILT_IN_KINDS: readonly ServedKind[] = [
  served('', 'v1', 'Node', 'nodes', { ...CLUSTER, shortNames: ['no'], subresources: ['status'] }),
  served('', 'v1', 'Namespace', 'namespaces', { ...CLUSTER, shortNames: ['ns'], subresources: ['status', 'finalize'] }),
  served('', 'v1', 'Pod', 'pods', { shortNames: ['po'], subresources: ['status', 'eviction', 'log'], categories: ALL }),
  served('', 'v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  served('', 'v1', 'Service', 'services', { shortNames: ['svc'], subresources: ['status'], categories: ALL }),
  served('', 'v1', 'Endpoints', 'endpoints', { shortNames: ['ep'] }),
  served('', 'v1', 'Event', 'events', { shortNames: ['ev'] }),
  served('', 'v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  served('', 'v1', 'Secret', 'secrets', { alwaysEmpty: true }),
  served('', 'v1', 'LimitRange', 'limitranges', { shortNames: ['limits'] }),
  served('', 'v1', 'ResourceQuota', 'resourcequotas', { shortNames: ['quota'], subresources: ['status'] }),
  served('', 'v1', 'PersistentVolume', 'persistentvolumes', { ...CLUSTER, shortNames: ['pv'], subresources: ['status'] }),
  served('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { shortNames: ['pvc'], subresources: ['status'] }),
  served('', 'v1', 'PodTemplate', 'podtemplates', {}),
  served('apps', 'v1', 'DaemonSet', 'daemonsets', { shortNames: ['ds'], subresources: ['status'], categories: ALL }),
  served('apps', 'v1', 'Deployment', 'deployments', { shortNames: ['deploy'], subresources: ['status', 'scale'], categories: ALL }),
  served('apps', 'v1', 'StatefulSet', 'statefulsets', { shortNames: ['sts'], subresources: ['status', 'scale'], categories: ALL }),
  served('apps', 'v1', 'ReplicaSet', 'replicasets', { shortNames: ['rs'], subresources: ['status', 'scale'], categories: ALL }),
  served('apps', 'v1', 'ControllerRevision', 'controllerrevisions', {}),
  served('batch', 'v1', 'Job', 'jobs', { subresources: ['status'], categories: ALL }),
  served('batch', 'v1', 'CronJob', 'cronjobs', { shortNames: ['cj'], subresources: ['status'], categories: ALL }),
  served('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    shortNames: ['hpa'],
    subresources: ['status'],
    categories: ALL,
  }),
  served('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { shortNames: ['pdb'], subresources: ['status'] }),
  served('coordination.k8s.io', 'v1', 'Lease', 'leases', {}),
  served('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', {}),
  served('events.k8s.io', 'v1', 'Event', 'events', { shortNames: ['ev'] }),
  served('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
  served('networking.k8s.io', 'v1', 'Ingress', 'ingresses', { shortNames: ['ing'], subresources: ['status'] }),
  served('networking.k8s.io', 'v1', 'IngressClass', 'ingressclasses', CLUSTER),
  served('storage.k8s.io', 'v1', 'StorageClass', 'storageclasses', { ...CLUSTER, shortNames: ['sc'] }),
  served('storage.k8s.io', 'v1', 'CSINode', 'csinodes', CLUSTER),
  served('storage.k8s.io', 'v1', 'CSIDriver', 'csidrivers', CLUSTER),
  served('storage.k8s.io', 'v1', 'VolumeAttachment', 'volumeattachments', { ...CLUSTER, subresources: ['status'] }),
  served('scheduling.k8s.io', 'v1', 'PriorityClass', 'priorityclasses', { ...CLUSTER, shortNames: ['pc'] }),
  served('flowcontrol.apiserver.k8s.io', 'v1', 'FlowSchema', 'flowschemas', { ...CLUSTER, subresources: ['status'] }),
  served('flowcontrol.apiserver.k8s.io', 'v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', {
    ...CLUSTER,
    subresources: ['status'],
  }),
  served('rbac.authorization.k8s.io', 'v1', 'Role', 'roles', {}),
  served('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings', {}),
  served('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', CLUSTER),
  served('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings', CLUSTER),
  served('admissionregistration.k8s.io', 'v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    ...CLUSTER,
    categories: ['api-extensions'],
  }),
  served('admissionregistration.k8s.io', 'v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
    ...CLUSTER,
    categories: ['api-extensions'],
  }),
  served('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    ...CLUSTER,
    shortNames: ['crd', 'crds'],
    subresources: ['status'],
    categories: ['api-extensions'],
  }),
]

function served(group: string, version: string, kind: string, plural: string, rest: Partial<ServedKind>): ServedKind {
  return { group, version, kind, plural, singular: kind.toLowerCase(), namespaced: true, shortNames: [], subresources: [], ...rest }
}

const BUILT_IN = new Map(BUILT_IN_KINDS.toReversed().map((kind) => [kind.kind, kind]))

/** The built-in kind of a name; an Event is that of the core group. Undefined for custom resources. */
export function builtInKind(kind: string): ServedKind | undefined {
  return BUILT_IN.get(kind)
}

/** `v1`, `apps/v1`. */
export function apiVersionOf(kind: Pick<ServedKind, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

/** `pods`, `deployments.apps`: how messages of the API name a kind. */
export function qualifiedName(kind: Pick<ServedKind, 'group' | 'plural'>): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}
