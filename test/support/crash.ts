import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectCluster } from '../../src/adapters/connect.ts'
import { applyItinerary, resumeRun, UNSTOPPABLE } from '../../src/engine/apply.ts'
import { namedBy } from '../../src/engine/capture/named-by-plan.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { prepare } from '../../src/engine/prepare.ts'
import type { Ending } from '../../src/engine/session.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import type { Node } from '../../src/model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../src/model/snapshot.ts'
import { loadPlan } from '../../src/plan/load.ts'
import type { JournalFile } from '../../src/ports/journal.ts'
import type { RunPorts } from '../../src/ports/ports.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import type { RunState } from '../../src/rollout/state.ts'
import type { World } from '../../src/sandbox/contract.ts'
import { connectInProcess } from '../../src/sandbox/in-process.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { openWorld } from '../../src/sandbox/world/open.ts'
import { CRASH_PLAN, CRASH_WORLD } from './crash-world.ts'

/**
 * Drivers that die: at a chosen call of their own, before it took effect or after it, whole or with half a line written.
 * A dead driver does nothing more, so it releases no Lease and writes no record. Others go on, here or on another machine.
 */

/** Thrown in place of the process's end. No SerinError, so that nothing of the engine takes it for an answer. */
export class Crash extends Error {}

/**
 * `torn`: half of the journal's last line reached the disk. `suspended`: no death, but a long sleep right before the
 * effect, as of a laptop that was closed; the process then goes on as if nothing had been.
 */
export type CrashMoment = 'before' | 'after' | 'torn' | 'suspended'

const SUSPENSION = 5 * MINUTE

export interface CrashPoint {
  /** Which of the driver's effects, counted from 1. */
  readonly nth: number
  readonly moment: CrashMoment
}

/** What a driver did to the outside, in order: `journal.append`, `eks.updateAddon`, … */
export type Effects = string[]

const EKS_ACTS = [
  'updateNodegroupVersion',
  'updateNodegroupConfig',
  'updateAddon',
  'updateClusterVersion',
  'createNodegroup',
  'deleteNodegroup',
] as const
const SCALING_ACTS = [
  ...(['setMaxSize', 'updateGroup', 'terminateInstance', 'protectInstances', 'suspendProcesses', 'resumeProcesses'] as const),
  ...(['completeLifecycleAction', 'createGroup', 'deleteGroup', 'tagGroup'] as const),
]

type Acts<K extends string> = { readonly [name in K]: (...given: never[]) => Promise<unknown> }

/** The port with these methods as effects. */
function mortalPort<K extends string, P extends Acts<K>>(
  port: P,
  names: readonly K[],
  effect: (name: K, act: () => Promise<unknown>) => Promise<unknown>,
): P {
  const acts = names.map((name) => [name, (...given: never[]) => effect(name, () => port[name](...given))] as const)
  return { ...port, ...Object.fromEntries(acts) }
}

/** Makes every effect of these ports one that the driver may die at. */
function mortal(ports: RunPorts, folder: string, point: CrashPoint | undefined, effects: Effects): RunPorts {
  let dead = false
  const die = (): never => {
    dead = true
    throw new Crash(`died ${point?.moment} ${effects.at(-1)}`)
  }
  async function effect<T>(name: string, act: () => Promise<T>, torn?: () => void): Promise<T> {
    if (dead) throw new Crash(`${name} of a dead driver`)
    effects.push(name)
    const chosen = point?.nth === effects.length ? point.moment : undefined
    if (chosen === 'suspended') await clock.sleepUntil(clock.now() + SUSPENSION)
    if (chosen === 'torn') torn?.()
    if (chosen === 'before' || chosen === 'torn') return die()
    if (chosen !== 'after') return await act()
    // Whatever the answer was, also a refusal: nobody heard it.
    await act().catch(() => undefined)
    return die()
  }
  const { eks, kubernetes, autoScaling, records, lease, clock } = ports
  const journal = (run: string): JournalFile => {
    const file = ports.folder.journal(run)
    return {
      read: () => file.read(),
      append: (lines) =>
        effect(
          'journal.append',
          () => file.append(lines),
          () => appendFileSync(join(folder, run, 'journal.ndjson'), lines.join('\n').slice(0, -7)),
        ),
    }
  }
  return {
    ...ports,
    clock: {
      now: () => clock.now(),
      sleepUntil: (instant, signal) => (dead ? Promise.reject(new Crash('a dead driver sleeps')) : clock.sleepUntil(instant, signal)),
    },
    eks: mortalPort(eks, EKS_ACTS, (name, act) => effect(`eks.${name}`, act)),
    kubernetes: {
      ...kubernetes,
      patch: (...args) => effect('kubernetes.patch', () => kubernetes.patch(...args)),
      create: (...args) => effect('kubernetes.create', () => kubernetes.create(...args)),
      remove: (...args) => effect('kubernetes.remove', () => kubernetes.remove(...args)),
    },
    autoScaling: mortalPort(autoScaling, SCALING_ACTS, (name, act) => effect(`autoScaling.${name}`, act)),
    records: {
      read: () => records.read(),
      write: (record) => effect('records.write', () => records.write(record)),
      request: (request) => records.request(request),
    },
    folder: {
      ...ports.folder,
      journal,
      writeItinerary: (run, text) => effect('folder.writeItinerary', () => ports.folder.writeItinerary(run, text)),
    },
    lease: {
      status: () => lease.status(),
      holder: () => lease.holder(),
      renew: () => (dead ? Promise.resolve() : lease.renew()),
      acquire: (run) => effect('lease.acquire', () => lease.acquire(run)),
      release: () => (dead ? Promise.resolve() : effect('lease.release', () => lease.release())),
    },
  }
}

