import { applyItinerary, resumeRun } from '../../src/engine/apply.ts'
import { namedBy } from '../../src/engine/capture/named-by-plan.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { type Prepared, prepare } from '../../src/engine/prepare.ts'
import type { Ending } from '../../src/engine/session.ts'
import type { JournalEntry, Outcome, RunEvent } from '../../src/journal/event.ts'
import type { Failure } from '../../src/model/failure.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import type { RunRequest, RunRequestKind } from '../../src/ports/run-record.ts'
import { driveOptions, openSimulation, type RehearsalSettings, type Simulation } from '../support/rehearsal.ts'

/** A run of several chapters: it is begun, holds, and goes on through the door that a person opens. */
export interface Story {
  readonly simulation: Simulation
  readonly prepared: Prepared
  readonly start: ClusterSnapshot
  readonly journal: JournalEntry[]
}

/** Opens a simulated cluster, prepares the plan on it, and hands the story to `tell`; nothing of it is left afterwards. */
export async function withStory<T>(settings: RehearsalSettings, tell: (story: Story) => Promise<T>): Promise<T> {
  const simulation = openSimulation(settings)
  try {
    const ports = await simulation.connect()
    const start = await captureSnapshot(ports, simulation.plan.cluster.name, namedBy(simulation.plan))
    return await tell({ simulation, start, prepared: prepare(simulation.plan, start), journal: [] })
  } finally {
    simulation.close()
  }
}

/** The first chapter: applied until it ends or holds, or until the process is terminated at the event `leaveAt`. */
export async function begin({ simulation, prepared, journal }: Story, leaveAt?: (event: RunEvent) => boolean): Promise<Ending> {
  const ports = await simulation.connect()
  const { leaver, stop } = leaving(leaveAt)
  return await applyItinerary(ports, prepared.itinerary, driveOptions({ listeners: [keeper(journal), leaver], stop }))
}

/** The next chapter, by the same or by another machine: somebody opens a door. At the event `leaveAt` the process is terminated. */
export async function goOn(
  { simulation, journal }: Story,
  kind: RunRequestKind,
  more: Partial<RunRequest> & { readonly machine?: string } = {},
  onEvent: (entry: JournalEntry) => unknown = () => undefined,
  leaveAt?: (event: RunEvent) => boolean,
): Promise<Ending> {
  const { machine, ...rest } = more
  const ports = await simulation.connect(machine)
  const request: RunRequest = { id: `${kind}-${journal.length}`, kind, by: 'lena', at: ports.clock.now(), ...rest }
  const { leaver, stop } = leaving(leaveAt)
  const listeners = [keeper(journal), { onEvent, onTick: () => undefined }, leaver]
  return await resumeRun(ports, undefined, driveOptions({ by: 'lena', listeners, requests: [request], stop }))
}

function leaving(leaveAt: (event: RunEvent) => boolean = () => false) {
  const controller = new AbortController()
  const { signal } = controller
  const leaver = { onEvent: ({ event }: JournalEntry) => void (leaveAt(event) && controller.abort()), onTick: () => undefined }
  return { leaver, stop: { wish: () => (signal.aborted ? ('leave' as const) : undefined), signal } }
}

function keeper(journal: JournalEntry[]): { onEvent: (entry: JournalEntry) => void; onTick: () => void } {
  return { onEvent: (entry) => void journal.push(entry), onTick: () => undefined }
}

/** The cluster as it stands now. */
export async function lookAround({ simulation }: Story): Promise<ClusterSnapshot> {
  const ports = await simulation.connect('onlooker')
  return await captureSnapshot(ports, simulation.plan.cluster.name, namedBy(simulation.plan))
}

/** Lets the world's clock run on, with nobody at the wheel. */
export function letTimePass({ simulation }: Story, milliseconds: number): void {
  const { timeline } = simulation.world
  timeline.advanceTo(timeline.now() + milliseconds)
}

export function outcomeOf(ending: Ending | undefined): Outcome {
  if (ending?.kind !== 'finished') throw new Error(`the run is open: ${ending?.because ?? 'it never began'}`)
  return ending.outcome
}

/** The failure that the run holds for. */
export function heldFor(journal: readonly JournalEntry[]): Failure | undefined {
  return eventsOf(journal, 'hold-entered').at(-1)?.failure
}

export function eventsOf<T extends RunEvent['type']>(journal: readonly JournalEntry[], type: T): readonly Extract<RunEvent, { type: T }>[] {
  return journal.map(({ event }) => event).filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)
}

/** One line an event: what happened, to what, how it came out. */
export function readable(journal: readonly JournalEntry[]): readonly string[] {
  return journal.map(({ event }) => [event.type, ...subjectOf(event)].join(' '))
}

function subjectOf(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'command-intended':
      return [event.command.step, event.command.action.kind]
    case 'command-answered':
      return [event.result.kind]
    case 'gate-judged':
      return [event.batch, event.gate, event.judgement.verdict]
    case 'soak-clock':
      return [event.batch, event.running ? 'runs' : 'stands']
    case 'preflight-evaluated':
      return [event.verdict]
    case 'step-done':
      return [event.step]
    case 'step-failed':
      return [event.step, event.failure.cause]
    case 'batch-started':
    case 'batch-passed':
      return [event.batch]
    case 'batch-failed':
      return [event.batch, event.failure.cause]
    case 'hold-entered':
      return [event.cause]
    case 'hold-left':
      return [event.door]
    case 'rollback-started':
      return [event.scope, ...event.batches.map(({ id }) => id)]
    case 'run-finished':
      return [event.outcome.exit]
    default:
      return []
  }
}
