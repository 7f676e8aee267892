/**
 * The member by which the items of a list are told apart in strategic merge patches and server-side apply; lists not
 * named here are replaced as a whole. Source: the `patchMergeKey` tags of k8s.io/api (core/v1/types.go, meta/v1/types.go).
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  containerStatuses: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  taints: 'key',
  conditions: 'type',
  addresses: 'type',
  ownerReferences: 'uid',
  secrets: 'name',
}

/** Lists of plain values that are merged as sets. */
const SETS = new Set(['finalizers', 'podCIDRs'])

export type ListRule = { readonly kind: 'by-key'; readonly key: string } | { readonly kind: 'set' } | { readonly kind: 'whole' }

/** How a list member of this name is merged; `sample` tells a container's ports from a service's. */
export function listRule(member: string, sample: unknown): ListRule {
  if (SETS.has(member)) return { kind: 'set' }
  const key = member === 'ports' ? portKey(sample) : MERGE_KEYS[member]
  return key === undefined ? { kind: 'whole' } : { kind: 'by-key', key }
}

function portKey(sample: unknown): string {
  return typeof sample === 'object' && sample !== null && 'containerPort' in sample ? 'containerPort' : 'port'
}
