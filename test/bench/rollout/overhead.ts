import type { Instant, Millis } from '../../../src/model/instant.ts'

/**
 * The arithmetic of orchestration overhead: what a run took, against what no run could beat, and where the rest went.
 *
 * Symbols for one node, as they are usual for such bounds: L from the request for a new node until it is Ready, R what it then has to show before an old
 * one may go, D the drain, B slots, that is nodes which are replaced at once.
 */

/** One old node as it went. */
export interface Drained {
  /** Taken out of service. */
  readonly begun: Instant
  /** The first of its pods was told to go; equal to `emptied` where there was none. */
  readonly evicting: Instant
  /** D: how long its slowest pod took to stop, once it was told to. */
  readonly stops: Millis
  /** The last of its pods was gone. */
  readonly emptied: Instant
  /** The group was told to end it. */
  readonly ended: Instant
  /** Whether the group launches another one in its place. */
  readonly replaced: boolean
}

/** Why nothing more was begun for a while, although new nodes were there and old ones left. */
export interface Kept {
  readonly by: 'window' | 'throttle' | 'budget'
  readonly from: Instant
  readonly until: Instant
}

/** What happened while the nodes of one group were replaced, none of them missing meanwhile. */
export interface Timeline {
  /** B: how many nodes were launched ahead. */
  readonly slots: number
  /** How many nodes the first batch has: nothing follows until it is through. */
  readonly first: number
  readonly from: Instant
  readonly until: Instant
  /** R. */
  readonly proof: Millis
  /** When the group's size was raised, once for each node more. */
  readonly raised: readonly Instant[]
  /** When each new node became Ready. */
  readonly ready: readonly Instant[]
  readonly drained: readonly Drained[]
  /** They may overlap: the first of window, throttle and budget counts. */
  readonly kept: readonly Kept[]
}

/** Where the time of a run goes. The first three are the work itself, the others what an ideal run would not have. */
export const PARTS = ['launch', 'gate', 'drain', 'poll lag', 'barrier', 'budget', 'throttle', 'window', 'end'] as const
export type Part = (typeof PARTS)[number]
export type Breakdown = Readonly<Record<Part, Millis>>

/**
 * Every moment of every slot has one part, and the sum over all slots is divided by their number, so that the parts sum to the wall time:
 *
 * - launch: asked for and not Ready yet (L)
 * - gate: Ready, and what it has to show not yet due (R)
 * - drain: the slowest pod of a node stops (D)
 * - window, throttle, budget: a new node waits, and that is why; also the turns that a budget makes of a drain
 * - barrier: a new node waits while the first batch is not through
 * - poll lag: whatever else waits: a new node that has shown everything, a cordoned one, an emptied one, a size not yet raised
 * - end: nothing is left to begin; the last ones finish and settings are restored
 *
 * @throws Error when the sum is not the whole, or an old node went before a new one had shown what it has to
 */
export function breakdownOf(timeline: Timeline): Breakdown {
  const { slots, from, until, proof, drained, raised } = timeline
  const asked = inOrder([...raised, ...drained.flatMap(({ replaced, ended }) => (replaced ? [ended] : []))])
  const ready = inOrder(timeline.ready)
  const begun = inOrder(drained.map((node) => node.begun))
  if (asked.length !== ready.length || ready.length !== begun.length)
    throw new Error(`${asked.length} nodes were asked for, ${ready.length} became Ready, ${begun.length} were drained in their place`)
  const spans = begun.map((at, index): Span => ({ from: (ready[index] ?? 0) + proof, until: at }))
  const early = spans.find((span) => span.until < span.from)
  if (early !== undefined) throw new Error(`a node was drained ${early.from - early.until} ms before a new one had passed its gate`)
  const waited = sumUp(spans.map((span) => waitsOf(span, reasons(timeline))))
  const freed = inOrder(drained.flatMap(({ replaced, ended }) => (replaced ? [] : [ended])))
  const slotTime: Breakdown = {
    launch: total(ready) - total(asked),
    gate: proof * ready.length,
    drain: total(drained.map(({ stops }) => stops)),
    'poll lag': waited['poll lag'] + total(drained.map(lagOf)) + total(raised.slice(0, slots)) - slots * from,
    barrier: waited.barrier,
    budget: waited.budget + total(drained.map(turnsOf)),
    throttle: waited.throttle,
    window: waited.window,
    // A slot that was free and raised once more, to even out zones, was not at its end.
    end: total(freed.map((at) => until - at)) - total(raised.slice(slots).map((at) => until - at)),
  }
  const parts = Object.fromEntries(PARTS.map((part) => [part, slotTime[part] / slots])) as unknown as Breakdown
  const sum = total(Object.values(parts))
  if (Math.abs(sum - (until - from)) > 1) throw new Error(`the parts sum to ${sum} ms, the run took ${until - from} ms`)
  return parts
}

function lagOf({ begun, evicting, emptied, ended }: Drained): Millis {
  return evicting - begun + (ended - emptied)
}

/** A drain whose pods go all at once takes as long as the slowest of them; what it takes more are turns. */
function turnsOf({ evicting, emptied, stops }: Drained): Millis {
  return emptied - evicting - stops
}

interface Span {
  readonly from: Instant
  readonly until: Instant
}

type Reason = Span & { readonly by: Kept['by'] | 'barrier' }

