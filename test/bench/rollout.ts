import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { MINUTE, type Millis } from '../../src/model/instant.ts'
import { against, ms } from './measure.ts'

import { overheadRatio, PARTS } from './rollout/overhead.ts'
import type { Fleet, GroupLevel, NodeLevel, Spent } from './rollout/play.ts'

/**
 * How close a roll comes to what is possible, in virtual time: the engine and its adapters as they are, on a simulated cluster. Simulator figures, not
 * those of a real cluster. `SERIN_BENCH_ROWS=quick` plays what fits into ten minutes of a busy machine, `SERIN_BENCH_ROWS=100x33,1000x5` these rows
 * (nodes x slots, or the nodes of a fleet); without it all are played. Each row is a process of its own, and is told on stderr when it begins.
 */

type Rows = readonly (readonly string[])[]

const GIB = 2 ** 30

/** Nodes and slots of which the ratio is to stay under 1.10. */
const CASES = [100, 300, 1_000].flatMap((nodes) => [5, 10, 33].map((slots) => ({ nodes, slots })))
const QUICK = new Set(['100x5', '100x10', '100x33', '300x33', '200', '400'])
const FLEETS = [500, 1_000, 2_500, 5_000]

function isWanted(row: string): boolean {
  const rows = process.env.SERIN_BENCH_ROWS
  return rows === undefined || (rows === 'quick' ? QUICK.has(row) : rows.split(',').includes(row))
}

function playedApart<T>(...row: readonly string[]): T {
  console.error(`  … ${row.join(' ')}`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [...HEAP, join(import.meta.dirname, 'rollout/once.ts'), ...row], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${row.join(' ')} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout)
}

/** A large world is more than V8 allows by itself on small machines; what is really used stands in the table. */
const HEAP = ['--max-old-space-size=6000']

const minutes = (span: Millis) => (span / MINUTE).toFixed(1)
const gib = (bytes: number) => `${(bytes / GIB).toFixed(2)} GiB`
const spentOf = ({ cpu, peakMemory, peakHeap }: Spent) => [ms(cpu), gib(peakMemory), gib(peakHeap)]

const NODE_LEVEL = { text: '1.10', most: 1.1 }
const GROUP_LEVEL = { text: '1.05', most: 1.05 }
const CALLS = { text: '1.20', most: 1.2 }
const MEMORY = { text: '2 GiB', most: 2 * GIB }

const played = new Map<string, NodeLevel>()

/** The rows are the same in both tables, and played once. */
function nodeLevels(): readonly { readonly nodes: number; readonly slots: number; readonly run: NodeLevel }[] {
  return CASES.filter(({ nodes, slots }) => isWanted(`${nodes}x${slots}`)).map(({ nodes, slots }) => {
    const row = `${nodes}x${slots}`
    const run = played.get(row) ?? playedApart<NodeLevel>('nodes', `${nodes}`, `${slots}`)
    played.set(row, run)
    return { nodes, slots, run }
  })
}

/** Wall time over the lower bound, with two rivals on the same nodes, and where the wall time went: minutes, which sum to it. */
export async function rolloutOverhead(): Promise<Rows> {
  const rows = nodeLevels().map(({ nodes, slots, run }) => {
    const { wall, bound, by, parts } = run
    const ratio = overheadRatio(wall, 0, bound)
    return [
      ...[`${nodes}`, `${slots}`, `${minutes(bound)} (${by})`, (run.lockStep / bound).toFixed(2), (run.firstCome / bound).toFixed(2)],
      ...[against(ratio.toFixed(2), ratio, NODE_LEVEL), minutes(wall), ...PARTS.map((part) => minutes(parts[part]))],
      ...spentOf(run),
    ]
  })
  return [['nodes', 'slots', 'bound', 'lock-step', 'first come', 'Serin', 'wall', ...PARTS, 'cpu', 'peak memory', 'peak heap'], ...rows]
}

/** Calls per node: what changes something against 2 + evicted pods, and what only reads. */
export async function rolloutCalls(): Promise<Rows> {
  const rows = nodeLevels().map(({ nodes, slots, run: { calls, pods, slowed } }) => {
    const ideal = 2 * nodes + pods
    const each = (count: number) => (count / nodes).toFixed(1)
    return [
      ...[`${nodes}`, `${slots}`, each(pods), each(calls.acts), against((calls.acts / ideal).toFixed(2), calls.acts / ideal, CALLS)],
      ...[each(calls.marks), each(calls.records), each(calls.reads), `${calls.throttled}`, slowed ? 'yes' : 'no'],
    ]
  })
  const head = ['pods', 'acts', 'acts ÷ (2 + pods)', 'marks', 'Lease and record', 'reads', 'throttled', 'anybody throttled']
  return [['nodes', 'slots', ...head], ...rows]
}

/** Managed groups: EKS drives the nodes, so only what lies between its updates is ours. */
export async function rolloutGroups(): Promise<Rows> {
  const run = playedApart<GroupLevel>('groups')
  const ratio = overheadRatio(run.wall, 0, run.bound)
  return [
    ['groups', 'batches', 'bound', 'without batches', 'wall', 'Serin ÷ bound', 'cpu', 'peak memory', 'peak heap'],
    [
      ...[`${run.groups}`, `${run.batches}`, minutes(run.bound), minutes(run.sliding), minutes(run.wall)],
      ...[against(ratio.toFixed(3), ratio, GROUP_LEVEL), ...spentOf(run)],
    ],
  ]
}

/** A fleet in one run, thirty pods to a node; how a tick grows with it. */
export async function rolloutFleet(): Promise<Rows> {
  const rows: (readonly string[])[] = [
    ['nodes', 'pods', 'evicted', 'exit', 'wall', 'ticks', 'cpu per tick', 'exponent', 'cpu', 'peak memory', 'peak heap'],
  ]
  let before: { readonly nodes: number; readonly perTick: number } | undefined
  const sizes = process.env.SERIN_BENCH_ROWS === 'quick' ? [200, 400] : FLEETS
  for (const nodes of sizes.filter((size) => isWanted(`${size}`))) {
    const run = playedApart<Fleet>('fleet', `${nodes}`)
    const exponent = before && Math.log(run.perTick / before.perTick) / Math.log(nodes / before.nodes)
    const [cpu = '', memory = '', heap = ''] = spentOf(run)
    rows.push([
      ...[`${nodes}`, `${run.pods}`, `${run.evicted}`, run.exit, minutes(run.wall), `${run.ticks}`, ms(run.perTick)],
      ...[exponent?.toFixed(2) ?? '', cpu, nodes === 5_000 ? against(memory, run.peakMemory, MEMORY) : memory, heap],
    ])
    before = { nodes, perTick: run.perTick }
  }
  return rows
}
