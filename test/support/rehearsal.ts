import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectCluster } from '../../src/adapters/connect.ts'
import { applyItinerary, type DriveOptions, UNSTOPPABLE } from '../../src/engine/apply.ts'
import { namedBy } from '../../src/engine/capture/named-by-plan.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { type Prepared, prepare } from '../../src/engine/prepare.ts'
import type { Ending } from '../../src/engine/session.ts'
import type { JournalEntry } from '../../src/journal/event.ts'
import type { Listener } from '../../src/journal/listener.ts'
import { SECOND } from '../../src/model/instant.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import type { Seen } from '../../src/model/seen.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { loadPlan } from '../../src/plan/load.ts'
import type { RunPorts } from '../../src/ports/ports.ts'
import type { RunState } from '../../src/rollout/state.ts'
import type { World } from '../../src/sandbox/contract.ts'
import { connectInProcess, type InProcess } from '../../src/sandbox/in-process.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { type OpenedWorld, openWorld } from '../../src/sandbox/world/open.ts'
import { connectLoopback } from './loopback.ts'

/** plan + world + faults -> journal: the real engine and the real adapters on a simulated cluster, in virtual time. */

const PLANS = join(import.meta.dirname, '../../plans')

export interface RehearsalSettings {
  /** A plan's path under plans/, without `.yaml`, with its world of the same name under plans/worlds/; or both as they are. */
  readonly plan: string | { readonly plan: UpgradePlan; readonly world: string }
  /** Names of scenarios under plans/scenarios/, or scenarios with their text. */
  readonly scenarios?: readonly (string | { readonly name: string; readonly text: string })[]
  readonly seed?: number
  readonly minorDowngrade?: 'strict' | 'lenient'
  /** Changes the loaded plan. */
  readonly change?: (plan: UpgradePlan) => UpgradePlan
  /** What others have done to the cluster, or will do while time passes. */
  readonly arrange?: (world: OpenedWorld) => void
  readonly watch?: (seen: Seen, state: RunState | undefined, world: World) => void
  /** Told of every journal entry and of every request as they come, also of those of a run that ends in an error. */
  readonly onEvent?: (entry: JournalEntry) => void
  readonly onRequest?: (record: RequestRecord) => void
  /** Which way the bytes go; in process when it does not say. */
  readonly over?: 'loopback'
  /** Stands between the clients and the sandbox. */
  readonly between?: (transport: InProcess['transport']) => InProcess['transport']
}

export interface Rehearsal {
  readonly world: World
  readonly prepared: Prepared
  readonly start: ClusterSnapshot
  /** `blocked` or `inconclusive` when pre-flight stopped it, else how the run ended. */
  readonly exit: string
  readonly ending?: Ending
  readonly journal: readonly JournalEntry[]
  readonly end: ClusterSnapshot
  readonly requests: readonly RequestRecord[]
}

export interface Simulation {
  readonly world: World
  readonly plan: UpgradePlan
  readonly requests: RequestRecord[]
  readonly connect: (folder?: string) => Promise<RunPorts>
  readonly close: () => void
}

function openPlan(name: string): UpgradePlan {
  return loadPlan({ read: (path) => readFileSync(path, 'utf8') }, join(PLANS, `${name}.yaml`)).plan
}

function shipped(folder: 'worlds' | 'scenarios', name: string | undefined): string {
  return readFileSync(join(PLANS, folder, `${name}.yaml`), 'utf8')
}

/** A simulated cluster with real adapters in front of it. Each connection with a folder of its own is another machine. */
export function openSimulation(settings: RehearsalSettings): Simulation {
  const { plan: named, scenarios = [], seed, minorDowngrade, change = (plan) => plan, between = (transport) => transport } = settings
  const given = typeof named === 'string' ? { plan: openPlan(named), world: shipped('worlds', named.split('/').at(-1)) } : named
  const plan = change(given.plan)
  const world = openWorld({
    world: given.world,
    scenarios: scenarios.map((scenario) =>
      typeof scenario === 'string' ? { name: scenario, text: shipped('scenarios', scenario) } : scenario,
    ),
    ...(seed !== undefined && { seed }),
    ...(minorDowngrade && { overrides: { minorDowngrade } }),
  })
  settings.arrange?.(world)
  const requests: RequestRecord[] = []
  const onRequest = (record: RequestRecord): void => {
    requests.push(record)
    settings.onRequest?.(record)
  }
  const opened = settings.over === 'loopback' ? connectLoopback(world, { onRequest }) : connectInProcess(world, { onRequest })
  const home = mkdtempSync(join(tmpdir(), 'serin-test-'))
  let machines = 0
  return {
    world,
    plan,
    requests,
    connect: async (folder = 'here') => {
      const { transport, clock, settle } = await opened
      const ports = await connectCluster({
        cluster: plan.cluster.name,
        region: plan.cluster.region,
        transport: between(transport),
        clock,
        identity: `tester-${machines++}`,
        runFolder: join(home, folder),
      })
      settle(ports.caches)
      return ports
    },
    close: () => {
      rmSync(home, { recursive: true, force: true })
      if (opened instanceof Promise) void opened.then(({ close }) => close())
    },
  }
}

export function driveOptions(over: Partial<DriveOptions> = {}): DriveOptions {
  return { by: 'tester', listeners: [], stop: UNSTOPPABLE, ...over }
}

/** Plans, checks and applies on a simulated cluster; what pre-flight blocks is not applied. */
export async function rehearse(settings: RehearsalSettings): Promise<Rehearsal> {
  return rehearsed(settings, async (run, ports) => {
    // Readers of AWS hear of the last change some seconds after it.
    await ports.clock.sleepUntil(ports.clock.now() + 5 * SECOND)
    const end = await captureSnapshot(ports, run.prepared.itinerary.cluster.name, namedBy(run.prepared.itinerary.source.plan))
    return { ...run, end }
  })
}

type Played = Omit<Rehearsal, 'end'>

/** The same, with what is wanted of the run at its end: a snapshot costs a tenth of a small run. */
export async function rehearsed<T>(settings: RehearsalSettings, wanted: (run: Played, ports: RunPorts) => T | Promise<T>): Promise<T> {
  const simulation = openSimulation(settings)
  const { world, plan, requests } = simulation
  try {
    const ports = await simulation.connect()
    const start = await captureSnapshot(ports, plan.cluster.name, namedBy(plan))
    const prepared = prepare(plan, start)
    const journal: JournalEntry[] = []
    const listener: Listener<RunState> = {
      onEvent: (entry) => {
        journal.push(entry)
        settings.onEvent?.(entry)
      },
      onTick: (seen, state) => settings.watch?.(seen, state, world),
    }
    const clear = prepared.preflight.verdict === 'clear'
    const ending = clear ? await applyItinerary(ports, prepared.itinerary, driveOptions({ listeners: [listener] })) : undefined
    const exit = ending === undefined ? prepared.preflight.verdict : ending.kind === 'finished' ? ending.outcome.exit : ending.exit
    return await wanted({ world, prepared, start, exit, ending, journal, requests }, ports)
  } finally {
    simulation.close()
  }
}
