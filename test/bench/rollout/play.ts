import type { EksNodegroup } from '../../../src/model/aws.ts'
import { type Instant, type Millis, SECOND } from '../../../src/model/instant.ts'
import type { World } from '../../../src/sandbox/contract.ts'
import type { RequestRecord } from '../../../src/sandbox/wire/wire.ts'
import { type RehearsalSettings, rehearsed } from '../../support/rehearsal.ts'
import { type Breakdown, breakdownOf, firstCome, groupBoundOf, lockStep, lowerBoundOf, slidingBoundOf } from './overhead.ts'
import { launchesOf, RollRecorder } from './recorder.ts'
import { fleetPlan, fleetWorld, groupLevelPlan, groupLevelWorld, nodeLevelPlan, nodeLevelWorld, PROOF } from './worlds.ts'

/** Plays one row of the bench of rollouts: the real engine and adapters on a simulated cluster, in virtual time. */

export interface Spent {
  /** Milliseconds of processor time, the opening of the world and pre-flight with it. */
  readonly cpu: number
  /** Bytes. */
  readonly peakMemory: number
  readonly peakHeap: number
}

/** What was asked of AWS and of the API server, from opening the run to its end, its two snapshots with it. */
export interface Calls {
  /** Mutating AWS calls, nodes taken out of service, evictions, also those that a budget refused. */
  readonly acts: number
  /** Marks on nodes: kept from the autoscaler and let go again. */
  readonly marks: number
  /** Renewals of the Lease and writes of the run's record. */
  readonly records: number
  readonly reads: number
  /** Calls that AWS refused for their rate. */
  readonly throttled: number
}

export interface NodeLevel extends Spent {
  readonly wall: Millis
  readonly bound: Millis
  readonly by: string
  readonly lockStep: Millis
  readonly firstCome: Millis
  readonly parts: Breakdown
  readonly calls: Calls
  /** Pods that were evicted. */
  readonly pods: number
  /** Whether Serin saw anybody's calls throttled, ipamd's and those of controllers among them. */
  readonly slowed: boolean
}

export interface GroupLevel extends Spent {
  readonly wall: Millis
  readonly bound: Millis
  /** The same groups in as many slots without batches. */
  readonly sliding: Millis
  readonly groups: number
  readonly batches: number
}

export interface Fleet extends Spent {
  readonly exit: string
  readonly wall: Millis
  readonly pods: number
  readonly evicted: number
  readonly ticks: number
  /** Milliseconds of processor time per tick: picture, decisions and their calls, without what passes in the world meanwhile. */
  readonly perTick: number
}

/** Counts what a run spends. */
class Meter {
  readonly #before = process.cpuUsage()
  #peakHeap = 0
  ticks = 0

  tick(): void {
    if (this.ticks++ % 10 === 0) this.#peakHeap = Math.max(this.#peakHeap, process.memoryUsage().heapUsed)
  }

