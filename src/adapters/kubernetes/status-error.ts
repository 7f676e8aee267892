import type { ErrorCode } from '../../errors/catalogue.ts'
import { SerinError } from '../../errors/serin-error.ts'
import { networkFailure, neverSent } from '../network-error.ts'

/** The body of a Kubernetes error, as far as it is read. */
interface Status {
  readonly kind?: string
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'REMOTE_CREDENTIALS',
  403: 'REMOTE_DENIED',
  404: 'REMOTE_NOT_FOUND',
  409: 'REMOTE_CONFLICT',
  429: 'REMOTE_THROTTLED',
}

/** An answer with an error status as a SerinError. Bodies arrive as text: a Status as JSON, or whatever stands in between. */
export function statusError(operation: string, status: number, body: string, mutating: boolean): SerinError {
  const found = statusOf(body)
  const code = codeOf(status, found, body)
  const lost = mutating && (code === 'REMOTE_UNAVAILABLE' || code === 'REMOTE_MALFORMED')
  const cause = found?.details?.causes?.[0]
  return new SerinError(code, `${operation}: ${messageOf(status, found)}`, {
    operation,
    status,
    remoteCode: cause?.reason ?? found?.reason ?? String(status),
    ...(lost ? { ambiguous: true } : {}),
  })
}

/** A request that got no answer. What is no network failure is handed back as it is. */
export function noAnswer(operation: string, error: unknown, mutating: boolean): unknown {
  if (error instanceof SerinError) return error
  const code = networkFailure(error)
  if (code === undefined) return error
  const text = error instanceof Error && error.message !== '' ? `: ${error.message}` : ''
  const details = { operation, remoteCode: code, ...(mutating && !neverSent(code) ? { ambiguous: true } : {}) }
  return new SerinError('REMOTE_UNAVAILABLE', `${operation}: no answer (${code}${text})`, details, error)
}

/** An answer with a good status that is not what was asked for: HTML of a proxy, half a document. */
export function malformedAnswer(operation: string, body: string, mutating: boolean, cause?: unknown): SerinError {
  const what = looksLikeHtml(body) ? 'HTML' : 'no JSON of Kubernetes'
  return new SerinError(
    'REMOTE_MALFORMED',
    `${operation}: the answer is ${what}`,
    { operation, ...(mutating ? { ambiguous: true } : {}) },
    cause,
  )
}

function codeOf(status: number, found: Status | undefined, body: string): ErrorCode {
  if (status >= 500) return 'REMOTE_UNAVAILABLE'
  if (found === undefined && looksLikeHtml(body)) return 'REMOTE_MALFORMED'
  if (status < 400) return 'REMOTE_MALFORMED'
  return CODES[status] ?? 'REMOTE_REFUSED'
}

function messageOf(status: number, found: Status | undefined): string {
  const causes = (found?.details?.causes ?? []).map((cause) => cause.message).filter((text) => text !== undefined && text !== '')
  const message = found?.message ?? `HTTP ${status}`
  return causes.length > 0 && !causes.some((text) => message.includes(text ?? '')) ? `${message} (${causes.join('; ')})` : message
}

function statusOf(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status' ? (value as Status) : undefined
  } catch {
    return undefined
  }
}

function looksLikeHtml(body: string): boolean {
  return /^\s*<(!doctype|html|head|body)/i.test(body)
}
