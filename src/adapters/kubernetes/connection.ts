import { type Dispatcher, request } from 'undici'
import { SECOND } from '../../model/instant.ts'
import type { AnswerForm } from '../transport.ts'
import { noAnswer, statusError } from './status-error.ts'

type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface RequestOptions {
  readonly query?: Query
  readonly body?: unknown
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The bare HTTP of one API server, over one shared dispatcher. */
export interface Connection {
  readonly endpoint: string
  readonly certificateAuthorityData?: string
  /** The value of a good answer's text, or of a line of a stream. Throws a SyntaxError for what is none. */
  decode(text: string): unknown
  /** The body of a good answer as text. Throws SerinError with a REMOTE_* code. */
  request(method: string, path: string, options?: RequestOptions): Promise<string>
  /** An answer that goes on: its chunks as they come. Throws what `request` throws until the answer has begun. */
  stream(path: string, query: Query, signal: AbortSignal): Promise<AsyncIterable<Buffer>>
}

export interface ConnectionSettings {
  readonly endpoint: string
  readonly certificateAuthorityData?: string
  readonly dispatcher: Dispatcher
  /** JSON when it does not say. */
  readonly form?: AnswerForm
  /** `authorization` and whatever else authenticates a request; asked for each one. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>
}

const JSON_FORM: AnswerForm = { accept: 'application/json', decode: JSON.parse }

const HEADERS_TIMEOUT = 30 * SECOND
const BODY_TIMEOUT = 60 * SECOND

export function createConnection(settings: ConnectionSettings): Connection {
  const base = new URL(settings.endpoint)
  const { accept, decode } = settings.form ?? JSON_FORM
  const send = async (method: string, path: string, options: RequestOptions & { bodyTimeout: number; signal?: AbortSignal }) => {
    const headers = await settings.headers()
    const body = options.body === undefined ? undefined : JSON.stringify(options.body)
    return request(urlOf(base, path, options.query), {
      method: method as Dispatcher.HttpMethod,
      dispatcher: settings.dispatcher,
      headers: {
        accept,
        'user-agent': 'serin',
        ...headers,
        ...options.headers,
        ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      body,
      headersTimeout: HEADERS_TIMEOUT,
      bodyTimeout: options.bodyTimeout,
      signal: options.signal,
    })
  }
  return {
    endpoint: settings.endpoint,
    certificateAuthorityData: settings.certificateAuthorityData,
    decode,
    async request(method, path, options = {}) {
      const operation = operationOf(method, path)
      const mutating = method !== 'GET'
      const { status, text } = await answered(operation, mutating, async () => {
        const answer = await send(method, path, { ...options, bodyTimeout: BODY_TIMEOUT })
        return { status: answer.statusCode, text: await answer.body.text() }
      })
      if (status < 200 || status > 299) throw statusError(operation, status, text, mutating)
      return text
    },
    async stream(path, query, signal) {
      const operation = operationOf('WATCH', path)
      const answer = await answered(operation, false, () => send('GET', path, { query, bodyTimeout: 0, signal }))
      if (answer.statusCode === 200) return answer.body
      const text = await answered(operation, false, () => answer.body.text())
      throw statusError(operation, answer.statusCode, text, false)
    },
  }
}

/** `kubernetes:GET /api/v1/nodes` */
export function operationOf(method: string, path: string): string {
  return `kubernetes:${method} ${path}`
}

async function answered<T>(operation: string, mutating: boolean, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    throw noAnswer(operation, error, mutating)
  }
}

function urlOf(base: URL, path: string, query: Query = {}): string {
  const url = new URL(base.pathname.replace(/\/$/, '') + path, base)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url.href
}