export interface Site {
  readonly world: World
  readonly requests: RequestRecord[]
  readonly itinerary: Itinerary
  /** Opens a connection of its own on a machine, with a driver that dies where `point` says. */
  readonly driver: (machine: string, point: CrashPoint | undefined, effects: Effects) => Promise<RunPorts>
  readonly snapshot: () => Promise<ClusterSnapshot>
  readonly close: () => void
}

/** The small cluster with its plan made into an itinerary. */
export async function openSite(scenarios: readonly (string | Scenario)[] = [], on: Partial<CrashCluster> = {}): Promise<Site> {
  const { plan } = loadPlan({ read: () => on.plan ?? CRASH_PLAN }, 'crash.yaml')
  const world = openWorld({ world: on.world ?? CRASH_WORLD, scenarios: scenarios.map(scenarioOf) })
  const requests: RequestRecord[] = []
  const { transport, clock, settle } = connectInProcess(world, { onRequest: (record) => requests.push(record) })
  const home = mkdtempSync(join(tmpdir(), 'serin-crash-'))
  const { name: cluster, region } = plan.cluster
  let drivers = 0
  const driver: Site['driver'] = async (machine, point, effects) => {
    const runFolder = join(home, machine)
    const identity = `driver-${drivers++}`
    const ports = await connectCluster({ cluster, region, transport, clock, identity, runFolder })
    const letGo = settle(ports.caches)
    const stop = async () => {
      letGo()
      await ports.caches.stop()
    }
    return mortal({ ...ports, caches: { ...ports.caches, stop } }, runFolder, point, effects)
  }
  const reader = await driver('reader', undefined, [])
  const snapshot = () => captureSnapshot(reader, cluster, namedBy(plan))
  const { itinerary, preflight } = prepare(plan, await snapshot())
  if (preflight.verdict !== 'clear') throw new Error(`the crash world is not fit: ${JSON.stringify(preflight.findings)}`)
  return { world, requests, itinerary, driver, snapshot, close: () => rmSync(home, { recursive: true, force: true }) }
}

/** Texts of another plan and world than the small ones. */
export interface CrashCluster {
  readonly plan: string
  readonly world: string
}

/** A scenario of its own, as YAML. */
export interface Scenario {
  readonly name: string
  readonly text: string
}

function scenarioOf(name: string | Scenario): Scenario {
  if (typeof name !== 'string') return name
  return { name, text: readFileSync(join(import.meta.dirname, '../../plans/scenarios', `${name}.yaml`), 'utf8') }
}

export interface Told {
  readonly exit: string
  readonly end: EndState
  readonly accepted: Accepted
  /** The effects of each driver. */
  readonly lives: readonly Effects[]
  readonly crashes: number
}

export interface Schedule {
  readonly scenarios?: readonly (string | Scenario)[]
  readonly on?: Partial<CrashCluster>
  /** Where each driver dies, in order of their lives; the last one lives on. */
  readonly points: readonly CrashPoint[]
  /** On which machine the nth life is; a name not used before has a fresh, empty run folder. */
  readonly machine?: (life: number) => string
}

const MOST_LIVES = 20

