import type { StoredObject } from '../../contract.ts'
import { isRecord } from '../../record.ts'
import { conflict, invalid } from '../../world/kubernetes/api/api-errors.ts'
import type { Writing } from '../../world/kubernetes/api/api-server.ts'
import { apiVersionOf } from '../../world/kubernetes/api/kinds.ts'
import type { NewObject } from '../../world/kubernetes/api/requests.ts'
import type { Manager } from '../../world/kubernetes/fields/ownership.ts'
import { notedUpdate } from '../../world/kubernetes/fields/ownership.ts'
import type { WireAnswer } from '../message.ts'
import { fromEventsV1 } from './events-v1.ts'
import { cannotBeHandled, validatedBody } from './field-validation.ts'
import { assertLeaseTimes } from './lease.ts'
import { objectText } from './object-text.ts'
import { readEnvelope } from './protobuf/fields.ts'
import { currentObject } from './read.ts'
import type { ApiRequest, Body } from './request.ts'
import { isDryRun, jsonBody, named, recordAt } from './request.ts'
import { fail, jsonAnswer } from './status.ts'
import { userOf } from './user.ts'

export function createObject(api: ApiRequest): WireAnswer {
  refuseSecrets(api)
  const object = conforming(api, objectBody(api), undefined)
  if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== '')
    fail(500, 'InternalError', 'resourceVersion should not be set on objects to be created')
  const { kind } = api.target
  return jsonAnswer(201, objectText(kind, api.wire.world.api.create({ ...writingOf(api), owned: noting(api) }, kind, object)))
}

/** The object a client sent, held against its kind. */
function objectBody(api: ApiRequest): Body {
  const text = readEnvelope(api.request.body) === undefined ? api.request.body.toString() : ''
  return validatedBody(api, jsonBody(api), text, (problems) => cannotBeHandled(api.target.kind, problems))
}

/** The name under which a request's fields are owned: what it says, else what the client calls itself. */
export function managerOf({ request, target }: ApiRequest, operation: Manager['operation']): Manager {
  const agent = (request.headers['user-agent'] ?? '').split('/')[0] ?? ''
  const manager = request.query.get('fieldManager') || agent || 'unknown'
  return { manager, operation, subresource: target.subresource }
}

/** Notes in managedFields what a write changes. */
function noting(api: ApiRequest): NonNullable<Writing['owned']> {
  return (current, next) => notedUpdate(api.target.kind, managerOf(api, 'Update'), api.wire.world.timeline.now(), current, next)
}

/** Who writes a request, and whether it is a dry run. */
export function writingOf(api: ApiRequest): Writing {
  const { wire, request, target } = api
  const { subresource } = target
  return { user: userOf(wire.world, request), dryRun: isDryRun(api), ...(subresource === undefined ? {} : { subresource }) }
}

function refuseSecrets({ target }: ApiRequest): void {
  if (target.kind.alwaysEmpty === true) fail(501, 'NotImplemented', `the sandbox keeps no ${target.kind.plural}`)
}

/** The body as an object of the kind and place its address says. Throws StatusError 400. */
export function conforming({ target }: ApiRequest, body: Body, name: string | undefined): NewObject {
  const { kind, namespace } = target
  if (body.kind !== undefined && body.kind !== kind.kind)
    fail(400, 'BadRequest', `${String(body.kind)} in version "${kind.version}" cannot be handled as a ${kind.kind}`)
  if (body.apiVersion !== undefined && body.apiVersion !== apiVersionOf(kind)) {
    const expected = `the API version in the data (${String(body.apiVersion)}) does not match the expected API version (${apiVersionOf(kind)})`
    fail(400, 'BadRequest', expected)
  }
  const metadata = recordAt(body, 'metadata')
  const given = metadata.name ?? name
  if (name !== undefined && given !== name)
    fail(400, 'BadRequest', `the name of the object (${String(given)}) does not match the name on the URL (${name})`)
  if (metadata.namespace !== undefined && namespace !== undefined && metadata.namespace !== namespace) {
    fail(400, 'BadRequest', 'the namespace of the provided object does not match the namespace sent on the request')
  }
  if (kind.kind === 'Lease') assertLeaseTimes(body)
  const place = kind.namespaced && namespace !== undefined ? { namespace } : {}
  const named = given === undefined ? {} : { name: given }
  const object = { ...body, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...metadata, ...named, ...place } }
  return (kind.group === 'events.k8s.io' ? fromEventsV1(object) : object) as NewObject
}

/** Kinds that are never replaced without saying which version was seen; custom resources are none either. */
const CONDITIONAL = new Set(
  'Lease PodDisruptionBudget CSIDriver CSINode VolumeAttachment MutatingWebhookConfiguration ValidatingWebhookConfiguration CustomResourceDefinition'.split(
    ' ',
  ),
)

export function replaceObject(api: ApiRequest): WireAnswer {
  const { name } = named(api)
  const { kind } = api.target
  const body = conforming(api, objectBody(api), name)
  const current = currentObject(api)
  const version = body.metadata.resourceVersion
  if ((CONDITIONAL.has(kind.kind) || kind.custom !== undefined) && (version === undefined || version === '')) {
    const problem = {
      field: 'metadata.resourceVersion',
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0x0: must be specified for an update',
    } as const
    throw invalid({ ...kind, kind: kind.plural }, name, [problem])
  }
  assertUnchanged(api, current, body)
  return jsonAnswer(
    200,
    objectText(
      kind,
      storeChange(api, () => body),
    ),
  )
}

/** Throws WireError 409 when the object is no longer the one the writer has seen. */
export function assertUnchanged({ target }: ApiRequest, current: StoredObject, next: { readonly metadata?: unknown }): void {
  const { resourceVersion, uid } = (isRecord(next.metadata) ? next.metadata : {}) as { resourceVersion?: string; uid?: string }
  const { name } = current.metadata
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion)
    throw conflict(target.kind, name, 'the object has been modified; please apply your changes to the latest version and try again')
  if (uid !== undefined && uid !== '' && uid !== current.metadata.uid)
    throw conflict(target.kind, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`)
}

/** Stores what `change` makes of the object a request names, or shows what it would be. */
export function storeChange(
  api: ApiRequest,
  change: (current: StoredObject) => Body,
  writing: Writing = { ...writingOf(api), owned: noting(api) },
): StoredObject {
  const { namespace, name } = named(api)
  const { kind } = api.target
  return api.wire.world.api.update(writing, kind.kind, namespace, name, (current) => change(current) as NewObject)
}
