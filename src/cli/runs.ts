import { isSerinError, SerinError } from '../errors/serin-error.ts'
import { decodeEntries } from '../journal/codec.ts'
import type { JournalEntry } from '../journal/event.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { RunFolder } from '../ports/journal.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRecord } from '../ports/run-record.ts'
import { parseItinerary } from '../report/documents.ts'
import { stateOf } from '../report/run-report.ts'
import type { RunState } from '../rollout/state.ts'
import { connect, targetOf, targetOfItinerary } from './connection.ts'
import { loadPlanFile } from './documents.ts'
import { type Io, rehearsalFolderOf, runFolderOf, type Target } from './io.ts'

/** Runs as this machine knows them. */
export interface KnownRun {
  readonly run: string
  readonly itinerary: Itinerary
  readonly journal: readonly JournalEntry[]
  readonly state: RunState
}

export async function openFolder(io: Io, kind: 'runs' | 'rehearsals' = 'runs'): Promise<RunFolder> {
  const { createRunFolder } = await import('../adapters/journal-file/run-folder.ts')
  return createRunFolder(kind === 'runs' ? runFolderOf(io) : rehearsalFolderOf(io))
}

/** A run by name, or the newest. Undefined when nothing is known here. Throws SerinError JOURNAL_UNREADABLE. */
export async function knownRun(folder: RunFolder, run: string | undefined): Promise<KnownRun | undefined> {
  const name = run ?? (await folder.runs())[0]
  if (name === undefined) return undefined
  const text = await folder.readItinerary(name)
  if (text === undefined) return undefined
  const journal = decodeEntries((await folder.journal(name).read()).lines)
  const state = stateOf(journal)
  return state && { run: name, itinerary: parseItinerary(text, `${name}/itinerary.json`), journal, state }
}

/** The itinerary alone: a crash right after the opening may have left no journal. */
async function knownItinerary(folder: RunFolder, run: string | undefined): Promise<Itinerary | undefined> {
  const name = run ?? (await folder.runs())[0]
  const text = name === undefined ? undefined : await folder.readItinerary(name)
  return text === undefined ? undefined : parseItinerary(text, `${name}/itinerary.json`)
}

/** Like `knownRun`, for commands that cannot do without. Throws SerinError RUN_NOT_FOUND. */
export async function neededRun(folder: RunFolder, run: string | undefined): Promise<KnownRun> {
  const known = await knownRun(folder, run)
  if (known) return known
  throw new SerinError('RUN_NOT_FOUND', run === undefined ? 'No run is known on this machine.' : `Run ${run} is not known on this machine.`)
}

/** How the cluster of a run is found: flags and plan first, then the run known here. */
export interface RunFlags {
  readonly cluster?: string
  readonly region?: string
  readonly plan?: string
}

/** Connects to the cluster of a run; with flags from any machine, without them from the one that ran it. */
export async function connectToRun(io: Io, flags: RunFlags, run: string | undefined): Promise<RunPorts> {
  return await connect(io, await targetOfRun(io, flags, run))
}

async function targetOfRun(io: Io, flags: RunFlags, run: string | undefined): Promise<Target> {
  if (flags.plan) {
    const { name: cluster, ...rest } = loadPlanFile(io, flags.plan).plan.cluster
    return { cluster, ...rest }
  }
  if (flags.cluster) return targetOf(io, flags)
  const itinerary = await knownItinerary(await openFolder(io), run)
  if (itinerary) return targetOfItinerary(itinerary)
  throw new SerinError('RUN_NOT_FOUND', 'No such run is known on this machine.', {
    remedy: 'Name its cluster: --cluster NAME --region REGION, or --plan PLAN; the open run is recorded in the cluster.',
  })
}

/** The open run of the cluster, as its record says. Throws SerinError RUN_NOT_FOUND. */
export async function openRecord(ports: RunPorts, run: string | undefined): Promise<RunRecord> {
  const record = await ports.records.read()
  if (record?.status === 'open' && (run === undefined || record.run === run)) return record
  const ended = record ? `; the last one, ${record.run}, is ${record.status}` : ''
  throw new SerinError('RUN_NOT_FOUND', `${run ? `Run ${run} is not open` : 'No run is open'} on this cluster${ended}.`)
}

/** Whether another process drives: its Lease is alive. */
export function isDriven(error: unknown): boolean {
  return isSerinError(error, 'RUN_LOCKED')
}
