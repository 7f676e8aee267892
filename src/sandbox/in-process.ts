import type { Dispatcher } from 'undici'
import type { World } from './contract.ts'
import type { SettlingCache, VirtualClock } from './virtual-clock.ts'
import { createVirtualClock } from './virtual-clock.ts'
import { takesReferences } from './wire/aws/references.ts'
import type { AwsRequestHandler, AwsSigner } from './wire/aws/request-handler.ts'
import { createRequestHandler, DATING_SIGNER } from './wire/aws/request-handler.ts'
import { SANDBOX_CREDENTIALS } from './wire/credentials.ts'
import { KubernetesDispatcher } from './wire/kubernetes/dispatcher.ts'
import { createReferences, type References } from './wire/kubernetes/references.ts'
import type { RequestRecord } from './wire/wire.ts'
import { createWire } from './wire/wire.ts'

export interface InProcessOptions {
  /** A handler's output that does not fit the SDK's schema throws. For tests. */
  readonly strict?: boolean
  /** Told of every request, in the order in which they were answered. */
  readonly onRequest?: (record: RequestRecord) => void
}

export interface InProcess {
  readonly transport: {
    readonly awsRequestHandler: AwsRequestHandler
    readonly awsEndpoint: string
    readonly awsCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
    readonly awsSigner?: AwsSigner
    readonly awsClient?: <Client extends object>(client: Client) => Client
    readonly dispatcher: Dispatcher
    readonly kubernetesForm?: References['form']
  }
  readonly clock: Pick<VirtualClock, 'now' | 'sleepUntil'>
  /** From now on time waits for these caches after each jump; the function returned lets go of them. */
  settle(caches: SettlingCache): () => void
}

const KUBERNETES_ENDPOINT = 'https://kubernetes.sandbox.invalid'
const NO_CERTIFICATE = Buffer.from('the sandbox speaks no TLS within its own process').toString('base64')

/** Serves a world to clients in the same process: no sockets, no TLS, and time that jumps. */
export function connectInProcess(world: World, options: InProcessOptions = {}): InProcess {
  const caches = new Set<SettlingCache>()
  const references = createReferences()
  const wire = createWire(world, { ...options, references, later: worldTimer(world), wait: (span) => clock.pause(span) })
  const bookmark = (): number => {
    wire.watches.bookmark()
    return world.store.version()
  }
  const clock = createVirtualClock({ timeline: world.timeline, bookmark, caches })
  world.setApiServer(KUBERNETES_ENDPOINT, NO_CERTIFICATE)
  return {
    transport: {
      awsRequestHandler: createRequestHandler(wire, clock.during),
      awsEndpoint: 'http://aws.sandbox.invalid',
      awsCredentials: SANDBOX_CREDENTIALS,
      awsSigner: DATING_SIGNER,
      awsClient: takesReferences,
      dispatcher: new KubernetesDispatcher(wire, clock.during),
      kubernetesForm: references.form,
    },
    clock,
    settle(cache) {
      caches.add(cache)
      return () => caches.delete(cache)
    },
  }
}

/** Timers in the world's time. Their keys are numbered: each is a matter of one stream and changes nothing in the world, so their order does not matter. */
export function worldTimer(world: World): (milliseconds: number, action: () => void) => () => void {
  let started = 0
  return (milliseconds, action) => {
    const key = `wire-timer/${started++}`
    world.timeline.after(milliseconds, key, action)
    return () => world.timeline.cancel(key)
  }
}
