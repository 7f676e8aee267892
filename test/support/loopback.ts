import type { RequestListener } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { STSClient } from '@aws-sdk/client-sts'
import { Agent, Dispatcher } from 'undici'
import type { World } from '../../src/sandbox/contract.ts'
import { type InProcess, type InProcessOptions, worldTimer } from '../../src/sandbox/in-process.ts'
import { createVirtualClock, type SettlingCache, type VirtualClock } from '../../src/sandbox/virtual-clock.ts'
import { answerAws } from '../../src/sandbox/wire/aws/answer.ts'
import { createAuthority } from '../../src/sandbox/wire/certificates.ts'
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/wire/credentials.ts'
import { httpListener } from '../../src/sandbox/wire/http.ts'
import { answerKubernetes } from '../../src/sandbox/wire/kubernetes/answer.ts'
import { createWire } from '../../src/sandbox/wire/wire.ts'

type During = VirtualClock['during']

/** Bytes of a watch need turns of the event loop to come through sockets. */
const BARRIER_TURNS = 100_000
/** Who changes something may look at once: watches have until then to tell. A watch that is broken tells nothing. */
const TELLING_TURNS = 5_000

/**
 * Serves a world over loopback and TLS to clients of the same process, in time that jumps: the same as `connectInProcess`,
 * but for the sockets. Time is held where a client sends, since a request in a socket is under way for nobody else.
 */
export async function connectLoopback(world: World, options: InProcessOptions = {}): Promise<InProcess & { close(): Promise<void> }> {
  const caches = new Set<SettlingCache>()
  const wire = createWire(world, { ...options, later: worldTimer(world), wait: (span) => clock.pause(span) })
  const bookmark = (): number => {
    wire.watches.bookmark()
    return world.store.version()
  }
  const clock = createVirtualClock({ timeline: world.timeline, bookmark, caches, barrierTurns: BARRIER_TURNS })
  const told = async (): Promise<void> => {
    const version = bookmark()
    let reached = false
    void Promise.all([...caches].map((cache) => cache.reached(version))).then(() => {
      reached = true
    })
    for (let turn = 0; turn < TELLING_TURNS && !reached; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  const authority = await createAuthority()
  const { certificate: cert, key } = await authority.issue(['127.0.0.1'])
  const aws = createHttpServer(httpListener((request) => answerAws(wire, request)) as RequestListener)
  const endings = new Endings(clock.during)
  const listener = httpListener((request) => answerKubernetes(wire, request))
  const kubernetes = createHttpsServer({ cert, key }, (request, response) => {
    const watch = request.headers[WATCH]
    if (watch !== undefined) response.once('close', () => endings.sent(String(watch)))
    listener(request, response)
  })
  const awsEndpoint = `http://127.0.0.1:${await listening(aws)}`
  const caData = Buffer.from(authority.certificate).toString('base64')
  world.setApiServer(`https://127.0.0.1:${await listening(kubernetes)}`, caData)
  const agent = new Agent({ connect: { ca: authority.certificate } })
  return {
    transport: {
      awsRequestHandler: holdingAws(clock.during, told),
      awsEndpoint,
      awsCredentials: SANDBOX_CREDENTIALS,
      dispatcher: new HoldingDispatcher(agent, clock.during, told, endings),
    },
    clock,
    settle(cache) {
      caches.add(cache)
      return () => caches.delete(cache)
    },
    async close() {
      await agent.destroy()
      for (const server of [aws, kubernetes]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

type Handle = (
  ...asked: readonly unknown[]
) => Promise<{ readonly response: { readonly body: AsyncIterable<Uint8Array>; readonly headers: object } }>

/** The SDK's own way over sockets; an answer is under way until its body has come. */
function holdingAws(during: During, told: () => Promise<void>): InProcess['transport']['awsRequestHandler'] {
  const own = new STSClient({ region: 'eu-central-1' }).config.requestHandler as unknown as { handle: Handle }
  const handle: Handle = (...asked) =>
    during(async () => {
      const { response } = await own.handle(...asked)
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      await told()
      return { response: Object.assign(response, { body }) } as never
    })
  return { ...own, handle, metadata: { handlerProtocol: 'http/1.1' }, httpHandlerConfigs: () => ({}), updateHttpClientConfig() {} } as never
}

/** By which a watch is known on both sides. */
const WATCH = 'x-watch'

/** A watch that the server has ended is under way until its reader knows: on a busy machine the kernel may hand the end over late. */
class Endings {
  readonly #during: During
  readonly #seen = new Set<string>()
  readonly #awaited = new Map<string, () => void>()

  constructor(during: During) {
    this.#during = during
  }

  sent(watch: string): void {
    if (!this.#seen.has(watch)) void this.#during(() => new Promise<void>((resolve) => this.#awaited.set(watch, resolve)))
  }

  seen(watch: string): void {
    this.#seen.add(watch)
    this.#awaited.get(watch)?.()
  }
}

/** A call is under way until its answer has come, a watch until it has begun, and from its end until that is known. */
class HoldingDispatcher extends Dispatcher {
  readonly #agent: Agent
  readonly #during: During
  readonly #told: () => Promise<void>
  readonly #endings: Endings
  #watches = 0

  constructor(agent: Agent, during: During, told: () => Promise<void>, endings: Endings) {
    super()
    this.#endings = endings
    this.#told = told
    this.#agent = agent
    this.#during = during
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const isWatch = options.path.includes('watch=true')
    const watch = isWatch ? `${++this.#watches}` : undefined
    let over = (): void => {}
    void this.#during(
      () =>
        new Promise<void>((resolve) => {
          over = resolve
        }),
    )
    const changes = options.method !== 'GET'
    const ends = new Set(isWatch ? ['onResponseStart', 'onResponseError'] : ['onResponseEnd', 'onResponseError'])
    const holding = new Proxy(handler, {
      get: (target, name) => {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...given: readonly unknown[]) => {
          if (changes && name === 'onResponseEnd') {
            void this.#told()
              .then(() => Reflect.apply(member, target, given))
              .then(over)
            return
          }
          if (ends.has(String(name))) over()
          const answer: unknown = Reflect.apply(member, target, given)
          if (watch !== undefined && (name === 'onResponseEnd' || name === 'onResponseError')) this.#endings.seen(watch)
          return answer
        }
      },
    })
    const headers = watch === undefined ? options.headers : { ...(options.headers as Record<string, string>), [WATCH]: watch }
    return this.#agent.dispatch({ ...options, headers }, holding)
  }

  override async close(): Promise<void> {}

  override async destroy(): Promise<void> {}
}
