import { Readable } from 'node:stream'
import type { EKSClientConfig } from '@aws-sdk/client-eks'
import type { WireAnswer } from '../message.ts'
import { CUT, firstHalf, lowerCaseHeaders } from '../message.ts'
import { stamp } from '../skew.ts'
import type { Wire } from '../wire.ts'
import { answerAws } from './answer.ts'
import { noteOutput } from './references.ts'

export type AwsRequestHandler = NonNullable<EKSClientConfig['requestHandler']>

export type AwsSigner = NonNullable<EKSClientConfig['signer']>

/** Says when a request is asked, as a signature would, and signs nothing: nobody in the same process reads the signature, which costs more than most answers. */
export const DATING_SIGNER = {
  async sign(
    request: { readonly headers: Readonly<Record<string, string>> },
    { signingDate = new Date() }: { signingDate?: Date | string | number },
  ) {
    return { ...request, headers: { ...request.headers, 'x-amz-date': stamp(new Date(signingDate).getTime()) } }
  },
} as unknown as AwsSigner

/** What the SDK clients hand over to a request handler; their own type is not exported by them. */
interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Answers the requests of SDK clients without sockets. `during` surrounds each, so that a clock can wait for it. */
export function createRequestHandler(wire: Wire, during: <T>(work: () => Promise<T>) => Promise<T>): AwsRequestHandler {
  const handle = async (request: SdkRequest, options?: { abortSignal?: { aborted: boolean } }) => {
    if (options?.abortSignal?.aborted) throw Object.assign(new Error('Request aborted'), { name: 'AbortError' })
    const answer = await during(() => answerAws(wire, wireRequest(request)))
    if (answer === CUT) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    return { response: responseOf(answer) }
  }
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle,
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  } as AwsRequestHandler
}

function responseOf(answer: WireAnswer): object {
  const head = { statusCode: answer.status, headers: { ...answer.headers } }
  if (answer.truncated === true) return { ...head, body: Readable.from(cutOff(answer.body)) }
  if (answer.output === undefined) return { ...head, body: Buffer.from(answer.body as string) }
  const response = {
    ...head,
    get body() {
      return Buffer.from(answer.body as string)
    },
  }
  noteOutput(response, answer.output)
  return response
}

async function* cutOff(body: string | Buffer): AsyncGenerator<Buffer> {
  yield firstHalf(body)
  throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
}

function wireRequest({ method, path, query = {}, headers, body }: SdkRequest) {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value ?? '']) parameters.append(name, item)
  }
  return { method, path, query: parameters, headers: lowerCaseHeaders(headers), body: bytesOf(body) }
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  // Buffer.from(body) would ask it for its text, against which the SDK's own body type warns.
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  throw new Error('the sandbox takes no streaming request bodies')
}
