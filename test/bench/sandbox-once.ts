import '../../bin/heap.js'
import { rehearse } from '../support/rehearsal.ts'
import { type Cost, costOf } from './measure.ts'
import { planOf, worldOf } from './sandbox-world.ts'

/** `node sandbox-once.ts NODES|quickstart`: one rehearsal in a process of its own, told as one line of JSON. */

export interface Once extends Cost {
  readonly exit: string
  readonly requests: number
  /** Changes of Kubernetes objects. */
  readonly changes: number
  /** Bytes. */
  readonly peakMemory: number
  readonly peakHeap: number
  /** The same again in the same process: without loading and compiling. Nothing but for the quickstart. */
  readonly again: Cost
}

const PLACING = process.env.SERIN_BENCH_PLACING === 'spread' ? 'spread' : 'anywhere'

async function once(subject: string): Promise<Once> {
  const plan = subject === 'quickstart' ? subject : { plan: planOf(), world: worldOf(Number(subject), PLACING) }
  let [peakHeap, ticks] = [0, 0]
  const watch = (): void => {
    if (ticks++ % 10 === 0) peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed)
  }
  let told = { exit: '', requests: 0, changes: 0 }
  const cost = await costOf(async () => {
    const { exit, requests, world } = await rehearse({ plan, watch })
    told = { exit, requests: requests.length, changes: world.store.version() }
  })
  const peakMemory = process.resourceUsage().maxRSS * 1_024
  const again = subject === 'quickstart' ? await costOf(() => rehearse({ plan })) : { wall: 0, cpu: 0 }
  return { ...cost, ...told, peakMemory, peakHeap, again }
}

console.log(JSON.stringify(await once(process.argv[2] ?? 'quickstart')))
