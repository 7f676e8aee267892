import '../../bin/heap.js'
import type { Dispatcher } from 'undici'
import { rehearse } from '../support/rehearsal.ts'
import { type Cost, costOf } from './measure.ts'
import { planOf, worldOf } from './sandbox-world.ts'

/** `node sandbox-once.ts NODES|quickstart`: one rehearsal in a process of its own, told as one line of JSON. */

export interface Once extends Cost {
  readonly exit: string
  readonly requests: number
  /** Bytes of answers, watches included. */
  readonly bytes: number
  /** Changes of Kubernetes objects. */
  readonly changes: number
  /** Bytes. */
  readonly peakMemory: number
  readonly peakHeap: number
  /** The same again in the same process: without loading and compiling. Nothing but for the quickstart. */
  readonly again: Cost
}

type Between = NonNullable<Parameters<typeof rehearse>[0]['between']>

let bytes = 0

/** Counts what comes out of both halves of the sandbox. */
const counted: Between = (transport) => ({
  ...transport,
  awsRequestHandler: {
    ...transport.awsRequestHandler,
    handle: async (...asked: Parameters<Handle>) => {
      const answer = await (transport.awsRequestHandler as unknown as { handle: Handle }).handle(...asked)
      bytes += answer.response.body.length
      return answer
    },
  } as unknown as typeof transport.awsRequestHandler,
  dispatcher: transport.dispatcher.compose((dispatch) => (options, handler) => dispatch(options, countingHandler(handler))),
})

type Handle = (...asked: readonly unknown[]) => Promise<{ readonly response: { readonly body: Uint8Array } }>

function countingHandler(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  return new Proxy(handler, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: readonly unknown[]) => {
        if (name === 'onResponseData') bytes += (given[1] as Uint8Array).length
        return Reflect.apply(member, target, given)
      }
    },
  })
}

async function once(subject: string): Promise<Once> {
  const plan = subject === 'quickstart' ? subject : { plan: planOf(), world: worldOf(Number(subject)) }
  let [peakHeap, ticks] = [0, 0]
  const watch = (): void => {
    if (ticks++ % 10 === 0) peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed)
  }
  let told = { exit: '', requests: 0, changes: 0 }
  const cost = await costOf(async () => {
    const { exit, requests, world } = await rehearse({ plan, between: counted, watch })
    told = { exit, requests: requests.length, changes: world.store.version() }
  })
  const [total, peakMemory] = [bytes, process.resourceUsage().maxRSS * 1_024]
  const again = subject === 'quickstart' ? await costOf(() => rehearse({ plan })) : { wall: 0, cpu: 0 }
  return { ...cost, ...told, bytes: total, peakMemory, peakHeap, again }
}

console.log(JSON.stringify(await once(process.argv[2] ?? 'quickstart')))
