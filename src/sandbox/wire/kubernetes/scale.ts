import type { StoredObject } from '../../contract.ts'
import { mergePatch } from '../../merge-patch.ts'
import { isRecord } from '../../record.ts'
import type { WireAnswer } from '../message.ts'
import { currentObject } from './read.ts'
import type { ApiRequest } from './request.ts'
import { jsonBody, recordAt } from './request.ts'
import { fail, jsonAnswer } from './status.ts'
import { assertUnchanged, storeChange } from './write.ts'

/** GET, PUT and PATCH of the scale subresource: `spec.replicas` of a workload in the form of autoscaling/v1. */
export function scaleObject(api: ApiRequest): WireAnswer {
  const current = currentObject(api)
  if (api.request.method === 'GET') return jsonAnswer(200, scaleOf(current))
  const body = jsonBody(api)
  const wanted = api.request.method === 'PUT' ? body : mergePatch(scaleOf(current), body)
  if (!isRecord(wanted)) return fail(400, 'BadRequest', 'the request body is not a Scale')
  assertUnchanged(api, current, wanted)
  const replicas = Number(recordAt(wanted, 'spec').replicas)
  if (!Number.isInteger(replicas) || replicas < 0)
    fail(422, 'Invalid', `Scale "${current.metadata.name}" is invalid: spec.replicas: Invalid value: must be greater than or equal to 0`)
  return jsonAnswer(200, scaleOf(storeChange(api, (object) => ({ ...object, spec: { ...recordAt(object, 'spec'), replicas } }))))
}

function scaleOf(object: StoredObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas = 0, selector } = recordAt(object, 'spec')
  const labels = isRecord(selector) && isRecord(selector.matchLabels) ? selector.matchLabels : {}
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas },
    status: {
      replicas: recordAt(object, 'status').replicas ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(','),
    },
  }
}
