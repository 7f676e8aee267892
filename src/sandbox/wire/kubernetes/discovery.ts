import type { WireAnswer, WireRequest } from '../message.ts'
import type { ServedKind } from './kinds.ts'
import { apiVersionOf, KINDS } from './kinds.ts'
import { REVIEWS } from './review-kinds.ts'
import { jsonAnswer } from './status.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']

/** Kinds without stored objects, so that discovery names everything the server answers. */
const REVIEW_KINDS: readonly ServedKind[] = REVIEWS.map(({ group, kind, plural }) => ({
  group,
  version: 'v1',
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced: false,
  shortNames: [],
  subresources: [],
}))

const DISCOVERED = [...KINDS, ...REVIEW_KINDS]
const GROUPS = [...new Set(DISCOVERED.map((kind) => kind.group))]

/**
 * Answers /api, /apis and what lies below them up to a version: the aggregated form when `Accept` asks for it, else the
 * legacy lists, which `kubectl drain` and `auth can-i` want at any rate. Undefined for every other path.
 */
export function discoveryAnswer(request: WireRequest): WireAnswer | undefined {
  const [root, group, version, ...rest] = request.path.replace(/\/$/, '').split('/').slice(1)
  if (rest.length > 0) return undefined
  if (root === 'api') return coreAnswer(request, group, version)
  return root === 'apis' ? groupAnswer(request, group, version) : undefined
}

function coreAnswer(request: WireRequest, version: string | undefined, rest: string | undefined): WireAnswer | undefined {
  if (rest !== undefined || (version !== undefined && version !== 'v1')) return undefined
  if (version === 'v1') return jsonAnswer(200, resourceList(''))
  return aggregated(request, ['']) ?? jsonAnswer(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] })
}

function groupAnswer(request: WireRequest, group: string | undefined, version: string | undefined): WireAnswer | undefined {
  const groups = GROUPS.filter((name) => name !== '')
  if (group === undefined) {
    return aggregated(request, groups) ?? jsonAnswer(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) })
  }
  if (!groups.includes(group)) return undefined
  if (version === undefined) return jsonAnswer(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) })
  return version === 'v1' ? jsonAnswer(200, resourceList(group)) : undefined
}

function groupOf(name: string): Record<string, unknown> {
  const preferredVersion = { groupVersion: `${name}/v1`, version: 'v1' }
  return { name, versions: [preferredVersion], preferredVersion }
}

/** kubectl takes the answer for aggregated only if the content type says so. */
function aggregated(request: WireRequest, groups: readonly string[]): WireAnswer | undefined {
  if (!(request.headers.accept ?? '').includes('as=APIGroupDiscoveryList')) return undefined
  const items = groups.map((group) => ({
    metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
    versions: [{ version: 'v1', freshness: 'Current', resources: ofGroup(group).map(discovered) }],
  }))
  return jsonAnswer(200, { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }, AGGREGATED)
}

function ofGroup(group: string): readonly ServedKind[] {
  return DISCOVERED.filter((kind) => kind.group === group)
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
  return name === 'log' ? ['get'] : ['get', 'patch', 'update']
}

function partKind({ group, version, kind }: ServedKind, name: string): Record<string, string> {
  if (name === 'eviction') return { group: 'policy', version: 'v1', kind: 'Eviction' }
  return name === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : { group, version, kind }
}

function resourceList(group: string): Record<string, unknown> {
  const kinds = ofGroup(group)
  const groupVersion = kinds[0] === undefined ? 'v1' : apiVersionOf(kinds[0])
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: kinds.flatMap(listed) }
}

function listed(kind: ServedKind): readonly Record<string, unknown>[] {
  const { plural, singular, namespaced, shortNames, categories } = kind
  const whole = { name: plural, singularName: singular, namespaced, kind: kind.kind, verbs: verbsOf(kind), shortNames, categories }
  const parts = kind.subresources.map((name) => {
    return { name: `${plural}/${name}`, singularName: '', namespaced, ...partKind(kind, name), verbs: partVerbs(name) }
  })
  return [whole, ...parts]
}
