import { type Instant, MINUTE } from '../../../src/model/instant.ts'
import { AUTOSCALER_TAG } from '../../../src/model/replacement.ts'
import { APART, type OtherChoice, STILL } from './choice.ts'
import type { Groups, QuickGroup } from './groups.ts'
import { isRetired, type Machine, type Machines } from './machines.ts'

/** What it happens to. */
interface Surroundings {
  readonly machines: Machines
  readonly groups: Groups
  readonly troubles: { awayUntil: Instant; throttledUntil: Instant; blindUntil: Instant }
  readonly now: Instant
}

type Does = Exclude<OtherChoice['does'], 'hold' | 'rollback' | 'abandon'>

/** What others do to a quick cluster while a run goes on; `nth` chooses what it happens to, and for how long. */
export const OTHERS: { readonly [D in Does]: (cluster: Surroundings, nth: number) => void } = {
  grow: ({ groups }, nth) => {
    const group = chosen<QuickGroup>([...groups.all.values()], nth)
    if (group === undefined || group.desired >= group.max || !group.tags.has(AUTOSCALER_TAG)) return
    group.grown += 1
    groups.resize(group, { desired: group.desired + 1 })
  },
  cordon: (cluster, nth) => {
    const node = servingNode(cluster, nth)
    if (node === undefined) return
    node.handled = true
    cluster.machines.cordon(node, true)
  },
  uncordon: ({ machines }, nth) => {
    const closed = chosen(
      [...machines.all.values()].filter((each) => isRetired(each) && each.cordoned),
      nth,
    )
    if (closed === undefined) return
    closed.handled = true
    machines.cordon(closed, false)
  },
  taint: (cluster, nth) => {
    const node = servingNode(cluster, nth)
    if (node === undefined) return
    node.taints.add('team/later')
    cluster.machines.touch(node)
  },
  'not-ready': (cluster, nth) => {
    const node = servingNode(cluster, nth)
    if (node !== undefined) cluster.machines.ail(node, MINUTE)
  },
  'freeze-budgets': ({ machines }, nth) => machines.freezeBudgets((1 + (nth % 6)) * 4 * MINUTE),
  'no-capacity': ({ groups, now }, nth) => {
    const group = chosen<QuickGroup>([...groups.all.values()], nth)
    if (group !== undefined) group.shortUntil = now + (1 + (nth % 4)) * 5 * MINUTE
  },
  throttle: ({ troubles, now }) => {
    troubles.throttledUntil = now + 3 * MINUTE
  },
  blind: ({ troubles, now }, nth) => {
    troubles.blindUntil = now + (1 + (nth % 5)) * 3 * MINUTE
  },
  'api-away': ({ troubles, now }, nth) => {
    troubles.awayUntil = now + (1 + (nth % 5)) * 2 * MINUTE
  },
  'all-fail': ({ machines }) => {
    for (const machine of [...machines.of(STILL), ...machines.of(APART)]) machines.hang(machine, 10 * MINUTE)
  },
}

function chosen<T>(among: readonly T[], nth: number): T | undefined {
  return among[nth % Math.max(1, among.length)]
}

function servingNode({ machines }: Surroundings, nth: number): Machine | undefined {
  return chosen(
    [...machines.all.values()].filter((each) => machines.takesPods(each)),
    nth,
  )
}
