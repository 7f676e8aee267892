import type { RequestListener, Server } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { iso, type Millis } from '../model/instant.ts'
import type { World } from './contract.ts'
import { createScaledClock } from './scaled-clock.ts'
import { answerAws } from './wire/aws/answer.ts'
import type { Authority } from './wire/certificates.ts'
import { createAuthority } from './wire/certificates.ts'
import { httpListener } from './wire/http.ts'
import { answerKubernetes } from './wire/kubernetes/answer.ts'
import type { RequestRecord } from './wire/wire.ts'
import { createWire } from './wire/wire.ts'

export interface ServeOptions {
  /** Virtual seconds per real second; 1 when left out. */
  readonly speed?: number
  /** Told one line of JSON, without its end, for each request received. */
  readonly audit?: (line: string) => void
  /** A handler's output that does not fit the SDK's schema becomes a 500. For tests. */
  readonly strict?: boolean
}

export interface ServedWorld {
  readonly awsUrl: string
  readonly kubernetesUrl: string
  /** The certificate authority, base64 of its PEM, as DescribeCluster and kubeconfig files have it. */
  readonly caData: string
  readonly authority: Authority
  /** `v0,r0,speed`: virtual = v0 + (real - r0) * speed, in milliseconds since 1970. */
  readonly clock: string
  /** Answers AWS requests that reach the sandbox by another way than its own port. */
  readonly awsListener: RequestListener
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const TICK = 100

/**
 * Serves a world on loopback: AWS over http, the Kubernetes API over https. The world follows a scaled clock: every
 * request first moves it to the virtual now, and a timer does the same so that watches flow when nobody asks.
 */
export async function serveWorld(world: World, options: ServeOptions = {}): Promise<ServedWorld> {
  const speed = options.speed ?? 1
  const clock = createScaledClock(world.timeline.now(), speed)
  const wait = (span: Millis): Promise<void> => new Promise((resolve) => void realTimer(span / speed, resolve))
  const wire = createWire(world, { strict: options.strict, onRequest: auditor(world, options.audit), later: realTimer, wait })
  const catchUp = (): void => {
    world.timeline.advanceTo(clock.now())
    wire.watches.bookmark()
  }
  const { name, seed, scenarios } = world
  const identity = JSON.stringify({ sandbox: 'serin', world: name, seed, scenarios, clock: clock.rule })
  const awsListener = httpListener(async (request) => {
    if (request.path === '/.well-known/serin-sandbox')
      return { status: 200, headers: { 'content-type': 'application/json' }, body: identity }
    catchUp()
    return answerAws(wire, request)
  })
  const kubernetesListener = httpListener(async (request) => {
    catchUp()
    return answerKubernetes(wire, request)
  })
  const authority = await createAuthority()
  const leaf = await authority.issue([LOOPBACK, 'localhost'])
  const aws = createHttpServer(awsListener)
  const kubernetes = createHttpsServer({ cert: leaf.certificate, key: leaf.key }, kubernetesListener)
  const awsUrl = `http://${LOOPBACK}:${await listen(aws)}`
  const kubernetesUrl = `https://${LOOPBACK}:${await listen(kubernetes)}`
  const caData = Buffer.from(authority.certificate).toString('base64')
  world.setApiServer(kubernetesUrl, caData)
  const ticking = setInterval(catchUp, TICK)
  return {
    awsUrl,
    kubernetesUrl,
    caData,
    authority,
    clock: clock.rule,
    awsListener,
    async close() {
      clearInterval(ticking)
      wire.watches.close()
      await Promise.all([shut(aws), shut(kubernetes)])
    },
  }
}

function auditor(world: World, audit: ServeOptions['audit']): ((record: RequestRecord) => void) | undefined {
  if (audit === undefined) return undefined
  return (record) => audit(JSON.stringify({ time: iso(world.timeline.now()), ...record }))
}

/** Watches end after seconds of the reader's clock, which is the real one. */
function realTimer(milliseconds: number, action: () => void): () => void {
  const timer = setTimeout(action, milliseconds).unref()
  return () => clearTimeout(timer)
}

/** Longer than any client keeps an idle connection, so that none is closed under a request on its way. */
const KEEP_ALIVE = 120_000

function listen(server: Server): Promise<number> {
  server.keepAliveTimeout = KEEP_ALIVE
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => resolve((server.address() as AddressInfo).port))
  })
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
