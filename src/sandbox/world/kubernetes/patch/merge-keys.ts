/**
 * The members by which the items of a list are told apart in strategic merge patches (the first of them) and server-side
 * apply (all of them); lists not named here, such as taints, are replaced as a whole.
 * Source: the `patchMergeKey` and `listMapKey` tags of k8s.io/api (core/v1/types.go and its siblings).
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  resourceClaims: ['name'],
  schedulingGates: ['name'],
  claims: ['name'],
  podIPs: ['ip'],
  drivers: ['name'],
  conditions: ['type'],
  addresses: ['type'],
  ownerReferences: ['uid'],
  secrets: ['name'],
  webhooks: ['name'],
  matchConditions: ['name'],
}

/** Lists of plain values that are merged as sets. */
const SETS = new Set(['finalizers', 'podCIDRs'])

/** Defaults of keys that an item may leave out. */
export const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: 'TCP' }

export type ListRule = { readonly kind: 'by-key'; readonly keys: readonly string[] } | { readonly kind: 'set' } | { readonly kind: 'whole' }

/** How a list member of this name is merged; `sample` tells a container's ports from a service's. */
export function listRule(member: string, sample: unknown): ListRule {
  if (SETS.has(member)) return { kind: 'set' }
  const keys = member === 'ports' ? portKeys(sample) : MERGE_KEYS[member]
  return keys === undefined ? { kind: 'whole' } : { kind: 'by-key', keys }
}

function portKeys(sample: unknown): readonly string[] {
  return [typeof sample === 'object' && sample !== null && 'containerPort' in sample ? 'containerPort' : 'port', 'protocol']
}
