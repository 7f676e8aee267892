import type { WireError } from '../../contract.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import { qualifiedName } from '../../world/kubernetes/api/kinds.ts'
import type { WireAnswer } from '../message.ts'
import type { Target } from './target.ts'

/** A failure as the API server answers it: thrown anywhere below `answerKubernetes`. */
export interface StatusFailure {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Thrown inside the API server, answered as a `Status`. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly failure: StatusFailure

  constructor(failure: StatusFailure) {
    super(failure.message)
    this.failure = failure
  }
}

export function fail(status: number, reason: string, message: string, details?: Readonly<Record<string, unknown>>): never {
  throw new StatusError({ status, reason, message, ...(details === undefined ? {} : { details }) })
}

export function notFound(kind: ServedKind, name: string): never {
  return fail(404, 'NotFound', `${qualifiedName(kind)} "${name}" not found`, detailsOf(kind, name))
}

export function detailsOf(kind: ServedKind, name: string | undefined): Record<string, unknown> {
  return { ...(name === undefined ? {} : { name }), ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural }
}

/** A store's error as the API server would say it. */
export function failureOf(error: WireError, target: Target | undefined): StatusFailure {
  const details = target === undefined ? undefined : detailsOf(target.kind, target.name)
  return { status: error.status, reason: error.code, message: error.message, ...(details === undefined ? {} : { details }), ...error.extra }
}

export function statusBody(failure: StatusFailure): Record<string, unknown> {
  const { status, reason, message, details } = failure
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code: status,
  }
}

export function failureAnswer(failure: StatusFailure): WireAnswer {
  return jsonAnswer(failure.status, statusBody(failure))
}

export function jsonAnswer(status: number, body: unknown, contentType = 'application/json'): WireAnswer {
  return textAnswer(status, typeof body === 'string' ? body : JSON.stringify(body), contentType)
}

export function textAnswer(status: number, body: string, contentType: string): WireAnswer {
  return { status, headers: { 'content-type': contentType }, body }
}
