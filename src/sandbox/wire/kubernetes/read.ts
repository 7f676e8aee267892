import type { StoredObject } from '../../contract.ts'
import { apiVersionOf } from '../../world/kubernetes/api/kinds.ts'
import type { StreamAnswer, WireAnswer } from '../message.ts'
import type { MorePages } from './list-metadata.ts'
import { listMetadata } from './list-metadata.ts'
import { requireFittingVersions } from './list-options.ts'
import { nodeLease, nodeLeases } from './node-lease.ts'
import { itemText, objectText } from './object-text.ts'
import { metadataLine, metadataList, metadataOf, wantsMetadata } from './partial.ts'
import type { References } from './references.ts'
import { wantsReferences } from './references.ts'
import type { ApiRequest } from './request.ts'
import { named } from './request.ts'
import type { Matcher } from './selectors.ts'
import { both, fieldMatcher, fieldRequirements, labelMatcher, requiredField } from './selectors.ts'
import { fail, jsonAnswer, notFound } from './status.ts'
import { tableLine, tableText, wantsTable } from './table.ts'
import type { WatchSpec } from './watches.ts'
import { eventLine } from './watches.ts'

/** The object a request names. Throws StatusError 404. */
export function currentObject(api: ApiRequest): StoredObject {
  const { namespace, name } = named(api)
  const { kind } = api.target
  const found = kind.alwaysEmpty === true ? undefined : api.wire.world.store.get(kind.kind, namespace, name)
  return found ?? nodeLease(api.wire.world, api.target) ?? notFound(kind, name)
}

export function getObject(api: ApiRequest): WireAnswer {
  const object = currentObject(api)
  if (wantsTable(api.request)) return jsonAnswer(200, tableText(api, [object], object.metadata.resourceVersion))
  if (wantsMetadata(api.request)) return jsonAnswer(200, metadataOf(object))
  const { kind } = api.target
  return jsonAnswer(200, referencesFor(api)?.give(kind, object) ?? objectText(kind, object))
}

/** What a list or watch selects, and the narrowest set of objects it has to look at. */
interface Selection {
  readonly matches: Matcher
  readonly candidates: () => readonly StoredObject[]
}

function selectionOf({ wire, request, target }: ApiRequest): Selection {
  const { kind, namespace } = target
  const fields = fieldRequirements(kind.kind, request.query.get('fieldSelector'))
  const inNamespace: Matcher = namespace === undefined ? undefined : (object) => object.metadata.namespace === namespace
  const matches = both(inNamespace, both(labelMatcher(request.query.get('labelSelector')), fieldMatcher(fields)))
  const node = kind.kind === 'Pod' ? requiredField(fields, 'spec.nodeName') : undefined
  const { store } = wire.world
  const candidates = (): readonly StoredObject[] => {
    if (kind.alwaysEmpty === true) return []
    if (kind.kind === 'Lease') return [...nodeLeases(wire.world, target), ...store.list(kind.kind)]
    return node === undefined || node === '' ? store.list(kind.kind) : store.podsOnNode(node)
  }
  return { matches, candidates }
}

function selected({ matches, candidates }: Selection): readonly StoredObject[] {
  return matches === undefined ? candidates() : candidates().filter(matches)
}

/** All objects that a list request selects. */
export function selectedObjects(api: ApiRequest): readonly StoredObject[] {
  return selected(selectionOf(api))
}

export function listObjects(api: ApiRequest): WireAnswer {
  const { wire, request } = api
  requireFittingVersions(api, false)
  assertVersionReached(api)
  const continued = request.query.get('continue')
  const page = continued ? wire.pages.resume(continued) : firstPage(api)
  const limit = Number(request.query.get('limit') ?? 0)
  const end = limit > 0 ? Math.min(page.offset + limit, page.items.length) : page.items.length
  const items = page.offset === 0 && end === page.items.length ? page.items : page.items.slice(page.offset, end)
  const more =
    end < page.items.length
      ? { token: wire.pages.token(pageKey(api), page.version, page.items, end), left: page.items.length - end }
      : undefined
  if (wantsTable(request)) return jsonAnswer(200, tableText(api, items, String(page.version), more))
  if (wantsMetadata(request)) return jsonAnswer(200, metadataList(api, items, String(page.version), more))
  return jsonAnswer(200, listText(api, items, page.version, more))
}

