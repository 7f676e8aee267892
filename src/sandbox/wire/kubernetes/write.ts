import { iso } from '../../../model/instant.ts'
import type { KubernetesObject } from '../../../model/kubernetes.ts'
import type { StoredObject } from '../../contract.ts'
import { apiVersionOf, qualifiedName } from '../../world/kubernetes/api/kinds.ts'
import type { WireAnswer } from '../message.ts'
import { fromEventsV1 } from './events-v1.ts'
import { assertLeaseTimes } from './lease.ts'
import { objectText } from './object-text.ts'
import { currentObject } from './read.ts'
import type { ApiRequest, Body } from './request.ts'
import { isDryRun, isRecord, jsonBody, named, recordAt } from './request.ts'
import { detailsOf, fail, jsonAnswer } from './status.ts'

type NewObject = KubernetesObject & Record<string, unknown>

export function createObject(api: ApiRequest): WireAnswer {
  const body = jsonBody(api)
  return jsonAnswer(201, objectText(api.target.kind, createFrom(api, body)))
}

/** Stores a new object, or shows what it would be. Throws StatusError 400 or 422, WireError 409. */
export function createFrom(api: ApiRequest, body: Body): StoredObject {
  const object = conforming(api, body, undefined)
  if (object.metadata.resourceVersion !== undefined)
    fail(500, 'InternalError', 'resourceVersion should not be set on objects to be created')
  const { store } = api.wire.world
  if (!isDryRun(api)) return store.create(object)
  if (store.get(object.kind, object.metadata.namespace, object.metadata.name) === undefined) return imagined(api, object)
  return fail(
    409,
    'AlreadyExists',
    `${qualifiedName(api.target.kind)} "${object.metadata.name}" already exists`,
    detailsOf(api.target.kind, object.metadata.name),
  )
}

function imagined({ wire }: ApiRequest, object: NewObject): StoredObject {
  const creationTimestamp = iso(wire.world.timeline.now()).replace('.000Z', 'Z')
  return { ...object, metadata: { uid: '', resourceVersion: '', creationTimestamp, ...object.metadata } } as StoredObject
}

/** The body as an object of the kind and place its address says. Throws StatusError 400, 422. */
function conforming({ target }: ApiRequest, body: Body, name: string | undefined): NewObject {
  const { kind, namespace } = target
  if (body.kind !== undefined && body.kind !== kind.kind)
    fail(400, 'BadRequest', `${String(body.kind)} in version "${apiVersionOf(kind)}" cannot be handled as a ${kind.kind}`)
  const metadata = recordAt(body, 'metadata')
  const given = metadata.name ?? name
  if (name !== undefined && given !== name)
    fail(400, 'BadRequest', `the name of the object (${String(given)}) does not match the name on the URL (${name})`)
  if (given === undefined && metadata.generateName === undefined) {
    fail(
      422,
      'Invalid',
      `${kind.kind} "" is invalid: metadata.name: Required value: name or generateName is required`,
      detailsOf(kind, undefined),
    )
  }
  if (metadata.namespace !== undefined && namespace !== undefined && metadata.namespace !== namespace) {
    fail(400, 'BadRequest', 'the namespace of the provided object does not match the namespace sent on the request')
  }
  if (kind.kind === 'Lease') assertLeaseTimes(body)
  const place = kind.namespaced && namespace !== undefined ? { namespace } : {}
  const object = { ...body, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...metadata, name: given, ...place } }
  return (kind.group === 'events.k8s.io' ? fromEventsV1(object) : object) as NewObject
}

export function replaceObject(api: ApiRequest): WireAnswer {
  const { name } = named(api)
  const body = conforming(api, jsonBody(api), name)
  const current = currentObject(api)
  const version = body.metadata.resourceVersion
  if (api.target.kind.kind === 'Lease' && (version === undefined || version === '')) {
    fail(
      422,
      'Invalid',
      `leases.coordination.k8s.io "${name}" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`,
      detailsOf(api.target.kind, name),
    )
  }
  assertUnchanged(api, current, body)
  return jsonAnswer(
    200,
    objectText(
      api.target.kind,
      storeChange(api, () => body),
    ),
  )
}

/** Throws StatusError 409 when the object is no longer the one the writer has seen. */
export function assertUnchanged({ target }: ApiRequest, current: StoredObject, next: { readonly metadata?: unknown }): void {
  const { resourceVersion, uid } = (isRecord(next.metadata) ? next.metadata : {}) as { resourceVersion?: string; uid?: string }
  const stale = resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion
  if (!stale && (uid === undefined || uid === '' || uid === current.metadata.uid)) return
  const because = stale
    ? 'the object has been modified; please apply your changes to the latest version and try again'
    : `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`
  const { name } = current.metadata
  fail(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(target.kind)} "${name}": ${because}`,
    detailsOf(target.kind, name),
  )
}

/** Stores what `change` makes of the object a request names, or shows what it would be. */
export function storeChange(api: ApiRequest, change: (current: StoredObject) => Body): StoredObject {
  const { namespace, name } = named(api)
  const { kind } = api.target
  const next = (current: StoredObject): NewObject => settled(api, current, change(current))
  if (!isDryRun(api)) return api.wire.world.store.update(kind.kind, namespace, name, next)
  const current = currentObject(api)
  const shown = next(current)
  return { ...shown, metadata: { ...shown.metadata, resourceVersion: current.metadata.resourceVersion } } as StoredObject
}

/** What a writer cannot change stays: identity and birth; the status, or for the status subresource all but the status. */
function settled({ target }: ApiRequest, current: StoredObject, next: Body): NewObject {
  const hasStatus = target.kind.subresources.includes('status')
  if (target.subresource === 'status') return withStatus({ ...current }, next.status)
  const { uid, creationTimestamp, name, namespace, generation, deletionTimestamp } = current.metadata
  const kept = { uid, creationTimestamp, name, namespace, generation, deletionTimestamp }
  const metadata = { ...recordAt(next, 'metadata'), ...withoutUndefined(kept) }
  const object = { ...next, kind: current.kind, apiVersion: current.apiVersion, metadata } as unknown as NewObject
  return hasStatus ? withStatus(object, current.status) : object
}

function withStatus(object: Body, status: unknown): NewObject {
  const { status: _old, ...rest } = object
  return (status === undefined ? rest : { ...rest, status }) as unknown as NewObject
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
