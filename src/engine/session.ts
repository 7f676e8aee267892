import { ERRORS, type ExitName } from '../errors/catalogue.ts'
import { isSerinError, SerinError } from '../errors/serin-error.ts'
import type { Outcome, RunEvent } from '../journal/event.ts'
import type { Listener } from '../journal/listener.ts'
import { type Instant, MINUTE } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Lease } from '../ports/lease.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRequest } from '../ports/run-record.ts'
import { TICK, UNKNOWN_BUDGET } from '../rollout/context.ts'
import { isIrrevocable } from '../rollout/remembering.ts'
import type { RunState } from '../rollout/state.ts'
import { diagnoseNow } from './diagnose-now.ts'
import { inspectAgain } from './inspect.ts'
import type { notifier } from './notify.ts'
import type { Observer } from './observe.ts'
import { type RunJournal, recordOf } from './run-journal.ts'
import { wantedOf } from './wanted.ts'

/** How a drive ended: the run is finished, or open with a reason and a way on. */
export type Ending =
  | { readonly kind: 'finished'; readonly outcome: Outcome; readonly state: RunState }
  | { readonly kind: 'open'; readonly exit: ExitName; readonly because: string; readonly resumeWith: string; readonly state: RunState }

/** How a person or a pipeline stops the driver; read at every turn. */
export interface Stop {
  /** `finish-moving`: start nothing new, watch what moves to its end. `leave`: record and go, at once. */
  readonly wish: () => 'finish-moving' | 'leave' | undefined
  readonly signal: AbortSignal
}

export interface Drive {
  readonly ports: RunPorts
  readonly itinerary: Itinerary
  readonly journal: RunJournal
  readonly observer: Observer
  readonly listeners: readonly Listener<RunState>[]
  readonly stop: Stop
  readonly until?: string
  /** Doors opened by the command that drives: resume, rollback, accept. */
  readonly requests: readonly RunRequest[]
  /** The pod Serin itself runs in, where it runs in one: it must not be on a node of the plan. */
  readonly takenFrom?: ClusterSnapshot['takenFrom']
  /** What opened the run, when this process did: subscribers are told of it. */
  readonly opening?: readonly RunEvent[]
  /** Reads a secret by reference (`env:NAME`), for webhooks. */
  readonly secret?: (reference: string) => string | undefined
}

/** How long an unreadable world is waited for before the drive gives up; the run stays open. */
export const PATIENCE = 20 * MINUTE
const CLOSING_TRIES = 12

/** What a drive knows beyond the journal: it dies with the process, and nothing depends on it for safety. */
export interface Session extends Drive {
  readonly notify: ReturnType<typeof notifier>
  /** Commands intended by this process and not sent yet; every other one is looked for before it is sent. */
  readonly unsent: Set<string>
  /** Commands that cannot be taken back and that this process intended, by all the rules that stand before an intent. */
  readonly own: Set<string>
  seen?: Seen
  lastSeen?: Seen
  asked: readonly RunRequest[]
  /** What people asked for by the record, and when that was read. */
  recorded?: { readonly at: Instant; readonly requests: readonly RunRequest[] }
  troubleSince?: Instant
  blindSince?: Instant
  unrecordedSince?: Instant
  /** The last journal entry that the record in the cluster holds, as far as this process wrote it. */
  published?: number
}

function refuseWhenLost(lease: Lease): void {
  if (lease.status() === 'lost') throw new SerinError('LEASE_LOST', 'another process took the Lease of this run over')
}

/** One picture of the world, with the Lease renewed and what people asked for meanwhile. */
export async function look(session: Session): Promise<Seen> {
  const { ports, journal, itinerary, observer } = session
  await ports.lease.renew()
  refuseWhenLost(ports.lease)
  session.asked = [...session.requests, ...(await askedInCluster(session))]
  const wanted = wantedOf(itinerary, stateOf(journal), session.lastSeen)
  const picture = observer.picture(wanted)
  const seen = await ((wanted.questions ?? []).length === 0 ? picture : renewingMeanwhile(session, picture))
  session.seen = seen
  session.lastSeen = seen
  return seen
}

/** Who is asked outside may think for longer than a Lease lasts. */
async function renewingMeanwhile<T>({ ports: { clock, lease }, stop }: Session, reading: Promise<T>): Promise<T> {
  const over = new AbortController()
  const renewing = async (): Promise<void> => {
    while (!over.signal.aborted && stop.wish() !== 'leave') {
      await clock.sleepUntil(clock.now() + TICK, over.signal)
      if (!over.signal.aborted) await lease.renew()
    }
  }
  const [result] = await Promise.all([reading.finally(() => over.abort()), renewing()])
  return result
}

export async function append(session: Session, events: readonly RunEvent[]): Promise<void> {
  const state = await session.journal.append(events)
  for (const event of events) {
    if (event.type !== 'command-intended') continue
    session.unsent.add(event.command.id)
    if (isIrrevocable(event.command.action)) session.own.add(event.command.id)
  }
  await tellSubscribers(session, state, events)
}

