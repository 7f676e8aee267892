import { Dispatcher } from 'undici'
import type { StreamAnswer, WireAnswer, WireRequest } from '../message.ts'
import { CUT, firstHalf, lowerCaseHeaders } from '../message.ts'
import type { Wire } from '../wire.ts'
import { answerKubernetes } from './answer.ts'

type During = <T>(work: () => Promise<T>) => Promise<T>
type Handler = Dispatcher.DispatchHandler

/** Answers Kubernetes requests without sockets, for undici's `request` and `fetch` alike: calls, watches and logs. */
export class KubernetesDispatcher extends Dispatcher {
  readonly #wire: Wire
  readonly #during: During

  constructor(wire: Wire, during: During) {
    super()
    this.#wire = wire
    this.#during = during
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean {
    const exchange = new Exchange(handler)
    void this.#during(() => this.#serve(options, exchange)).catch((error: unknown) => exchange.fail(error))
    return true
  }

  async #serve(options: Dispatcher.DispatchOptions, exchange: Exchange): Promise<void> {
    handlerStart(exchange)
    const answer = await answerKubernetes(this.#wire, await wireRequest(options))
    if (answer === CUT) return exchange.fail(closedByOtherSide())
    exchange.answer(answer)
  }

  override async close(): Promise<void> {}

  override async destroy(): Promise<void> {}
}

function closedByOtherSide(): Error {
  return Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
}

function handlerStart(exchange: Exchange): void {
  exchange.handler.onRequestStart?.(exchange, undefined)
}

/** One request being answered; also the controller by which its reader pauses and aborts it. */
class Exchange implements Dispatcher.DispatchController {
  readonly handler: Handler
  aborted = false
  paused = false
  reason: Error | null = null
  /** `fetch` sees no headers at all unless they are here, as a flat list of names and values. */
  rawHeaders: Buffer[] = []
  rawTrailers: Buffer[] = []
  #held: (() => void)[] = []
  #gathered = ''
  #stop: () => void = () => {}
  #ended = false

  constructor(handler: Handler) {
    this.handler = handler
  }

  answer(answer: WireAnswer | StreamAnswer): void {
    if (this.aborted) return
    this.rawHeaders = Object.entries(answer.headers).flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)])
    this.handler.onResponseStart?.(this, answer.status, { ...answer.headers }, '')
    if ('open' in answer) {
      const stop = answer.open(
        (text) => this.#gather(text),
        () => this.#end(),
        () => this.#breakOff(),
      )
      if (this.aborted) stop()
      else this.#stop = stop
      return
    }
    if (answer.truncated === true) {
      this.#write(firstHalf(answer.body))
      this.#breakOff()
      return
    }
    this.#write(answer.body)
    this.#end()
  }

  abort(reason: Error): void {
    if (this.aborted || this.#ended) return
    this.fail(reason)
  }

  fail(error: unknown): void {
    if (this.aborted || this.#ended) return
    this.aborted = true
    this.reason = error instanceof Error ? error : new Error(String(error))
    this.#held = []
    this.#stop()
    this.handler.onResponseError?.(this, this.reason)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    while (!this.paused && this.#held.length > 0) this.#held.shift()?.()
  }

  /** Lines that one jump of time brings go over in one piece, as they would from a socket. */
  #gather(text: string): void {
    if (this.#gathered === '') queueMicrotask(() => this.#flush())
    this.#gathered += text
  }

  #flush(): void {
    const text = this.#gathered
    this.#gathered = ''
    if (text !== '') this.#write(text)
  }

  #write(text: string | Buffer): void {
    this.#step(() => this.handler.onResponseData?.(this, Buffer.from(text as string)))
  }

  #end(): void {
    this.#flush()
    this.#step(() => {
      this.#ended = true
      this.handler.onResponseEnd?.(this, {})
    })
  }

  /** A socket hands over what arrived before it says that it was closed: who reads has a turn for that. */
  #breakOff(): void {
    this.#flush()
    this.#step(() => void setImmediate(() => this.fail(closedByOtherSide())))
  }

  /** In order, and not before the reader is ready for it. */
  #step(step: () => void): void {
    if (this.aborted || this.#ended) return
    if (this.paused || this.#held.length > 0) this.#held.push(step)
    else step()
  }
}

async function wireRequest(options: Dispatcher.DispatchOptions): Promise<WireRequest> {
  const [path = '', queryText = ''] = options.path.split('?')
  const query = new URLSearchParams(queryText)
  for (const [name, value] of Object.entries(options.query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) query.append(name, String(item))
  }
  return { method: options.method, path, query, headers: headersOf(options.headers), body: await bytesOf(options.body) }
}

function headersOf(headers: Dispatcher.DispatchOptions['headers']): Record<string, string> {
  if (headers === undefined || headers === null) return {}
  if (!Array.isArray(headers)) {
    const record = Symbol.iterator in headers ? Object.fromEntries(headers) : headers
    return lowerCaseHeaders(record as Record<string, string | string[] | undefined>)
  }
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < headers.length; at += 2) pairs.push([String(headers[at]), String(headers[at + 1])])
  return lowerCaseHeaders(Object.fromEntries(pairs))
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as string)
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<string | Uint8Array>) chunks.push(Buffer.from(chunk as string))
  return Buffer.concat(chunks)
}
