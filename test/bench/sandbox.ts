import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wallClock } from '../../src/adapters/clock/wall-clock.ts'
import { connectForReading } from '../../src/adapters/connect.ts'
import type { Transport } from '../../src/adapters/transport.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { connectInProcess } from '../../src/sandbox/in-process.ts'
import { serveWorld } from '../../src/sandbox/serve.ts'
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/wire/credentials.ts'
import { openWorld } from '../../src/sandbox/world/open.ts'
import { IN_PROCESS, openWatch } from '../sandbox/wire/transports.ts'
import { against, costOf, ms, perRound, timed } from './measure.ts'
import type { Once } from './sandbox-once.ts'
import { type Placing, worldOf } from './sandbox-world.ts'

type Rows = readonly (readonly string[])[]

const ROOT = join(import.meta.dirname, '../..')
const SIZES = [20, 100, 200, 500, 1_000, 2_000]
const GIB = 2 ** 30

function rehearsedApart(subject: string): Once {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'sandbox-once.ts'), subject], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the rehearsal of ${subject} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout)
}

/** What a rehearsal of 500 nodes and 10,000 pods is to take, on 2 cores. */
const OF_500 = { wall: { text: '10 s', most: 10_000 }, memory: { text: '0.75 GiB', most: 0.75 * GIB } }
const LINEAR = { text: '1.1', most: 1.1 }

/**
 * Rehearsals by size, each in a process of its own: world, wire, adapters and engine. `SERIN_BENCH_NODES=20,100` chooses sizes,
 * and `SERIN_BENCH_PLACING=spread` Deployments that are to be spread.
 */
export async function sandboxSizes(): Promise<Rows> {
  const sizes = process.env.SERIN_BENCH_NODES?.split(',').map(Number) ?? SIZES
  const rows = [['nodes', 'pods', 'wall', 'cpu', 'cpu exponent', 'peak memory', 'peak heap', 'requests', 'changes', 'exit']]
  const points: Point[] = []
  for (const nodes of sizes) {
    const { wall, cpu, peakMemory, peakHeap, requests, changes, exit } = rehearsedApart(String(nodes))
    const target = nodes === 500 ? OF_500 : undefined
    const [took, memory] = [against(ms(wall), wall, target?.wall), against(gib(peakMemory), peakMemory, target?.memory)]
    const amounts = [memory, gib(peakHeap), String(requests), String(changes), exit]
    rows.push([`${nodes}`, `${20 * nodes}`, took, ms(cpu), exponentText(points.at(-1), { nodes, cpu }), ...amounts])
    points.push({ nodes, cpu })
  }
  const [small, large] = [points.find(({ nodes }) => nodes === 100), points.find(({ nodes }) => nodes === 2_000)]
  if (small && large) rows.push(['100 to 2000', '', '', '', overall(small, large), ...Array(5).fill('')])
  return rows
}

interface Point {
  readonly nodes: number
  readonly cpu: number
}

function exponent(from: Point, to: Point): number {
  return Math.log(to.cpu / from.cpu) / Math.log(to.nodes / from.nodes)
}

function exponentText(from: Point | undefined, to: Point): string {
  return from === undefined ? '' : exponent(from, to).toFixed(2)
}

function overall(from: Point, to: Point): string {
  return against(exponent(from, to).toFixed(2), exponent(from, to), LINEAR)
}

const OPENED = [100, 200, 400, 800, 1_600]

/** Opening a world, when pods may stand anywhere and when they are to be spread. */
export async function sandboxOpening(): Promise<Rows> {
  const rows = [['nodes', 'anywhere', 'exponent', 'spread', 'exponent', 'ratio']]
  const points = new Map<Placing, Point[]>([
    ['anywhere', []],
    ['spread', []],
  ])
  openOnce(50, 'spread')
  for (const nodes of OPENED) {
    const [anywhere, spread] = [...points].map(([placing, before]) => {
      const point = { nodes, cpu: openOnce(nodes, placing) }
      const cells = [ms(point.cpu), exponentText(before.at(-1), point)]
      before.push(point)
      return { cells, cpu: point.cpu }
    })
    if (anywhere && spread) rows.push([`${nodes}`, ...anywhere.cells, ...spread.cells, (spread.cpu / anywhere.cpu).toFixed(2)])
  }
  const [first, last] = [OPENED[0], OPENED.at(-1)]
  const ends = [...points.values()].map((of) => {
    const [small, large] = [of[0], of.at(-1)]
    return small && large ? overall(small, large) : ''
  })
  rows.push([`${first} to ${last}`, '', ends[0] ?? '', '', ends[1] ?? '', ''])
  return rows
}