function firstPage(api: ApiRequest): { version: number; items: readonly StoredObject[]; offset: number } {
  const { store } = api.wire.world
  const exact = api.request.query.get('resourceVersionMatch') === 'Exact' ? askedVersion(api) : undefined
  if (exact !== undefined) assertStillSo(api, exact)
  return { version: exact ?? store.version(), items: selected(selectionOf(api)), offset: 0 }
}

/** The past is not kept: a list of an exact version is there while nothing of its kind has changed since. Throws StatusError 410. */
function assertStillSo({ wire, target }: ApiRequest, version: number): void {
  const since = wire.world.store.since(version)
  if (since?.every(({ object }) => object.kind !== target.kind.kind) === true) return
  fail(410, 'Expired', 'The resourceVersion for the provided list is too old.')
}

function pageKey({ request, target }: ApiRequest): string {
  const { query } = request
  return [target.kind.plural, target.namespace ?? '', query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''].join(' ')
}

function listText(api: ApiRequest, items: readonly StoredObject[], version: number, more: MorePages | undefined): string {
  const { kind } = api.target
  const head = JSON.stringify({
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: listMetadata(api, String(version), more),
  })
  const references = referencesFor(api)
  const text = (item: StoredObject): string => references?.giveItem(kind, item) ?? itemText(kind, item)
  return `${head.slice(0, -1)},"items":[${items.map(text).join(',')}]}`
}

function referencesFor({ wire, request }: ApiRequest): References | undefined {
  return wantsReferences(request) ? wire.references : undefined
}

/** The version a request names, or undefined. Throws StatusError 500 for what is no version, as the API server does. */
function askedVersion({ request }: ApiRequest): number | undefined {
  const text = request.query.get('resourceVersion')
  if (text === null || text === '') return undefined
  if (!/^\d+$/.test(text)) return fail(500, 'InternalError', `Internal error occurred: invalid resource version "${text}"`)
  return Number(text)
}

function assertVersionReached(api: ApiRequest): void {
  const asked = askedVersion(api)
  const current = api.wire.world.store.version()
  if (asked === undefined || asked <= current) return
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  fail(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, { causes, retryAfterSeconds: 1 })
}

const STREAM_HEADERS = { 'content-type': 'application/json', 'transfer-encoding': 'chunked', 'cache-control': 'no-cache, private' }

/**
 * A watch: from a version, or with what exists first when no version (or 0) is asked, or when the reader wants a
 * watch-list (`sendInitialEvents=true`), whose end a bookmark marks.
 */
export function watchObjects(api: ApiRequest): StreamAnswer {
  requireFittingVersions(api, true)
  assertVersionReached(api)
  const selection = selectionOf(api)
  const asked = askedVersion(api)
  return {
    status: 200,
    headers: STREAM_HEADERS,
    open(write, end) {
      return api.wire.watches.open(watchSpec(api, selection, asked), write, end)
    },
  }
}

function watchSpec(api: ApiRequest, selection: Selection, asked: number | undefined): WatchSpec {
  const { wire, request, target } = api
  const { query } = request
  const watchList = query.get('sendInitialEvents') === 'true'
  const withInitial = watchList || asked === undefined || asked === 0
  const bookmarks = query.get('allowWatchBookmarks') === 'true'
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  return {
    kind: target.kind.kind,
    apiVersion: apiVersionOf(target.kind),
    matches: target.kind.alwaysEmpty === true ? () => false : selection.matches,
    initial: withInitial ? selected(selection) : undefined,
    from: withInitial ? wire.world.store.version() : asked,
    markInitialEnd: watchList && bookmarks,
    bookmarks,
    timeoutMilliseconds: seconds > 0 ? seconds * 1000 : undefined,
    line: wantsTable(request) ? tableLine(api) : wantsMetadata(request) ? metadataLine : eventLine(target.kind, referencesFor(api)),
  }
}
