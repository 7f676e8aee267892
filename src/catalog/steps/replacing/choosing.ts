import { predictDrain } from '../../../forecast/drain/predict.ts'
import type { Millis } from '../../../model/instant.ts'
import { areApart, waitsFor } from '../../../model/node-order.ts'
import type { NodeFacts } from '../../../model/seen.ts'
import { type Drain, drainStands } from '../../drain/drain.ts'
import { budgetsByPod } from '../../drain/guards.ts'
import { riskOf } from '../../drain/risk.ts'
import { paced } from '../../pace.ts'
import type { Old, ReplaceInput, Standing } from './standing.ts'

/** What the choice goes by. */
export type Choice = Pick<Standing, 'old' | 'fresh' | 'draining' | 'available' | 'size' | 'memory'>

type Input = Pick<ReplaceInput, 'seen' | 'now'> & { readonly step: Pick<ReplaceInput['step'], 'pace'> }

/**
 * The nodes whose drain begins now. As many as the group can miss: new nodes have passed their gate before old ones go. The
 * first batch is the easiest nodes, and nothing follows until it is through; then the longest drains go first within one risk
 * class, so that none of them is left over at the end. A node whose pods cannot go now waits while another one can.
 */
export function chooseNext(input: Input, standing: Choice): readonly Old[] {
  const { old, draining, available, size } = standing
  const slots = Math.max(1, input.step.pace.surge + input.step.pace.maxUnavailable)
  const left = firstBatchLeft(standing, slots)
  const count = Math.min(paced(slots, input.seen, input.now) - draining.length, left)
  if (count <= 0) return []
  const busy = new Set(draining.map(({ node }) => node.name))
  const waiting = inZone(input, old).filter((each) => each.node !== undefined && !busy.has(each.node.name) && !hasToWait(each, old, input))
  const ordered = inOrder(input, standing, waiting, left === Number.POSITIVE_INFINITY)
  let missable = available.size - (size - input.step.pace.maxUnavailable)
  const chosen: Old[] = []
  for (const candidate of ordered) {
    // A node that serves nobody now is not missed.
    const cost = available.has(candidate.member.instanceId) ? 1 : 0
    if (chosen.length >= count || cost > missable) continue
    if (!canGo(candidate, [...draining, ...chosen], input) || isKeptApart(candidate, [...draining, ...chosen], input)) continue
    chosen.push(candidate)
    missable -= cost
  }
  // Where none can go and nothing moves, the first is begun all the same: it says what holds it, and its time runs.
  return chosen.length === 0 && draining.length === 0 && missable > 0 ? ordered.slice(0, 1) : chosen
}

/** Zone by zone, where the plan asks for it: those of the first zone that has old nodes, until the last of them is gone. */
function inZone({ step }: Input, old: readonly Old[]): readonly Old[] {
  if (step.pace.zoneByZone !== true) return old
  const [first] = old.map(zoneOf).sort()
  return old.filter((each) => zoneOf(each) === first)
}

/** How many nodes the first batch has: a quarter of the slots. What goes wrong with it is seen on few nodes, and the others soon go on. */
export function firstBatchOf(slots: number): number {
  return Math.ceil(slots / 4)
}

/** Whether nodes that the plan wants before it are still there. */
function hasToWait({ node }: Old, old: readonly Old[], { step }: Input): boolean {
  return (step.pace.order ?? []).some((rule) => old.some((other) => waitsFor(rule, node?.labels, other.node?.labels)))
}

/** Whether one is being drained with which the plan never wants it to be. */
function isKeptApart({ node }: Old, busy: readonly Old[], { step }: Input): boolean {
  return (step.pace.order ?? []).some((rule) => busy.some((other) => areApart(rule, node?.labels, other.node?.labels)))
}

/** How many may still begin before the first batch is through; any number after it. */
function firstBatchLeft({ memory, draining }: Choice, slots: number): number {
  const through = Object.keys(memory.terminated).length
  const first = firstBatchOf(slots)
  return through >= first ? Number.POSITIVE_INFINITY : first - through - draining.length
}

interface Rated {
  readonly old: Old
  readonly risk: number
  readonly takes: Millis
  readonly name: string
}

/**
 * Risk class by risk class, and zone by zone in turn, the one with most nodes left next, of several the one with the fewest new ones: where nodes go the
 * group launches their replacements, so the zones stay even. Within a zone the longest drain, or the easiest while the first batch is not through: one long drain in it
 * would keep all the others waiting.
 */
function inOrder({ seen }: Input, { fresh, draining }: Choice, nodes: readonly Old[], longestFirst: boolean): readonly Old[] {
  const guardsOf = budgetsByPod(seen.budgets)
  const rated = nodes.map((old): Rated => {
    const pods = old.node?.pods ?? []
    return { old, risk: riskOf(pods), takes: predictDrain(pods, guardsOf), name: old.node?.name ?? '' }
  })
  const better = (a: Rated, b: Rated) => (longestFirst ? b.takes - a.takes : a.takes - b.takes) || (a.name < b.name ? -1 : 1)
  const [left, served] = [countByZone(nodes), countByZone([...fresh, ...draining])]
  const classes = [...Map.groupBy(rated, ({ risk }) => risk)].sort(([a], [b]) => a - b)
  return classes.flatMap(([, members]) => inTurn(members.sort(better), { left, served }, better))
}

interface Zones {
  /** Nodes that have not begun. */
  readonly left: Map<string, number>
  /** New nodes, and those that will come for nodes that have begun. */
  readonly served: Map<string, number>
}

function countByZone(nodes: readonly Old[]): Map<string, number> {
  return new Map([...Map.groupBy(nodes, zoneOf)].map(([zone, { length }]) => [zone, length]))
}

/** What is taken is moved from the one count to the other. */
function inTurn(rated: readonly Rated[], { left, served }: Zones, better: (a: Rated, b: Rated) => number): readonly Old[] {
  const zones = [...Map.groupBy(rated, ({ old }) => zoneOf(old))].map(([zone, members]) => ({ zone, members, at: 0 }))
  return rated.flatMap(() => {
    const open = zones.flatMap((zone) => {
      const first = zone.members[zone.at]
      return first === undefined ? [] : [{ zone, first, waits: left.get(zone.zone) ?? 0, has: served.get(zone.zone) ?? 0 }]
    })
    const [next] = open.sort((a, b) => b.waits - a.waits || a.has - b.has || better(a.first, b.first))
    if (next === undefined) return []
    next.zone.at += 1
    left.set(next.zone.zone, next.waits - 1)
    served.set(next.zone.zone, next.has + 1)
    return [next.first.old]
  })
}

function zoneOf({ member }: Old): string {
  return member.zone ?? ''
}

/** Whether something of the node can leave now, with what others take of the same budgets. */
function canGo(candidate: Old, before: readonly Old[], { seen, now }: Input): boolean {
  if (candidate.node === undefined) return true
  const drains = [...before, candidate].flatMap(({ node }) => (node === undefined ? [] : [drainOf(node)]))
  const stand = drainStands(drains, seen.budgets, new Map(), now).at(-1)
  return stand === undefined || stand.ended || stand.evict.length > 0 || stand.going.length > 0
}

export function drainOf(node: NodeFacts): Drain {
  return { node: node.name, pods: node.pods ?? [] }
}
