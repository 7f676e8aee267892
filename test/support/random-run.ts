import { applyItinerary, resumeRun } from '../../src/engine/apply.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { type Prepared, prepare } from '../../src/engine/prepare.ts'
import type { Ending, Stop } from '../../src/engine/session.ts'
import { isSerinError } from '../../src/errors/serin-error.ts'
import type { JournalEntry } from '../../src/journal/event.ts'
import type { Listener } from '../../src/journal/listener.ts'
import { canonicalJson } from '../../src/model/canonical-json.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import type { Seen } from '../../src/model/seen.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import { decide } from '../../src/rollout/decide.ts'
import type { RunState } from '../../src/rollout/state.ts'
import type { World } from '../../src/sandbox/contract.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { deepFreeze } from './deep-freeze.ts'
import { planFrom, type RandomCase } from './random-case.ts'
import { type Allowed, type Watch, watchWorld } from './random-watch.ts'
import { driveOptions, openSimulation, type Simulation } from './rehearsal.ts'

/** Everything that one random case leaves behind, for the laws to be held against. */
export interface Trace {
  readonly random: RandomCase
  readonly world: World
  readonly prepared?: Prepared
  readonly end: ClusterSnapshot
  /** `blocked` or `inconclusive` before anything began, an exit name, or the code of the error that ended it. */
  readonly exit: string
  readonly ending?: Ending
  readonly entries: readonly { readonly entry: JournalEntry; readonly requestsBefore: number }[]
  readonly requests: readonly RequestRecord[]
  readonly watch: Watch
  /** What was found wrong while it ran. */
  readonly wrongs: readonly string[]
}

/** Looks at the world when a journal entry was written; may do things to it, as the world's own people would. */
export type Bystander = (entry: JournalEntry, world: World) => void

/** Turns after which a run counts as endless: the longest of these take some hundreds. */
const MOST_TURNS = 6_000
const MOST_DRIVES = 8

/** Rehearses a random case to its rest: approvals are given, and what else holds the run the case's person answers. */
export async function runCase(random: RandomCase, bystander: Bystander = () => {}): Promise<Trace> {
  const simulation = openSimulation({
    plan: { plan: planFrom(random), world: JSON.stringify(random.world) },
    scenarios: random.faults.length === 0 ? [] : [{ name: 'random', text: scenarioText(random) }],
    seed: random.seed,
    minorDowngrade: random.minorDowngrade,
  })
  try {
    return await traced(simulation, random, bystander)
  } finally {
    simulation.close()
  }
}

function scenarioText({ faults }: RandomCase): string {
  return JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'random', summary: 'random' }, faults })
}

async function traced(simulation: Simulation, random: RandomCase, bystander: Bystander): Promise<Trace> {
  const { world, requests, plan } = simulation
  const entries: { entry: JournalEntry; requestsBefore: number }[] = []
  const wrongs: string[] = []
  let watch: Watch = { wrongs: () => [], groupOf: new Map() }
  let prepared: Prepared | undefined
  let result: { readonly exit: string; readonly ending?: Ending }
  try {
    const ports = await simulation.connect()
    prepared = prepare(plan, await captureSnapshot(ports, plan.cluster.name, {}))
    deepFreeze(prepared)
    watch = watchWorld(world, allowedBy(prepared.itinerary), (group) => takesNodes(random, group))
    const listener: Listener<RunState> = {
      onEvent: (entry) => {
        entries.push({ entry, requestsBefore: requests.length })
        bystander(entry, world)
      },
      onTick: () => {},
    }
    result =
      prepared.preflight.verdict === 'clear'
        ? await driveOn(simulation, prepared.itinerary, random, [listener], wrongs)
        : { exit: prepared.preflight.verdict }
  } catch (error) {
    if (!isSerinError(error)) throw error
    result = { exit: error.code }
  }
  const end = await calmSnapshot(simulation)
  return { random, world, ...(prepared && { prepared }), end, ...result, entries, requests, watch, wrongs }
}

/** Whether a fault takes nodes of this group, or keeps new ones from coming. */
function takesNodes({ faults, world }: RandomCase, group: string): boolean {
  const narrow = JSON.stringify(world.subnets).includes('/25')
  return (
    narrow ||
    faults.some(({ fault, where }) => {
      const named = (where as { readonly group?: string } | undefined)?.group ?? '*'
      const onNodes = fault === 'ipam-hang' || fault === 'node-never-joins' || fault === 'subnet-exhausted'
      return onNodes && (named === '*' || named === group)
    })
  )
}

