import { SerinError } from '../errors/serin-error.ts'
import type { Listener } from '../journal/listener.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { nearest } from '../model/nearest.ts'
import { autoScalingNameOf } from '../model/self-managed.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRequest } from '../ports/run-record.ts'
import { isUntil } from '../rollout/rules/starting.ts'
import type { RunState } from '../rollout/state.ts'
import { openObserver } from './observe.ts'
import { type OpenedRun, reopenRun, startRun } from './open-run.ts'
import { driveRun } from './run.ts'
import type { Ending, Stop } from './session.ts'

export interface DriveOptions {
  /** Who drives, in words a colleague understands. */
  readonly by: string
  readonly listeners: readonly Listener<RunState>[]
  readonly stop: Stop
  /** Stop before the first batch beyond this phase or batch. */
  readonly until?: string
  /** Doors to open at once: resume, rollback, accept. */
  readonly requests?: readonly RunRequest[]
  /** The pod Serin itself runs in, where it runs in one. */
  readonly takenFrom?: ClusterSnapshot['takenFrom']
  /** Reads a secret by reference (`env:NAME`); undefined when it is not set. */
  readonly secret?: (reference: string) => string | undefined
}

/** A driver that nothing interrupts, for rehearsals and tests. */
export const UNSTOPPABLE: Stop = { wish: () => undefined, signal: new AbortController().signal }

/** Opens a run of an itinerary and drives it to its end or to a hold. @throws SerinError RUN_LOCKED, LEASE_LOST, REMOTE_*. */
export async function applyItinerary(ports: RunPorts, itinerary: Itinerary, options: DriveOptions): Promise<Ending> {
  checkUntil(itinerary, options.until)
  return await drive(ports, await startRun(ports, itinerary, options.by, options.listeners), options)
}

/** Goes on with an open run, here or on another machine. @throws SerinError RUN_NOT_FOUND, RUN_LOCKED, LEASE_LOST, REMOTE_*. */
export async function resumeRun(ports: RunPorts, run: string | undefined, options: DriveOptions): Promise<Ending> {
  return await drive(ports, await reopenRun(ports, run, options.by, options.listeners), options)
}

/** @throws SerinError USAGE when `until` names nothing of this run: a slip must not look like a stop that was asked for. */
function checkUntil({ batches }: Itinerary, until: string | undefined): void {
  if (until === undefined || batches.some((batch) => isUntil(batch, until))) return
  const names = [...new Set(batches.flatMap(({ id, phase }) => [phase, id, id.split('/').slice(1, -1).join('/')]))].filter(Boolean)
  const near = nearest(until, names)
  throw new SerinError('USAGE', `this run has no phase, wave or batch "${until}"${near ? `; did you mean ${near}?` : ''}`, {
    remedy: `It has: ${names.join(', ') || 'nothing to do'}.`,
  })
}

async function drive(ports: RunPorts, { itinerary, journal, opening }: OpenedRun, options: DriveOptions): Promise<Ending> {
  const observer = openObserver(ports, itinerary.cluster.name, {
    selfManaged: selfManagedOf(itinerary),
    replacing: replacingOf(itinerary),
  })
  try {
    return await driveRun({ ...options, ports, itinerary, journal, opening, observer, requests: options.requests ?? [] })
  } catch (error) {
    // Neither may hide what went wrong: a Lease that is not given back runs out by itself.
    await Promise.allSettled([observer.stop(), ports.lease.release()])
    throw error
  }
}

/** Every self-managed group in scope, moved or not, and those that are only cured: their nodes are told from those of no group. */
export function selfManagedOf({ source, batches }: Itinerary): readonly string[] {
  const cured = batches.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'rotate-node' ? [step.group] : step.kind === 'tidy' ? step.groups : [])),
  )
  const made = source.intent.groups.flatMap(({ replacement }) => replacement?.group ?? [])
  const names = new Set([...source.intent.groups.map(({ name }) => name), ...made, ...cured])
  return [...names].flatMap((name) => autoScalingNameOf(name) ?? [])
}

/** Groups that give way to another, and those that take over from them. */
function replacingOf({ source }: Itinerary): readonly string[] {
  return source.intent.groups.flatMap(({ name, changes, replacement }) => (changes && replacement ? [name, replacement.group] : []))
}
