import type { ObjectStore } from '../../contract.ts'
import { kindsServed } from '../../world/kubernetes/api/custom-kinds.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import { apiVersionOf } from '../../world/kubernetes/api/kinds.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import { REVIEWS } from './review-kinds.ts'
import { jsonAnswer } from './status.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Kinds without stored objects, so that discovery names everything the server answers. */
const REVIEW_KINDS: readonly ServedKind[] = REVIEWS.map(({ group, kind, plural, namespaced = false }) => ({
  group,
  version: 'v1',
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced,
  shortNames: [],
  subresources: [],
}))

type Kinds = readonly ServedKind[]

/**
 * Answers /api, /apis and what lies below them up to a version: the aggregated form when `Accept` asks for it, else the
 * legacy lists, which `kubectl drain` and `auth can-i` want at any rate. Undefined for every other path.
 */
export function discoveryAnswer(store: ObjectStore, request: WireRequest): WireAnswer | undefined {
  const [root, group, version, ...rest] = request.path.replace(/\/$/, '').split('/').slice(1)
  if (rest.length > 0 || (root !== 'api' && root !== 'apis')) return undefined
  const kinds = [...kindsServed(store).all, ...REVIEW_KINDS]
  return root === 'api' ? coreAnswer(kinds, request, group, version) : groupAnswer(kinds, request, group, version)
}

function coreAnswer(kinds: Kinds, request: WireRequest, version: string | undefined, rest: string | undefined): WireAnswer | undefined {
  if (rest !== undefined || (version !== undefined && version !== 'v1')) return undefined
  if (version === 'v1') return jsonAnswer(200, resourceList(kinds, '', 'v1'))
  return aggregated(kinds, request, ['']) ?? jsonAnswer(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] })
}

function groupAnswer(kinds: Kinds, request: WireRequest, group: string | undefined, version: string | undefined): WireAnswer | undefined {
  const groups = [...new Set(kinds.map((kind) => kind.group))].filter((name) => name !== '')
  if (group === undefined) {
    const legacy = { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((name) => groupOf(kinds, name)) }
    return aggregated(kinds, request, groups) ?? jsonAnswer(200, legacy)
  }
  if (!groups.includes(group)) return undefined
  if (version === undefined) return jsonAnswer(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(kinds, group) })
  return versionsOf(kinds, group).includes(version) ? jsonAnswer(200, resourceList(kinds, group, version)) : undefined
}

function versionsOf(kinds: Kinds, group: string): readonly string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))]
}

function groupOf(kinds: Kinds, name: string): Record<string, unknown> {
  const versions = versionsOf(kinds, name).map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions, preferredVersion: versions[0] }
}

/** kubectl takes the answer for aggregated only if the content type says so; one that knows only v2beta1 (before 1.30) reads the legacy lists. */
function aggregated(kinds: Kinds, request: WireRequest, groups: readonly string[]): WireAnswer | undefined {
  const wanted = (request.headers.accept ?? '').split(',').some((type) => /;v=v2;.*as=APIGroupDiscoveryList/.test(type))
  if (!wanted) return undefined
  const items = groups.map((group) => ({
    metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
    versions: versionsOf(kinds, group).map((version) => ({
      version,
      freshness: 'Current',
      resources: within(kinds, group, version).map(discovered),
    })),
  }))
  return jsonAnswer(200, { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }, AGGREGATED)
}

function within(kinds: Kinds, group: string, version: string): Kinds {
  return kinds.filter((kind) => kind.group === group && kind.version === version)
}

function discovered(kind: ServedKind): Record<string, unknown> {
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    shortNames: kind.shortNames,
    categories: kind.categories ?? [],
    subresources: kind.subresources.map((name) => ({ subresource: name, responseKind: partKind(kind, name), verbs: partVerbs(name) })),
  }
}

function verbsOf(kind: ServedKind): readonly string[] {
  if (REVIEW_KINDS.includes(kind)) return ['create']
  return kind.alwaysEmpty === true ? ['get', 'list', 'watch'] : VERBS
}

function partVerbs(name: string): readonly string[] {
  if (name === 'eviction') return ['create']
  if (name === 'finalize') return ['update']
  return name === 'log' ? ['get'] : ['get', 'patch', 'update']
}

function partKind({ group, version, kind }: ServedKind, name: string): Record<string, string> {
  if (name === 'eviction') return { group: 'policy', version: 'v1', kind: 'Eviction' }
  return name === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : { group, version, kind }
}

function resourceList(kinds: Kinds, group: string, version: string): Record<string, unknown> {
  const resources = within(kinds, group, version).flatMap(listed)
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources }
}

function listed(kind: ServedKind): readonly Record<string, unknown>[] {
  const { plural, singular, namespaced, shortNames, categories } = kind
  const whole = { name: plural, singularName: singular, namespaced, kind: kind.kind, verbs: verbsOf(kind), shortNames, categories }
  const parts = kind.subresources.map((name) => {
    return { name: `${plural}/${name}`, singularName: '', namespaced, ...partKind(kind, name), verbs: partVerbs(name) }
  })
  return [whole, ...parts]
}
