import { Dispatcher } from 'undici'
import { type Connection, createConnection } from '../../../src/adapters/kubernetes/connection.ts'

export interface KubeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface KubeAnswer {
  readonly status?: number
  readonly body?: unknown
  /** No answer at all: the code of the socket's error. */
  readonly fails?: string
  /** Keeps the answer open: a watch. */
  readonly open?: (watch: OpenWatch) => void
}

/** A watch from the server's side. */
export interface OpenWatch {
  readonly query: URLSearchParams
  readonly aborted: boolean
  send(type: string, object: unknown): void
  write(text: string | Buffer): void
  /** The server ends it in good order. */
  end(): void
  /** The connection is lost. */
  cut(): void
}

/** An API server without sockets: answers what it is told to, and remembers what it was asked. */
export class ApiServer extends Dispatcher {
  readonly asked: KubeRequest[] = []
  readonly #answer: (request: KubeRequest) => KubeAnswer

  constructor(answer: (request: KubeRequest) => KubeAnswer) {
    super()
    this.#answer = answer
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const url = new URL(options.path, 'https://api.invalid')
    const headers = Object.fromEntries(Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]))
    const request = { method: options.method, path: url.pathname, query: url.searchParams, headers, body: String(options.body ?? '') }
    this.asked.push(request)
    const answer = this.#answer(request)
    setImmediate(() => serve(answer, request, handler))
    return true
  }

  override async close(): Promise<void> {}
  override async destroy(): Promise<void> {}

  connection(): Connection {
    return createConnection({
      endpoint: 'https://api.invalid',
      certificateAuthorityData: 'Q0E=',
      dispatcher: this,
      headers: async () => ({ authorization: 'Bearer k8s-aws-v1.example' }),
    })
  }
}

function serve(answer: KubeAnswer, request: KubeRequest, handler: Dispatcher.DispatchHandler): void {
  let over = false
  const controller = {
    aborted: false,
    paused: false,
    reason: null as Error | null,
    rawHeaders: [] as Buffer[],
    rawTrailers: [] as Buffer[],
    pause() {},
    resume() {},
    abort(reason: Error) {
      if (over) return
      over = true
      controller.aborted = true
      controller.reason = reason
      handler.onResponseError?.(controller, reason)
    },
  }
  handler.onRequestStart?.(controller, undefined)
  if (over) return
  if (answer.fails !== undefined) {
    controller.abort(Object.assign(new Error('other side closed'), { code: answer.fails }))
    return
  }
  handler.onResponseStart?.(controller, answer.status ?? 200, {}, '')
  const write = (text: string | Buffer): void => {
    if (!over) handler.onResponseData?.(controller, Buffer.from(text))
  }
  const end = (): void => {
    if (over) return
    over = true
    handler.onResponseEnd?.(controller, {})
  }
  if (answer.open === undefined) {
    write(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}))
    end()
    return
  }
  answer.open({
    query: request.query,
    get aborted() {
      return controller.aborted
    },
    send: (type, object) => write(`${JSON.stringify({ type, object })}\n`),
    write,
    end,
    cut: () => controller.abort(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })),
  })
}

/** A Status as the API server words an error. */
export function status(
  code: number,
  reason: string,
  message: string,
  causes: readonly { reason: string; message: string }[] = [],
): KubeAnswer {
  const details = causes.length === 0 ? {} : { details: { causes } }
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code, ...details } }
}
