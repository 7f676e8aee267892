import { parse } from 'yaml'
import type { StoredObject } from '../../contract.ts'
import { mergePatch } from '../../merge-patch.ts'
import { isRecord } from '../../record.ts'
import { invalid } from '../../world/kubernetes/api/api-errors.ts'
import type { NewObject } from '../../world/kubernetes/api/requests.ts'
import { applied } from '../../world/kubernetes/fields/ownership.ts'
import { jsonPatch } from '../../world/kubernetes/patch/json-patch.ts'
import { strategicPatch } from '../../world/kubernetes/patch/strategic-patch.ts'
import type { WireAnswer } from '../message.ts'
import { fromEventsV1 } from './events-v1.ts'
import { validatedBody } from './field-validation.ts'
import { assertLeaseTimes } from './lease.ts'
import { objectText, seenAs } from './object-text.ts'
import { currentObject } from './read.ts'
import type { ApiRequest, Body } from './request.ts'
import { named } from './request.ts'
import { fail, jsonAnswer } from './status.ts'
import { assertUnchanged, conforming, managerOf, storeChange, writingOf } from './write.ts'

type Patch = (target: unknown, patch: unknown) => unknown

const APPLY = 'application/apply-patch+yaml'
const STRATEGIC = 'application/strategic-merge-patch+json'

const PATCHES: Readonly<Record<string, Patch>> = {
  'application/json-patch+json': (target, patch) => (Array.isArray(patch) ? jsonPatch(target, patch) : notAPatch()),
  'application/merge-patch+json': (target, patch) => (isRecord(patch) ? mergePatch(target, patch) : notAPatch()),
  [STRATEGIC]: (target, patch) => (isRecord(patch) ? strategicPatch(target, patch) : notAPatch()),
}

/** PATCH in its four forms; server-side apply creates what is not there. */
export function patchObject(api: ApiRequest): WireAnswer {
  const type = (api.request.headers['content-type'] ?? '').split(';')[0] ?? ''
  if (type === APPLY) return applyObject(api)
  const patch = PATCHES[type]
  if (patch === undefined || (type === STRATEGIC && api.target.kind.custom !== undefined))
    return fail(415, 'UnsupportedMediaType', unsupported(type))
  return jsonAnswer(200, objectText(api.target.kind, patchStored(api, patch, patchBody(api, JSON.parse))))
}

/** Patches the object a request names. Throws StatusError 400, WireError 404, 409, 422. */
function patchStored(api: ApiRequest, patch: Patch, body: unknown): StoredObject {
  const { kind } = api.target
  const current = currentObject(api)
  return storeChange(api, () => {
    const next = patch(seenAs(kind, current), body)
    if (!isRecord(next)) return notAPatch()
    assertUnchanged(api, current, next)
    if (kind.kind === 'Lease') assertLeaseTimes(next)
    const checked = validatedBody(api, next, isRecord(body) ? api.request.body.toString() : '', (problems) => refusePatch(api, problems))
    return kind.group === 'events.k8s.io' ? fromEventsV1(checked) : checked
  })
}

function refusePatch(api: ApiRequest, problems: string): never {
  const message = `Invalid value: ${JSON.stringify(api.request.body.toString())}: ${problems}`
  throw invalid({ ...api.target.kind, group: '', kind: '' }, '', [{ field: 'patch', reason: 'FieldValueInvalid', message }])
}

function applyObject(api: ApiRequest): WireAnswer {
  const { wire, request, target } = api
  const { namespace, name } = named(api)
  if (!request.query.get('fieldManager'))
    fail(400, 'BadRequest', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
  const given = patchBody(api, parse)
  if (!isRecord(given)) return notAPatch()
  const configuration = configurationOf(api, given, name)
  const force = request.query.get('force') === 'true'
  const apply = (current: StoredObject | undefined): NewObject =>
    applied(target.kind, managerOf(api, 'Apply'), wire.world.timeline.now(), current, configuration, force)
  const current = wire.world.store.get(target.kind.kind, namespace, name)
  if (current === undefined && target.subresource !== undefined) currentObject(api)
  if (current !== undefined) assertUnchanged(api, current, given)
  if (current === undefined) {
    const created = wire.world.api.create(writingOf(api), target.kind, apply(undefined))
    return jsonAnswer(201, objectText(target.kind, created))
  }
  return jsonAnswer(200, objectText(target.kind, storeChange(api, apply, writingOf(api))))
}

function configurationOf(api: ApiRequest, given: Body, name: string): NewObject {
  const { kind, namespace } = api.target
  if (isRecord(given.metadata) && Array.isArray(given.metadata.managedFields) && given.metadata.managedFields.length > 0)
    fail(400, 'BadRequest', 'metadata.managedFields must be nil')
  const place = `${namespace ?? ''}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`
  const undeclared = (problems: string): never => {
    const field = /unknown field "([^"]*)"/.exec(problems)?.[1] ?? ''
    return fail(500, '', `failed to create typed patch object (${place}): .${field}: field not declared in schema`)
  }
  const checked = validatedBody(api, given, '', undeclared, 'Strict')
  const { resourceVersion: _seen, ...metadata } = isRecord(checked.metadata) ? checked.metadata : {}
  return conforming(api, { ...checked, metadata }, name)
}

function patchBody(api: ApiRequest, read: (text: string) => unknown): unknown {
  try {
    return read(api.request.body.toString())
  } catch {
    return notAPatch()
  }
}

function notAPatch(): never {
  return fail(400, 'BadRequest', 'the request body is not a patch of the type its content type says')
}

function unsupported(type: string): string {
  const accepted = [...Object.keys(PATCHES), APPLY].join(', ')
  return `the body of the request was in an unknown format (${type}) - accepted media types include: ${accepted}`
}