/** Milliseconds of processor time. */
function openOnce(nodes: number, placing: Placing): number {
  const text = worldOf(nodes, placing)
  const before = process.cpuUsage()
  openWorld({ world: text, scenarios: [] })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function gib(value: number): string {
  return `${(value / GIB).toFixed(2)} GiB`
}

/** What somebody waits for who starts something. */
export async function sandboxStarts(): Promise<Rows> {
  const serin = (...args: readonly string[]): Promise<number> =>
    timed(() => {
      const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/serin.js'), ...args], { cwd: ROOT, encoding: 'utf8' })
      if (status !== 0) throw new Error(`serin ${args[0]} ended with ${status}: ${stderr}`)
    })
  const quickstart = rehearsedApart('quickstart')
  const world = quickstartWorld()
  const serving = await costOf(async () => {
    const served = await serveWorld(world)
    await served.close()
  })
  const within = (cost: number, seconds: number): string => against(ms(cost), cost, { text: `${seconds} s`, most: seconds * 1_000 })
  return [
    ['start', 'wall', 'cpu'],
    ['the 20-node quickstart, in process', within(quickstart.wall, 3), ms(quickstart.cpu)],
    ['the same a second time: everything loaded and compiled', ms(quickstart.again.wall), ms(quickstart.again.cpu)],
    ['`serin rehearse plans/quickstart.yaml`, the whole process', ms(await serin('rehearse', 'plans/quickstart.yaml')), ''],
    ['wire servers of a world, until both listen', within(serving.wall, 1), ms(serving.cpu)],
    ['`serin sandbox -- true`, the whole process', ms(await serin('sandbox', '--', 'true')), ''],
  ]
}

function quickstartWorld() {
  return openWorld({ world: readFileSync(join(ROOT, 'plans/worlds/quickstart.yaml'), 'utf8'), scenarios: [] })
}

const PASS_NODES = 60
const ROUNDS = 5

/** One pass over the same cluster, which way the bytes go being all the difference. */
export async function sandboxTransports(): Promise<Rows> {
  const inProcess = connectInProcess(openWorld({ world: worldOf(PASS_NODES), scenarios: [] })).transport
  const served = await serveWorld(openWorld({ world: worldOf(PASS_NODES), scenarios: [] }))
  try {
    const near = await passesOver(inProcess)
    const far = await passesOver({ awsEndpoint: served.awsUrl, awsCredentials: SANDBOX_CREDENTIALS })
    return [
      ['a snapshot through', 'time', 'ratio', 'target'],
      ['in-process handlers', ms(near), '1', ''],
      ['loopback and TLS', ms(far), (far / near).toFixed(1), 'above 1: else in process is not worth having'],
    ]
  } finally {
    await served.close()
  }
}

async function passesOver(transport: Transport): Promise<number> {
  const ports = await connectForReading({ cluster: 'bench', region: 'eu-central-1', transport, clock: wallClock() })
  return perRound(ROUNDS, () => captureSnapshot(ports, 'bench', {}))
}

const WATCHERS = [1, 10, 100]
const CHANGES = 200

/** A change of a pod, until every watcher has read it: the object is turned into text once for all of them. */
export async function sandboxWatch(): Promise<Rows> {
  const rows = [['watchers', 'per change', 'per change and watcher', 'ratio', 'target']]
  let alone = 0
  for (const watchers of WATCHERS) {
    const each = (await changesTo(watchers)) / CHANGES
    if (watchers === 1) alone = each
    const ratio = each / watchers / alone
    rows.push([String(watchers), ms(each), ms(each / watchers), ratio.toFixed(2), watchers === 1 ? '' : 'below 1: text is shared'])
  }
  return rows
}

async function changesTo(watchers: number): Promise<number> {
  const world = quickstartWorld()
  const connection = await IN_PROCESS.connect(world)
  const from = `resourceVersion=${world.store.version()}`
  const watches = await Promise.all(Array.from({ length: watchers }, () => openWatch(connection, `/api/v1/pods?watch=true&${from}`)))
  const [pod] = world.store.list('Pod')
  if (pod === undefined) throw new Error('the quickstart has pods')
  const took = await timed(async () => {
    for (let change = 0; change < CHANGES; change++) {
      const annotations = { change: String(change) }
      world.store.update('Pod', pod.metadata.namespace, pod.metadata.name, (now) => ({
        ...now,
        metadata: { ...now.metadata, annotations },
      }))
      await Promise.all(watches.map((watch) => watch.next()))
    }
  })
  for (const watch of watches) watch.stop()
  await connection.close()
  return took
}
