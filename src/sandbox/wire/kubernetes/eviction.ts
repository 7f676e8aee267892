import { isRecord } from '../../record.ts'
import type { WireAnswer } from '../message.ts'
import { currentObject } from './read.ts'
import type { ApiRequest } from './request.ts'
import { isDryRun, jsonBody, named, recordAt } from './request.ts'
import { fail, jsonAnswer } from './status.ts'
import { assertUnchanged, writingOf } from './write.ts'

const BLOCKED = "Cannot evict pod as it would violate the pod's disruption budget."

/** A bare status, without a reason. Source: kubernetes, pkg/registry/core/pod/storage/eviction.go. */
const AMBIGUOUS = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
}

/**
 * POST pods/NAME/eviction: 201 when the pod goes, 429 without Retry-After and with a cause `DisruptionBudget` when its
 * budget holds it, 500 when two budgets match it.
 */
export function evictPod(api: ApiRequest): WireAnswer {
  const { namespace = '', name } = named(api)
  const body = jsonBody(api)
  const options = isRecord(body.deleteOptions) ? body.deleteOptions : {}
  const current = currentObject(api)
  assertUnchanged(api, current, { metadata: recordAt(options, 'preconditions') })
  api.wire.world.api.admit({ ...writingOf(api), dryRun: isDryRun(api, options) }, 'CREATE', current)
  const outcome = api.wire.world.evict(namespace, name, { dryRun: isDryRun(api, options) })
  if (outcome.evicted) return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
  if (outcome.budgets.length > 1) return jsonAnswer(500, AMBIGUOUS)
  const causes = [{ reason: 'DisruptionBudget', message: outcome.message }]
  return fail(429, 'TooManyRequests', BLOCKED, { causes })
}