  spent(): Spent {
    return { cpu: cpuSince(this.#before), peakMemory: process.resourceUsage().maxRSS * 1_024, peakHeap: this.#peakHeap }
  }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const READS = /^(Describe|List|Get|Simulate|get$|list$|watch$)/

/** A request is counted by what it is; an eviction that a budget refuses is one as well. */
function callsOf(requests: ReadonlyMap<string, number>, intended: ReadonlyMap<string, number>): Calls {
  const calls = { acts: 0, marks: 0, records: 0, reads: 0, throttled: 0 }
  for (const [key, count] of requests) {
    const [service, operation = '', status] = key.split(' ')
    const isRead = READS.test(operation)
    if (isRead) calls.reads += count
    if (!isRead && service !== 'kubernetes') calls.acts += count
    if (!isRead && service === 'kubernetes' && operation === 'update') calls.records += count
    if (service !== 'kubernetes' && status === '503') calls.throttled += count
  }
  calls.acts += (intended.get('retire-node') ?? 0) + (intended.get('evict-pod') ?? 0)
  calls.marks = intended.get('annotate-node') ?? 0
  return calls
}

function counting(): { readonly counts: Map<string, number>; readonly count: (key: string) => void } {
  const counts = new Map<string, number>()
  return { counts, count: (key) => void counts.set(key, (counts.get(key) ?? 0) + 1) }
}

const requestKey = ({ service, operation, status }: RequestRecord) => `${service} ${operation} ${status}`

/** One self-managed group, replaced node by node. @throws Error when the run does not end well. */
export async function playNodeLevel(nodes: number, slots: number): Promise<NodeLevel> {
  const meter = new Meter()
  const [requests, intended] = [counting(), counting()]
  let recorder: RollRecorder | undefined
  const settings: RehearsalSettings = {
    plan: { plan: nodeLevelPlan(slots), world: nodeLevelWorld(nodes) },
    arrange: (world) => {
      recorder = new RollRecorder(world, slots, PROOF, ({ metadata }) => metadata.labels?.workload === 'shop')
    },
    watch: (seen) => {
      meter.tick()
      recorder?.tick(seen)
    },
    onEvent: (entry) => {
      recorder?.happened(entry)
      if (entry.event.type === 'command-intended') intended.count(entry.event.command.action.kind)
    },
    onRequest: (request) => requests.count(requestKey(request)),
  }
  return await rehearsed(settings, ({ exit, journal }) => {
    const [from, until] = [journal[0]?.at, journal.at(-1)?.at]
    if (exit !== 'ok' || recorder === undefined || from === undefined || until === undefined)
      throw new Error(`${nodes} nodes on ${slots} slots ended ${exit}`)
    const timeline = recorder.timeline(from, until)
    const drains = timeline.drained.slice(0, nodes).map(({ stops }) => stops)
    const work = { slots, proof: PROOF, launches: launchesOf(timeline).slice(0, nodes), drains }
    return {
      ...{ wall: until - from, ...lowerBoundOf(work), lockStep: lockStep(work), firstCome: firstCome(work), parts: breakdownOf(timeline) },
      ...{ calls: callsOf(requests.counts, intended.counts), pods: recorder.evicted, slowed: recorder.throttled },
      ...meter.spent(),
    }
  })
}

/** Managed groups of unequal sizes, three at a time; how long EKS took for each is read off the world, second by second. */
export async function playGroupLevel(): Promise<GroupLevel> {
  const meter = new Meter()
  const updating = new Map<string, { from: Instant; until: Instant }>()
  const { plan, batch } = groupLevelPlan()
  const settings: RehearsalSettings = {
    plan: { plan, world: groupLevelWorld() },
    arrange: (world) => sampling(world, updating),
    watch: () => meter.tick(),
  }
  return await rehearsed(settings, ({ exit, journal, prepared }) => {
    const [from, until] = [journal[0]?.at, journal.at(-1)?.at]
    if (exit !== 'ok' || from === undefined || until === undefined) throw new Error(`the groups ended ${exit}`)
    const took = (group: string): Millis => {
      const span = updating.get(group)
      return span === undefined ? 0 : span.until - span.from
    }
    const batches = prepared.itinerary.batches.map(({ steps }) => steps.flatMap((step) => ('group' in step ? [took(step.group)] : [])))
    return {
      ...{ wall: until - from, bound: groupBoundOf(batches), sliding: slidingBoundOf(batches.flat(), batch) },
      ...{ groups: batches.flat().length, batches: batches.length },
      ...meter.spent(),
    }
  })
}

/** From the second in which a group is UPDATING to the one in which it no longer is. */
function sampling({ cluster, eks, timeline }: World, updating: Map<string, { from: Instant; until: Instant }>): void {
  const clusterName = cluster.name
  const groups = askedOf<{ readonly nodegroups: readonly string[] }>(eks, 'ListNodegroups', { clusterName }).nodegroups
  const look = (): void => {
    const now = timeline.now()
    for (const nodegroupName of groups) {
      const { nodegroup } = askedOf<{ readonly nodegroup: EksNodegroup }>(eks, 'DescribeNodegroup', { clusterName, nodegroupName })
      if (nodegroup.status === 'UPDATING') updating.set(nodegroupName, { from: updating.get(nodegroupName)?.from ?? now, until: now })
    }
    timeline.after(SECOND, 'bench/look', look)
  }
  look()
}

function askedOf<T>(handlers: World['eks'], operation: string, input: Record<string, unknown>): T {
  const handler = handlers[operation]
  if (handler === undefined) throw new Error(`the sandbox has no ${operation}`)
  return handler(input) as T
}

/** The large run. What passes in the world while a tick sleeps is not the tick's. */
export async function playFleet(nodes: number): Promise<Fleet> {
  const meter = new Meter()
  let [slept, begun, evicted, pods] = [0, process.cpuUsage(), 0, 0]
  const settings: RehearsalSettings = {
    plan: { plan: fleetPlan(), world: fleetWorld(nodes) },
    arrange: (world) => {
      pods = world.store.list('Pod').length
      const advance = world.timeline.advanceTo
      Object.assign(world.timeline, {
        advanceTo: (instant: Instant) => {
          const before = process.cpuUsage()
          advance.call(world.timeline, instant)
          slept += cpuSince(before)
        },
      })
      world.store.subscribe(({ type, object }) => {
        if (type === 'DELETED' && object.kind === 'Pod' && object.metadata.namespace === 'shop') evicted += 1
      })
    },
    watch: () => {
      if (meter.ticks === 0) [slept, begun] = [0, process.cpuUsage()]
      meter.tick()
    },
  }
  return await rehearsed(settings, ({ exit, journal }) => {
    const wall = (journal.at(-1)?.at ?? 0) - (journal[0]?.at ?? 0)
    const perTick = (cpuSince(begun) - slept) / Math.max(1, meter.ticks - 1)
    return { exit, wall, pods, evicted, ticks: meter.ticks, perTick, ...meter.spent() }
  })
}
