import { SerinError } from '../errors/serin-error.ts'
import type { RunEvent } from '../journal/event.ts'
import type { Listener } from '../journal/listener.ts'
import { iso } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { keyedId } from '../model/keyed.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRecord } from '../ports/run-record.ts'
import { evolve } from '../rollout/evolve.ts'
import type { RunState } from '../rollout/state.ts'
import { openRunJournal, type RunJournal, recordOf } from './run-journal.ts'

export interface OpenedRun {
  readonly run: string
  readonly itinerary: Itinerary
  readonly journal: RunJournal
  /** The events that opened it, when it is new. */
  readonly opening?: readonly RunEvent[]
}

/**
 * Opens a new run: takes the Lease, makes sure no run of another is open, and begins record and journal. A run is open
 * from the moment its record stands in the cluster: from then on `resume` finds it, here and on another machine.
 * @throws SerinError RUN_LOCKED when a driver lives or a run is open; REMOTE_* when the record cannot be written.
 */
export async function startRun(
  ports: RunPorts,
  itinerary: Itinerary,
  by: string,
  listeners: readonly Listener<RunState>[],
): Promise<OpenedRun> {
  const run = `${iso(ports.clock.now()).slice(0, 16).replace(/[-:]/g, '').replace('T', '-')}-${keyedId(6, itinerary.digest, ports.clock.now(), by)}`
  const lease = await ports.lease.acquire(run)
  return await releasedOnFailure(ports, async () => {
    const record = await ports.records.read()
    if (record?.status === 'open') throw openRun(record)
    const opening: readonly RunEvent[] = [
      { type: 'run-opened', run, plan: itinerary.plan, digest: itinerary.digest, by, cluster: itinerary.cluster.name },
      { type: 'lease-taken', identity: lease.identity, transitions: lease.transitions },
    ]
    await ports.folder.writeItinerary(run, JSON.stringify(itinerary))
    await writeFirstRecord(ports, itinerary, opening)
    const journal = await openRunJournal(ports.folder.journal(run), ports.clock, listeners)
    await journal.append(opening)
    return { run, itinerary, journal, opening }
  })
}

async function writeFirstRecord(ports: RunPorts, itinerary: Itinerary, opening: readonly RunEvent[]): Promise<void> {
  const at = ports.clock.now()
  const state = opening.reduce<RunState | undefined>((known, event) => evolve(known, event, at), undefined)
  if (state !== undefined) await ports.records.write(recordOf(itinerary, state, opening.length, at))
}

/** Whoever cannot begin must not keep others waiting for a Lease that runs out. */
async function releasedOnFailure<T>(ports: RunPorts, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin()
  } catch (error) {
    await ports.lease.release()
    throw error
  }
}

function openRun(record: RunRecord): SerinError {
  return new SerinError(
    'RUN_LOCKED',
    `run ${record.run} of plan ${record.plan} is open since ${iso(record.openedAt)}, opened by ${record.openedBy}`,
    {
      remedy: '`serin status` shows where it stands; `serin resume`, `serin rollback` or `serin abandon` ends it.',
    },
  )
}

/**
 * Goes on with the open run of the cluster, from whichever knows more: the journal on this machine or the record in the
 * cluster. Waits out the Lease of a dead driver.
 * @throws SerinError RUN_LOCKED when a driver lives, RUN_NOT_FOUND when no run is open.
 */
export async function reopenRun(
  ports: RunPorts,
  wanted: string | undefined,
  by: string,
  listeners: readonly Listener<RunState>[],
): Promise<OpenedRun> {
  const first = await ports.records.read()
  const run = wanted ?? (first?.status === 'open' ? first.run : (await ports.folder.runs())[0])
  if (run === undefined) throw new SerinError('RUN_NOT_FOUND', 'no run is open on this cluster and none is known here')
  const lease = await ports.lease.acquire(run)
  return await releasedOnFailure(ports, async () => {
    const record = await ports.records.read()
    const ours = record?.run === run ? record : undefined
    if (record?.status === 'open' && ours === undefined) throw openRun(record)
    const itinerary = await itineraryOf(ports, run, ours)
    const journal = await openRunJournal(ports.folder.journal(run), ports.clock, listeners)
    await journal.append([
      { type: 'run-resumed', by, ...(ours !== undefined && importOf(ours, journal)) },
      { type: 'lease-taken', identity: lease.identity, transitions: lease.transitions },
    ])
    return { run, itinerary, journal }
  })
}

/**
 * The state of the record, where it knows what the journal here does not. A journal that was left behind may have the
 * higher number: another machine went on from an older record. So it is asked first whether the journal knows the driver
 * that wrote the record at all.
 */
function importOf(record: RunRecord, journal: RunJournal): { readonly imported?: RunState; readonly importedSequence?: number } {
  const imported = JSON.parse(record.state) as RunState
  const writer = imported.drivers?.at(-1)
  const known = journal.state()?.drivers ?? []
  const sameDriver = writer === undefined || writer === known.at(-1)
  const recordKnowsMore = sameDriver ? record.sequence > journal.sequence() : !known.includes(writer)
  return recordKnowsMore ? { imported, importedSequence: record.sequence } : {}
}

async function itineraryOf(ports: RunPorts, run: string, record: RunRecord | undefined): Promise<Itinerary> {
  const text = (await ports.folder.readItinerary(run)) ?? record?.itinerary
  if (text === undefined) throw new SerinError('RUN_NOT_FOUND', `run ${run} is neither known here nor open on this cluster`)
  const itinerary = JSON.parse(text) as Itinerary
  if (record !== undefined && record.digest !== itinerary.digest) {
    throw new SerinError(
      'JOURNAL_OF_ANOTHER_PLAN',
      `the run in the cluster was opened with itinerary ${record.digest}, the one here is ${itinerary.digest}`,
    )
  }
  await ports.folder.writeItinerary(run, text)
  return itinerary
}
