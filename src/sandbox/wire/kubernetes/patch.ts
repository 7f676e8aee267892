import { parse } from 'yaml'
import type { StoredObject } from '../../contract.ts'
import { mergePatch } from '../../merge-patch.ts'
import { isRecord } from '../../record.ts'
import { jsonPatch } from '../../world/kubernetes/patch/json-patch.ts'
import { strategicPatch } from '../../world/kubernetes/patch/strategic-patch.ts'
import type { WireAnswer } from '../message.ts'
import { applyPatch } from './apply-patch.ts'
import { assertLeaseTimes } from './lease.ts'
import { objectText } from './object-text.ts'
import { currentObject } from './read.ts'
import type { ApiRequest, Body } from './request.ts'
import { named } from './request.ts'
import { fail, jsonAnswer } from './status.ts'
import { assertUnchanged, createFrom, storeChange } from './write.ts'

type Patch = (target: unknown, patch: unknown) => unknown

const APPLY = 'application/apply-patch+yaml'

const PATCHES: Readonly<Record<string, Patch>> = {
  'application/json-patch+json': (target, patch) => (Array.isArray(patch) ? jsonPatch(target, patch) : notAPatch()),
  'application/merge-patch+json': (target, patch) => (isRecord(patch) ? mergePatch(target, patch) : notAPatch()),
  'application/strategic-merge-patch+json': (target, patch) => (isRecord(patch) ? strategicPatch(target, patch) : notAPatch()),
  [APPLY]: (target, patch) => (isRecord(patch) ? applyPatch(target, patch) : notAPatch()),
}

export function patchObject(api: ApiRequest): WireAnswer {
  const type = (api.request.headers['content-type'] ?? '').split(';')[0] ?? ''
  const patch = PATCHES[type]
  if (patch === undefined) return fail(415, 'UnsupportedMediaType', unsupported(type))
  const body = patchBody(api, type)
  if (type === APPLY) {
    if (!api.request.query.get('fieldManager'))
      fail(400, 'BadRequest', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
    if (!exists(api)) return jsonAnswer(201, objectText(api.target.kind, createFrom(api, createdByApply(api, body))))
  }
  return jsonAnswer(200, objectText(api.target.kind, patchStored(api, patch, body)))
}

/** Patches the object a request names. Throws StatusError 404, 409, 422. */
function patchStored(api: ApiRequest, patch: Patch, body: unknown): StoredObject {
  const current = currentObject(api)
  return storeChange(api, () => {
    const next = patch(current, body)
    if (!isRecord(next)) return notAPatch()
    assertUnchanged(api, current, next)
    if (api.target.kind.kind === 'Lease') assertLeaseTimes(next)
    return next
  })
}

function patchBody(api: ApiRequest, type: string): unknown {
  const text = api.request.body.toString()
  try {
    return type === APPLY ? parse(text) : JSON.parse(text)
  } catch {
    return notAPatch()
  }
}

function exists(api: ApiRequest): boolean {
  const { namespace, name } = named(api)
  return api.wire.world.store.get(api.target.kind.kind, namespace, name) !== undefined
}

function createdByApply(api: ApiRequest, body: unknown): Body {
  if (!isRecord(body)) return notAPatch()
  return { ...body, metadata: { ...(isRecord(body.metadata) ? body.metadata : {}), name: named(api).name } }
}

function notAPatch(): never {
  return fail(400, 'BadRequest', 'the request body is not a patch of the type its content type says')
}

function unsupported(type: string): string {
  return `the body of the request was in an unknown format (${type}) - accepted media types include: ${Object.keys(PATCHES).join(', ')}`
}
