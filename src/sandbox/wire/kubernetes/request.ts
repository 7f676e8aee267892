import type { StoredObject } from '../../contract.ts'
import { isRecord } from '../../record.ts'
import type { WireRequest } from '../message.ts'
import type { Wire } from '../wire.ts'
import { decoded } from './protobuf/decode.ts'
import { readEnvelope } from './protobuf/fields.ts'
import { fail } from './status.ts'
import type { Target } from './target.ts'

/** A request to an address the API server has, with the world it is about. */
export interface ApiRequest {
  readonly wire: Wire
  readonly request: WireRequest
  readonly target: Target
  /** What the client is to be warned of; grows while the request is answered. */
  readonly warnings: string[]
}

/** The object a request names. Throws StatusError 404. */
export function named({ target }: ApiRequest): { readonly namespace: string | undefined; readonly name: string } {
  if (target.name === undefined) return fail(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  return { namespace: target.namespace, name: target.name }
}

export type Body = Record<string, unknown>

/** The body of a request, whichever of JSON and protobuf it came in. Throws StatusError 400, or 415 for an unknown message. */
export function jsonBody({ request }: Pick<ApiRequest, 'request'>): Body {
  const envelope = readEnvelope(request.body)
  if (envelope !== undefined) return decoded(envelope) ?? unreadable(envelope.kind)
  try {
    const body: unknown = JSON.parse(request.body.toString())
    if (isRecord(body)) return body
  } catch {
    // Answered below, as is JSON of another shape.
  }
  return fail(400, 'BadRequest', 'the request body is not a JSON object')
}

function unreadable(kind: string): never {
  return fail(415, 'UnsupportedMediaType', `the sandbox reads ${kind} as JSON only, not as application/vnd.kubernetes.protobuf`)
}

export function isDryRun({ request }: Pick<ApiRequest, 'request'>, body?: Body): boolean {
  const options = body?.dryRun
  return request.query.get('dryRun') === 'All' || (Array.isArray(options) && options.includes('All'))
}

/** A member of an object as a record, empty when it is absent or something else. */
export function recordAt(object: StoredObject | Record<string, unknown>, member: string): Record<string, unknown> {
  const value = (object as Record<string, unknown>)[member]
  return isRecord(value) ? value : {}
}