/** Who could not be told stands in the journal. */
export async function tellSubscribers(session: Session, state: RunState, events: readonly RunEvent[]): Promise<void> {
  const untold = await session.notify(state, events)
  if (untold.length > 0) await session.journal.append(untold)
}

export async function rest(session: Session, until: Instant): Promise<void> {
  await session.ports.clock.sleepUntil(until, session.stop.signal)
  session.seen = undefined
}

/** Looks harder: pre-flight again, a plain read past all caches, or what a failure comes from. */
export async function inspect(session: Session, what: 'preflight' | 'plain-read' | 'diagnosis'): Promise<void> {
  const { observer } = session
  await patiently(session, async () => {
    if (what === 'plain-read') await observer.plainRead()
    else if (what === 'preflight') await preflightAgain(session)
    else await append(session, [await diagnoseNow(session.ports, session.itinerary, stateOf(session.journal))])
    session.seen = undefined
  })
}

/** Evidence that may still come is asked for again within its budget, before an inconclusive pre-flight is a fact of the run. */
async function preflightAgain(session: Session): Promise<void> {
  const { ports, itinerary, journal, takenFrom } = session
  const { event, mayPass } = await inspectAgain(ports, itinerary, stateOf(journal), takenFrom)
  session.blindSince = mayPass ? (session.blindSince ?? ports.clock.now()) : undefined
  if (session.blindSince !== undefined && ports.clock.now() - session.blindSince < UNKNOWN_BUDGET)
    return await rest(session, ports.clock.now() + MINUTE)
  session.blindSince = undefined
  await append(session, [event])
}

/** Whoever leaves does not wait for an answer about the world that is slow to come. Undefined when it was not waited for. */
export async function unlessLeft<T>({ stop: { signal } }: Session, reading: Promise<T>): Promise<T | undefined> {
  let leave = (): void => {}
  const left = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined)
    signal.addEventListener('abort', leave)
  })
  if (signal.aborted) leave()
  try {
    return await Promise.race([reading, left])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** A world that cannot be read is waited for, within patience. Undefined when it has to be tried again. */
export async function patiently<T>(session: Session, act: () => Promise<T>): Promise<T | undefined> {
  const { clock } = session.ports
  try {
    const result = await act()
    session.troubleSince = undefined
    return result
  } catch (error) {
    if (!isSerinError(error) || !ERRORS[error.code].retryable) throw error
    session.troubleSince ??= clock.now()
    if (clock.now() - session.troubleSince > PATIENCE) throw error
    await rest(session, clock.now() + TICK)
    return undefined
  }
}

/** Read as often as the world is looked at where EKS does the work: a step that Serin drives itself looks more often, and nobody types so fast. */
async function askedInCluster(session: Session): Promise<readonly RunRequest[]> {
  const { ports, journal, recorded } = session
  const at = ports.clock.now()
  if (recorded !== undefined && at - recorded.at < TICK) return recorded.requests
  try {
    const record = await ports.records.read()
    session.recorded = { at, requests: record?.run === journal.state()?.run ? (record?.requests ?? []) : [] }
    return session.recorded.requests
  } catch (error) {
    if (isSerinError(error)) return []
    throw error
  }
}

/** Before a wait the record is brought up to date, so that `status` and `resume` elsewhere know what this process knows. */
export async function wait(session: Session, until: Instant): Promise<void> {
  if (session.journal.sequence() !== session.published) await publish(session)
  await rest(session, until)
}

/**
 * Writes the record that another machine would go on from; the error when it could not be written. Only the driver that
 * surely holds the Lease writes: another one may have gone on from what stands there.
 * @throws SerinError LEASE_LOST
 */
export async function publish(session: Session): Promise<SerinError | undefined> {
  const { ports, itinerary, journal } = session
  if (ports.lease.status() !== 'held') await ports.lease.renew()
  refuseWhenLost(ports.lease)
  if (ports.lease.status() !== 'held') return new SerinError('REMOTE_UNAVAILABLE', 'the Lease could not be renewed')
  try {
    const sequence = journal.sequence()
    await ports.records.write(recordOf(itinerary, stateOf(journal), sequence, ports.clock.now()))
    session.published = sequence
    return undefined
  } catch (error) {
    if (isSerinError(error)) return error
    throw error
  }
}

/** The record is brought up to date and the Lease given back; a cluster that does not answer keeps both, and `resume` sorts it out. */
export async function close(session: Session, ending: Ending): Promise<Ending> {
  for (let attempt = 0; attempt < CLOSING_TRIES; attempt++) {
    const failure = await publish(session)
    if (failure === undefined || !ERRORS[failure.code].retryable) break
    if (session.stop.wish() === 'leave') break
    await session.ports.clock.sleepUntil(session.ports.clock.now() + TICK)
  }
  await session.ports.lease.release()
  await session.observer.stop()
  return ending
}

export function stateOf(journal: RunJournal): RunState {
  const state = journal.state()
  if (state === undefined) throw new Error('a run is driven that was never opened')
  return state
}
