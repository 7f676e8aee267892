import { readFileSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, it } from 'vitest'
import type { World } from '../../src/sandbox/contract.ts'
import { serveWorld } from '../../src/sandbox/serve.ts'
import { sandboxToken } from '../../src/sandbox/wire/kubernetes/presigned.ts'
import { type OpenWorldOptions, openWorld } from '../../src/sandbox/world/open.ts'

/** The cluster the suite is about: the sandbox over loopback TLS, or the one that SERIN_CONTRACT_KUBECONFIG names. */
export interface Target {
  /** A namespace of the suite's own; it is taken away at the end. */
  readonly namespace: string
  ask(path: string, options?: AskOptions): Promise<Reply>
  /** The simulated world; a real cluster has none. */
  readonly world?: () => World
  /** Opens a watch; `next` waits for its next event, undefined at its end. */
  watch(path: string): Promise<{ readonly status: number; next(): Promise<WatchEvent | undefined>; stop(): void }>
}

export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  /** Without any credentials of the target's. */
  readonly stranger?: boolean
  /** The content type of a body; JSON unless said otherwise. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

// biome-ignore lint/suspicious/noExplicitAny: answers of an API are read member by member, as its documentation has them
export type Json = any

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: Json
}

export interface WatchEvent {
  readonly type: string
  readonly object: Json
}

const KUBECONFIG = process.env.SERIN_CONTRACT_KUBECONFIG

interface Access {
  readonly world?: World
  readonly url: string
  readonly agent: Agent
  /** Shows no certificate. */
  readonly stranger: Agent
  readonly headers: Readonly<Record<string, string>>
  close(): Promise<void>
}

async function toSandbox(scenarios: OpenWorldOptions['scenarios']): Promise<Access> {
  const world = openWorld({ world: readFileSync('plans/worlds/small.yaml', 'utf8'), scenarios })
  const served = await serveWorld(world, { strict: true })
  const agent = new Agent({ connect: { ca: served.authority.certificate } })
  const { name, region } = world.cluster
  return {
    url: served.kubernetesUrl,
    agent,
    stranger: agent,
    world,
    headers: { authorization: `Bearer ${sandboxToken(name, region)}` },
    async close() {
      await agent.destroy()
      await served.close()
    },
  }
}

async function toCluster(file: string): Promise<Access> {
  const config = new KubeConfig()
  config.loadFromFile(file)
  const options: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized?: boolean; headers?: Record<string, string> } = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, rejectUnauthorized, headers = {} } = options
  const agent = new Agent({ connect: { ca, cert, key, rejectUnauthorized } as never })
  const stranger = new Agent({ connect: { ca, rejectUnauthorized } as never })
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return {
    url: config.getCurrentCluster()?.server ?? '',
    agent,
    stranger,
    headers: lower,
    async close() {
      await Promise.all([agent.destroy(), stranger.destroy()])
    },
  }
}

/** Opens the target for the tests of a file, with a namespace of its own; closes it after them. A real cluster has no scenarios. */
export function contractTarget(file: string, scenarios: OpenWorldOptions['scenarios'] = []): Target {
  const namespace = `serin-contract-${file}${KUBECONFIG === undefined ? '' : `-${process.pid}`}`
  let access: Access
  const send = (path: string, { method = 'GET', body, type = 'application/json', headers = {}, stranger = false }: AskOptions = {}) =>
    request(`${access.url}${path}`, {
      dispatcher: stranger ? access.stranger : access.agent,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'serin-contract/1',
        ...(stranger ? {} : access.headers),
        'content-type': type,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    })
  const worldOf = (): World => {
    if (access.world === undefined) throw new Error('A real cluster is no simulated world.')
    return access.world
  }
  const target: Target = {
    namespace,
    ...(KUBECONFIG === undefined ? { world: worldOf } : {}),
    async ask(path, options) {
      const answer = await send(path, options)
      const text = await answer.body.text()
      return { status: answer.statusCode, headers: answer.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
    },
    async watch(path) {
      const answer = await send(path)
      answer.body.on('error', () => {})
      const lines = linesOf(answer.body)
      return {
        status: answer.statusCode,
        async next() {
          const { value, done } = await lines.next()
          return done === true ? undefined : JSON.parse(value)
        },
        stop: () => answer.body.destroy(),
      }
    },
  }
  beforeAll(async () => {
    access = await (KUBECONFIG === undefined ? toSandbox(scenarios) : toCluster(KUBECONFIG))
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
    const made = await target.ask('/api/v1/namespaces', { method: 'POST', body })
    if (made.status !== 201) throw new Error(`The namespace ${namespace} cannot be made: ${made.text}`)
  })
  afterAll(async () => {
    await target.ask(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' })
    await access.close()
  })
  return target
}

/** A test that needs the simulated world; with a real cluster it is skipped by its name. */
export const inSandbox = it.skipIf(KUBECONFIG !== undefined)

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = `${rest}${Buffer.from(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  return undefined
}