/** The plan's word on how many nodes may be missing, else the group's own, whichever allows more; as nodes. */
function allowedBy({ batches, baseline }: Itinerary): Allowed {
  const settings = batches.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'nodegroup-settings' ? [step] : [])))
  return Object.fromEntries(
    Object.entries(baseline.groups).map(([name, { updateSettings, sizes }]) => {
      const all = [updateSettings, ...settings.filter(({ group }) => group === name).map(({ after }) => after)]
      const counts = all.map(({ maxUnavailable, maxUnavailablePercentage: share }) =>
        share === undefined ? (maxUnavailable ?? 1) : Math.max(1, Math.ceil((sizes.desired * share) / 100)),
      )
      return [name, Math.max(...counts)]
    }),
  )
}

async function driveOn(
  simulation: Simulation,
  itinerary: Itinerary,
  random: RandomCase,
  listeners: readonly Listener<RunState>[],
  wrongs: string[],
): Promise<{ readonly exit: string; readonly ending: Ending }> {
  const judge = judging(itinerary, wrongs)
  const options = { ...driveOptions({ listeners: [...listeners, judge.listener] }), stop: judge.stop }
  let ending = await applyItinerary(await simulation.connect(), itinerary, options)
  for (let drive = 1; drive < MOST_DRIVES && ending.kind === 'open'; drive++) {
    const request = answerOf(random, ending, drive, simulation.world)
    if (request === undefined) break
    const ports = await simulation.connect(random.person === 'resumes-elsewhere' ? `machine-${drive}` : 'here')
    ending = await resumeRun(ports, undefined, { ...options, requests: [request] })
  }
  return { exit: ending.kind === 'finished' ? ending.outcome.exit : ending.exit, ending }
}

const KINDS = { resumes: 'resume', 'resumes-elsewhere': 'resume', 'rolls-back': 'rollback', abandons: 'abandon' } as const

/** What a person does about a run that rests; undefined: leaves it. */
function answerOf({ person }: RandomCase, ending: Ending, drive: number, world: World): RunRequest | undefined {
  const base = { id: `request-${drive}`, by: 'max', at: world.timeline.now(), reason: 'random' }
  if (ending.kind === 'open' && ending.because.includes('approves it')) return { ...base, kind: 'approve' }
  if (person === 'leaves' || ending.kind === 'finished') return undefined
  const patient = person === 'resumes' || person === 'resumes-elsewhere'
  return patient && drive > 3 ? { ...base, kind: 'rollback' } : { ...base, kind: KINDS[person] }
}

/** Holds every turn to `decide`'s promises: what it is given is never changed, and equal input gives an equal decision. */
function judging(itinerary: Itinerary, wrongs: string[]): { readonly listener: Listener<RunState>; readonly stop: Stop } {
  let turns = 0
  const onTick = (seen: Seen, state: RunState | undefined): void => {
    turns++
    if (turns === MOST_TURNS) wrongs.push(`no end after ${MOST_TURNS} turns`)
    if (state === undefined) return
    deepFreeze(seen)
    deepFreeze(state)
    const [first, second] = [1, 2].map(() => canonicalJson(decide({ itinerary, state, seen, now: seen.now, requests: [] })))
    if (first !== second) wrongs.push('decide says different things about the same input')
  }
  return {
    listener: {
      onEvent: () => {},
      onTick: (seen, state) => {
        try {
          onTick(seen, state)
        } catch (error) {
          wrongs.push(`decide throws: ${error instanceof Error ? error.message : error}`)
        }
      },
    },
    stop: { wish: () => (turns > MOST_TURNS ? 'leave' : undefined), signal: new AbortController().signal },
  }
}

/** The cluster as it is in the end, read by somebody whom no fault of the wire meets. */
async function calmSnapshot({ world, plan, connect }: Simulation): Promise<ClusterSnapshot> {
  ;(world as { faults: World['faults'] }).faults = { ...world.faults, onRequest: () => undefined }
  return await captureSnapshot(await connect('afterwards'), plan.cluster.name, {})
}
