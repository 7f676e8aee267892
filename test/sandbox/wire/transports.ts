import type { EKSClientConfig } from '@aws-sdk/client-eks'
import type { Dispatcher } from 'undici'
import { Agent, request } from 'undici'
import type { World } from '../../../src/sandbox/contract.ts'
import { connectInProcess } from '../../../src/sandbox/in-process.ts'
import { serveWorld } from '../../../src/sandbox/serve.ts'
import { SANDBOX_CREDENTIALS } from '../../../src/sandbox/wire/credentials.ts'
import { eksToken } from './token.ts'

/** The clients' side of a world, whichever way the bytes go. */
export interface Connection {
  readonly aws: Pick<EKSClientConfig, 'endpoint' | 'credentials' | 'requestHandler' | 'region' | 'maxAttempts'>
  readonly kubernetesUrl: string
  readonly dispatcher: Dispatcher
  close(): Promise<void>
}

export interface Transport {
  readonly title: string
  connect(world: World): Promise<Connection>
}

const COMMON = { region: 'eu-west-1', credentials: SANDBOX_CREDENTIALS, maxAttempts: 1 }

export const IN_PROCESS: Transport = {
  title: 'in process',
  async connect(world) {
    const { transport } = connectInProcess(world, { strict: true })
    const aws = { ...COMMON, endpoint: transport.awsEndpoint, requestHandler: transport.awsRequestHandler }
    return { aws, kubernetesUrl: 'https://kubernetes.sandbox.invalid', dispatcher: transport.dispatcher, async close() {} }
  },
}

/** Served over sockets, with so many of the world's seconds in a real one. */
export const loopbackAt = (speed: number): Transport => ({
  title: 'over loopback',
  async connect(world) {
    const served = await serveWorld(world, { strict: true, speed })
    const dispatcher = new Agent({ connect: { ca: served.authority.certificate } })
    return {
      aws: { ...COMMON, endpoint: served.awsUrl },
      kubernetesUrl: served.kubernetesUrl,
      dispatcher,
      async close() {
        await dispatcher.destroy()
        await served.close()
      },
    }
  },
})

export const TRANSPORTS = [IN_PROCESS, loopbackAt(1)]

/** What the tests read of the objects, lists and tables of the API; everything else they compare as a whole. */
interface ApiObject {
  readonly kind?: string
  readonly metadata?: {
    readonly name?: string
    readonly resourceVersion?: string
    readonly continue?: string
    readonly generation?: number
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly items?: readonly ApiObject[]
  readonly columnDefinitions?: readonly { readonly name: string; readonly priority: number }[]
  readonly rows?: readonly unknown[]
  readonly spec?: { readonly taints?: unknown; readonly template?: { readonly spec?: { readonly containers?: unknown } } }
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: ApiObject
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks the API server of a connection as the cluster's one known identity. */
export async function ask(connection: Connection, path: string, { method = 'GET', body, headers = {} }: Ask = {}): Promise<Reply> {
  const answer = await request(`${connection.kubernetesUrl}${path}`, {
    dispatcher: connection.dispatcher,
    method,
    headers: { authorization: `Bearer ${await eksToken('shop')}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.body.text()
  return { status: answer.statusCode, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} }
}

export interface WatchEvent {
  readonly type: string
  readonly object: ApiObject
}

/** Opens a watch; `next` waits for its next event, undefined at its end; `rest` is what has come of a line that is not whole. */
export async function openWatch(connection: Connection, path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await request(`${connection.kubernetesUrl}${path}`, {
    dispatcher: connection.dispatcher,
    headers: { authorization: `Bearer ${await eksToken('shop')}`, ...headers },
  })
  answer.body.on('error', () => {})
  let rest = ''
  const lines = linesOf(answer.body, (text) => {
    rest = text
  })
  return {
    rest: () => rest,
    status: answer.statusCode,
    async next(): Promise<WatchEvent | undefined> {
      const { value, done } = await lines.next()
      return done === true ? undefined : JSON.parse(value)
    },
    stop: () => answer.body.destroy(),
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>, keep: (rest: string) => void): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = `${rest}${Buffer.from(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    keep(rest)
    yield* lines
  }
  return undefined
}
