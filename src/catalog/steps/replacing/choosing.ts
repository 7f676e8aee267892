import { predictDrain } from '../../../forecast/drain/predict.ts'
import { areApart, waitsFor } from '../../../model/node-order.ts'
import type { NodeFacts } from '../../../model/seen.ts'
import { type Drain, drainStands } from '../../drain/drain.ts'
import { budgetsByPod } from '../../drain/guards.ts'
import { riskOf } from '../../drain/risk.ts'
import { paced } from '../../pace.ts'
import type { Old, ReplaceInput, Standing } from './standing.ts'

/** What the choice goes by. */
export type Choice = Pick<Standing, 'old' | 'fresh' | 'draining' | 'available' | 'raised' | 'size' | 'memory'>

type Input = Pick<ReplaceInput, 'seen' | 'now'> & { readonly step: Pick<ReplaceInput['step'], 'pace'> }

/**
 * The nodes whose drain begins now. As many as the group can miss: new nodes have passed their gate before old ones go. The
 * first batch is the easiest nodes, and nothing follows until it is through; then the longest drains go first within one risk
 * class, so that none of them is left over at the end. A node whose pods cannot go now waits while another one can.
 */
export function chooseNext(input: Input, standing: Choice): readonly Old[] {
  const { old, draining, available, size } = standing
  const slots = Math.max(1, input.step.pace.surge + input.step.pace.maxUnavailable)
  const count = Math.min(paced(slots, input.seen, input.now) - draining.length, firstBatchLeft(standing, slots))
  if (count <= 0) return []
  const busy = new Set(draining.map(({ node }) => node.name))
  const ordered = inOrder(
    input,
    standing,
    inZone(input, old).filter((each) => each.node !== undefined && !busy.has(each.node.name) && !hasToWait(each, old, input)),
  )
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
  const [first] = old.map(({ member }) => member.zone ?? '').sort()
  return old.filter(({ member }) => (member.zone ?? '') === first)
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
  return through >= slots ? Number.POSITIVE_INFINITY : slots - through - draining.length
}

function inOrder({ seen }: Input, standing: Choice, nodes: readonly Old[]): readonly Old[] {
  const { memory } = standing
  const guardsOf = budgetsByPod(seen.budgets)
  const longestFirst = Object.keys(memory.terminated).length > 0
  const rated = nodes.map((old) => {
    const pods = old.node?.pods ?? []
    return { old, risk: riskOf(pods), crowd: crowdOf(old, standing), takes: predictDrain(pods, guardsOf) }
  })
  const name = ({ old }: (typeof rated)[number]) => old.node?.name ?? ''
  return rated
    .sort(
      (a, b) =>
        a.risk - b.risk || a.crowd - b.crowd || (longestFirst ? b.takes - a.takes : a.takes - b.takes) || (name(a) < name(b) ? -1 : 1),
    )
    .map(({ old }) => old)
}

/** Near the end, those in crowded zones come last: they go without a replacement, which leaves the zones balanced. */
function crowdOf({ member }: Old, { old, fresh, raised }: Choice): number {
  if (old.length > 2 * raised) return 0
  return [...old, ...fresh].filter((other) => other.member.zone === member.zone).length
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
