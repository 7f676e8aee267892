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
  /** Never holds anything, whatever the store has: the sandbox keeps no secrets and runs no webhooks. */
  readonly alwaysEmpty?: boolean
  readonly categories?: readonly string[]
}

const ALL = ['all']

export const KINDS: readonly ServedKind[] = [
  served('', 'v1', 'Node', 'nodes', { namespaced: false, shortNames: ['no'], subresources: ['status'] }),
  served('', 'v1', 'Namespace', 'namespaces', { namespaced: false, shortNames: ['ns'], subresources: ['status'] }),
  served('', 'v1', 'Pod', 'pods', { shortNames: ['po'], subresources: ['status', 'eviction', 'log'], categories: ALL }),
  served('', 'v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  served('', 'v1', 'Service', 'services', { shortNames: ['svc'], subresources: ['status'], categories: ALL }),
  served('', 'v1', 'Event', 'events', { shortNames: ['ev'] }),
  served('', 'v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  served('', 'v1', 'Secret', 'secrets', { alwaysEmpty: true }),
  served('apps', 'v1', 'DaemonSet', 'daemonsets', { shortNames: ['ds'], subresources: ['status'], categories: ALL }),
  served('apps', 'v1', 'Deployment', 'deployments', { shortNames: ['deploy'], subresources: ['status', 'scale'], categories: ALL }),
  served('apps', 'v1', 'StatefulSet', 'statefulsets', { shortNames: ['sts'], subresources: ['status', 'scale'], categories: ALL }),
  served('apps', 'v1', 'ReplicaSet', 'replicasets', { shortNames: ['rs'], subresources: ['status', 'scale'], categories: ALL }),
  served('apps', 'v1', 'ControllerRevision', 'controllerrevisions', {}),
  served('batch', 'v1', 'Job', 'jobs', { subresources: ['status'], categories: ALL }),
  served('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { shortNames: ['pdb'], subresources: ['status'] }),
  served('coordination.k8s.io', 'v1', 'Lease', 'leases', {}),
  served('admissionregistration.k8s.io', 'v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    namespaced: false,
    alwaysEmpty: true,
  }),
  served('admissionregistration.k8s.io', 'v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
    namespaced: false,
    alwaysEmpty: true,
  }),
  served('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    namespaced: false,
    shortNames: ['crd', 'crds'],
    alwaysEmpty: true,
  }),
]

function served(group: string, version: string, kind: string, plural: string, rest: Partial<ServedKind>): ServedKind {
  return { group, version, kind, plural, singular: kind.toLowerCase(), namespaced: true, shortNames: [], subresources: [], ...rest }
}

/** `v1`, `apps/v1`. */
export function apiVersionOf(kind: ServedKind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

/** `pods`, `deployments.apps`: how messages of the API name a kind. */
export function qualifiedName(kind: ServedKind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

/** What a path addresses: a collection, an object, or a part of one. */
export interface Target {
  readonly kind: ServedKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`. Undefined for anything this API server does not have. */
export function targetOf(path: string): Target | undefined {
  const [root, ...rest] = path.split('/').slice(1).map(decodeURIComponent)
  if (root === 'api') return within('', rest[0], rest.slice(1))
  if (root === 'apis') return within(rest[0] ?? '', rest[1], rest.slice(2))
  return undefined
}

function within(group: string, version: string | undefined, parts: readonly string[]): Target | undefined {
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !isPartOfNamespace(parts)
  const namespace = inNamespace ? parts[1] : undefined
  const [plural, name, subresource, ...more] = inNamespace ? parts.slice(2) : parts
  const kind = KINDS.find((row) => row.group === group && row.version === version && row.plural === plural)
  if (kind === undefined || more.length > 0) return undefined
  if (namespace !== undefined && !kind.namespaced) return undefined
  if (name !== undefined && kind.namespaced && namespace === undefined) return undefined
  if (subresource !== undefined && !kind.subresources.includes(subresource)) return undefined
  return { kind, namespace, name, subresource }
}

function isPartOfNamespace(parts: readonly string[]): boolean {
  return parts.length === 3 && (parts[2] === 'status' || parts[2] === 'finalize')
}