/** Applies the plan, dying as the schedule says, and goes on each time as a person would: `resume`, or `apply` again where no run was opened. */
export async function liveThrough({ scenarios, on, points, machine = () => 'here' }: Schedule): Promise<Told> {
  const site = await openSite(scenarios, on)
  const lives: Effects[] = []
  let crashes = 0
  try {
    for (let life = 0; life < MOST_LIVES; life++) {
      const effects: Effects = []
      lives.push(effects)
      const ports = await site.driver(machine(life), points[life], effects)
      try {
        const exit = await liveOn(site, ports, life)
        const end = endState(await site.snapshot())
        return { exit, end, accepted: acceptedUpdates(site.requests), lives, crashes }
      } catch (error) {
        await ports.caches.stop()
        if (!(error instanceof Crash)) throw error
        crashes++
      }
    }
    throw new Error(`the run did not end within ${MOST_LIVES} lives`)
  } finally {
    site.close()
  }
}

/** One life of a driver: it applies the plan, or goes on with the run that is open. */
export async function liveOn(site: Site, ports: RunPorts, life: number): Promise<string> {
  const record = await ports.records.read()
  if (record === undefined) return exitOf(await applyItinerary(ports, site.itinerary, options(ports, [])))
  if (record.status !== 'open') return outcomeOf(JSON.parse(record.state))
  const resume: RunRequest = { id: `resume-${life}`, kind: 'resume', by: 'tester', at: ports.clock.now() }
  return exitOf(await resumeRun(ports, undefined, options(ports, life === 0 ? [] : [resume])))
}

function options(_ports: RunPorts, requests: readonly RunRequest[]) {
  return { by: 'tester', listeners: [], stop: UNSTOPPABLE, requests }
}

function exitOf(ending: Ending): string {
  return ending.kind === 'finished' ? ending.outcome.exit : `${ending.exit}: ${ending.because}`
}

function outcomeOf(state: RunState): string {
  return state.outcome?.exit ?? 'a finished record without an outcome'
}

/** What EKS accepted: `app/UpdateNodegroupVersion` -> update ids, each once. */
export type Accepted = Readonly<Record<string, number>>

export function acceptedUpdates(requests: readonly RequestRecord[]): Accepted {
  const ids = new Map<string, Set<string>>()
  for (const { service, operation, resource, updateId } of requests) {
    if (service !== 'eks' || updateId === undefined || !operation.startsWith('Update')) continue
    const key = `${operation} ${resource}`
    ids.set(key, (ids.get(key) ?? new Set()).add(updateId))
  }
  return Object.fromEntries([...ids].map(([key, known]) => [key, known.size]).sort())
}

/** Everything of a cluster that a run may change, without names, ids and times that differ from run to run. */
export type EndState = Readonly<Record<string, unknown>>

export function endState(snapshot: ClusterSnapshot): EndState {
  const nodes = objectsOf<Node>(snapshot, 'Node')
  const groups = (snapshot.aws.nodegroups ?? []).map((group) => {
    const { nodegroupName, version, releaseVersion, status, scalingConfig, updateConfig, taints, labels, launchTemplate } =
      group as typeof group & { readonly taints?: unknown }
    return { nodegroupName, version, releaseVersion, status, scalingConfig, updateConfig, taints, labels, launchTemplate }
  })
  const scaling = (snapshot.aws.autoScalingGroups ?? []).map(({ MinSize, MaxSize, DesiredCapacity, SuspendedProcesses }) => ({
    MinSize,
    MaxSize,
    DesiredCapacity,
    SuspendedProcesses,
  }))
  return {
    minor: snapshot.aws.cluster?.version,
    groups,
    scaling,
    addons: (snapshot.aws.addons ?? []).map(({ addonName, addonVersion, configurationValues, status }) => ({
      addonName,
      addonVersion,
      configurationValues,
      status,
    })),
    nodes: nodes.map(nodeKind).sort(),
    templates: objectsOf(snapshot, 'DaemonSet').map((set) => JSON.stringify((set as { spec?: { template?: unknown } }).spec?.template)),
  }
}

function nodeKind({ metadata, spec, status }: Node): string {
  const { kubeletVersion } = status?.nodeInfo ?? {}
  const ours = Object.keys({ ...metadata.labels, ...metadata.annotations }).filter((key) => key.includes('serin.dev'))
  const taints = spec?.taints?.map(({ key, value, effect }) => ({ key, value, effect }))
  return JSON.stringify([metadata.labels?.['eks.amazonaws.com/nodegroup'], kubeletVersion, spec?.unschedulable, taints, ours])
}