/** In the order in which they count. */
function reasons({ kept, first, drained }: Timeline): readonly Reason[] {
  const through = inOrder(drained.map(({ ended }) => ended))[first - 1]
  const last = inOrder(drained.map(({ begun }) => begun))[first - 1]
  const barrier: readonly Reason[] = through === undefined || last === undefined ? [] : [{ by: 'barrier', from: last, until: through }]
  const of = (by: Kept['by']) => kept.filter((one) => one.by === by)
  return [...of('window'), ...of('throttle'), ...barrier, ...of('budget')]
}

type Waits = Readonly<Record<Kept['by'] | 'barrier' | 'poll lag', Millis>>

const NONE: Waits = { window: 0, throttle: 0, budget: 0, barrier: 0, 'poll lag': 0 }

/** What a new node waited for, after it had shown everything: each moment by the first reason that holds. */
function waitsOf(span: Span, why: readonly Reason[]): Waits {
  const cuts = inOrder([span.from, span.until, ...why.flatMap(({ from, until }) => [from, until])]).filter(
    (at) => at >= span.from && at <= span.until,
  )
  const waits = { ...NONE }
  for (const [index, from] of cuts.entries()) {
    const until = cuts[index + 1] ?? from
    const reason = why.find((one) => one.from <= from && until <= one.until)
    waits[reason?.by ?? 'poll lag'] += until - from
  }
  return waits
}

function sumUp(all: readonly Waits[]): Waits {
  const sum = { ...NONE }
  for (const waits of all) for (const [by, span] of Object.entries(waits)) sum[by as keyof Waits] += span
  return sum
}

/** Work that no order of things can make less. */
export interface Work {
  readonly slots: number
  /** L of every new node. */
  readonly launches: readonly Millis[]
  /** R. */
  readonly proof: Millis
  /** D of every old node. */
  readonly drains: readonly Millis[]
  /** Per PodDisruptionBudget: k pods to move, a at once, q until the successor of one is ready. */
  readonly budgets?: readonly { readonly pods: number; readonly allowed: number; readonly replaced: Millis }[]
  /** Mutating calls of the API that allows the fewest, with what its bucket holds and refills per second. */
  readonly calls?: { readonly count: number; readonly burst: number; readonly perSecond: number }
}

/** The bounds of which the largest counts. */
export const BOUNDS = ['slowest node', 'slots', 'budget', 'API'] as const

/**
 * No run can end before the largest of: its slowest node, L + R + max(D), with the quickest launch; the work of its slots, sum(L + R + D) / B, each launching,
 * proving and draining in turn; for each budget ceil(k / a) x q; for an API its calls beyond the burst, at the rate of its refill. Graham's bounds for list
 * scheduling (https://doi.org/10.1137/0117039), with the resources of a roll; zones and subnets have room here.
 */
export function lowerBoundOf({ slots, launches, proof, drains, budgets = [], calls }: Work): {
  readonly bound: Millis
  readonly by: (typeof BOUNDS)[number]
} {
  const bounds: Readonly<Record<(typeof BOUNDS)[number], Millis>> = {
    'slowest node': Math.min(...launches) + proof + Math.max(...drains),
    slots: (total(launches) + proof * launches.length + total(drains)) / slots,
    budget: Math.max(0, ...budgets.map(({ pods, allowed, replaced }) => Math.ceil(pods / allowed) * replaced)),
    API: calls === undefined ? 0 : (Math.max(0, calls.count - calls.burst) / calls.perSecond) * 1_000,
  }
  const by = BOUNDS.reduce((most, next) => (bounds[next] > bounds[most] ? next : most))
  return { bound: bounds[by], by }
}

/** Groups that EKS rolls, in batches as the plan has them: a batch cannot end before its longest group, nor a run before all its batches. */
export function groupBoundOf(batches: readonly (readonly Millis[])[]): Millis {
  return total(batches.map((groups) => Math.max(0, ...groups)))
}

/** The same groups without batches: as many at once, the next one as soon as one ends. No order ends before the longest, nor before the work is done. */
export function slidingBoundOf(groups: readonly Millis[], atOnce: number): Millis {
  return Math.max(0, ...groups, total(groups) / atOnce)
}

/** (wall - declared waits) / lower bound. */
export function overheadRatio(wall: Millis, declared: Millis, bound: Millis): number {
  return (wall - declared) / bound
}

/** How often a runner looks that has no watch. */
const POLL: Millis = 15_000
const polled = (span: Millis) => Math.ceil(span / POLL) * POLL

/** On the same nodes a runner with batches: all of a batch are launched and proven, then all are drained, then comes the next; it looks every 15 s. */
export function lockStep({ slots, launches, proof, drains }: Work): Millis {
  let wall = 0
  for (let at = 0; at < drains.length; at += slots) {
    const [booting, draining] = [launches.slice(at, at + slots), drains.slice(at, at + slots)]
    wall += polled(Math.max(...booting) + proof) + polled(Math.max(...draining))
  }
  return wall
}

/** On the same nodes slots that take them as they come; each looks every 15 s. */
export function firstCome({ slots, launches, proof, drains }: Work): Millis {
  const free = Array.from({ length: slots }, () => 0)
  for (const [index, drain] of drains.entries()) {
    const slot = free.indexOf(Math.min(...free))
    free[slot] = (free[slot] ?? 0) + polled((launches[index] ?? 0) + proof) + polled(drain)
  }
  return Math.max(...free)
}

function inOrder(instants: readonly Instant[]): readonly Instant[] {
  return [...instants].sort((a, b) => a - b)
}

function total(spans: readonly Millis[]): Millis {
  return spans.reduce((sum, span) => sum + span, 0)
}
