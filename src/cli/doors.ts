import { resumeRun } from '../engine/apply.ts'
import { EXIT } from '../errors/catalogue.ts'
import { keyedId } from '../model/keyed.ts'
import { nearest } from '../model/nearest.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRecord, RunRequest } from '../ports/run-record.ts'
import { parseItinerary } from '../report/documents.ts'
import { runReport } from '../report/run-report.ts'
import type { RunState } from '../rollout/state.ts'
import type { Session } from './command.ts'
import { circumstancesOf, driveToRest, heartbeatOf } from './driving.ts'
import { clusterFlag, optionalText, outputFlag, regionFlag } from './flags.ts'
import { type Io, OK, personOf, runFolderOf, usage } from './io.ts'
import { connectToRun, isDriven, knownRun, openFolder, openRecord, type RunFlags } from './runs.ts'
import { takenUpText } from './standing.ts'
import { printRun, RUN_FORMS, type RunForm } from './views.ts'

/** The doors out of a hold, and what people ask of a run that somebody else drives. */

export const runFlags = {
  cluster: clusterFlag,
  region: regionFlag,
  plan: optionalText('Find the cluster by this plan', 'plan'),
} as const

export const driveFlags = { ...runFlags, output: outputFlag(RUN_FORMS, 'table') } as const

export interface DriveFlags extends RunFlags {
  readonly output: RunForm
}

type Asked = Pick<RunRequest, 'kind' | 'reason' | 'step' | 'gate'>

/** A request with who and when; its id is its own. */
function requestOf(io: Io, ports: RunPorts, run: string, asked: Asked): RunRequest {
  const at = ports.clock.now()
  return { id: keyedId(16, run, asked.kind, io.identity, at), by: personOf(io), at, ...asked }
}

/** Takes the run over and goes on with it, with a door opened at once; prints its report when it rests. */
export async function goOn(session: Session, flags: DriveFlags, run: string | undefined, asked: Asked): Promise<number> {
  const ports = await connectToRun(session, flags, run)
  return (await endedAlready(session, ports, flags, run)) ?? (await driveOn(session, ports, flags, run, asked))
}

/** A driver may have died after its last word: what it would have said is said, with the same exit code. */
async function endedAlready(session: Session, ports: RunPorts, flags: DriveFlags, run: string | undefined): Promise<number | undefined> {
  const record = await ports.records.read()
  if (record === undefined || record.status === 'open' || (run !== undefined && run !== record.run)) return undefined
  const state: RunState = JSON.parse(record.state)
  if (state.outcome === undefined) return undefined
  const known = await knownRun(await openFolder(session), record.run)
  session.stderr.write(`Run ${record.run} has ended already; nothing is done now. This is how it ended:\n`)
  const report = runReport(parseItinerary(record.itinerary, 'the record in the cluster'), state, known?.journal)
  return printRun(session, report, flags.output, EXIT[state.outcome.exit])
}

async function driveOn(session: Session, ports: RunPorts, flags: DriveFlags, run: string | undefined, asked: Asked): Promise<number> {
  const record = await openRecord(ports, run)
  refuseUnknownStep(record, asked)
  const known = await knownRun(await openFolder(session), record.run)
  const itinerary = known?.itinerary ?? parseItinerary(record.itinerary, 'the record in the cluster')
  const runFolder = runFolderOf(session)
  session.circumstances = circumstancesOf({ runFolder }, record.run)
  session.stderr.write(`${takenUpText(record, await ports.lease.holder())}\n`)
  return await driveToRest({
    session,
    itinerary,
    form: flags.output,
    heartbeat: heartbeatOf(ports),
    runFolder,
    requests: [requestOf(session, ports, record.run, asked)],
    before: known?.journal,
    start: (options) => resumeRun(ports, record.run, options),
  })
}

/** A step that the run does not have would be journalled and change nothing. Throws SerinError USAGE with those it has. */
function refuseUnknownStep(record: RunRecord, { step }: Asked): void {
  if (step === undefined) return
  const itinerary = parseItinerary(record.itinerary, 'the record in the cluster')
  const state: RunState = JSON.parse(record.state)
  const ids = (state.back?.batches ?? itinerary.batches).flatMap((batch) => [batch.id, ...batch.steps.map(({ id }) => id)])
  if (ids.includes(step)) return
  const near = nearest(step, ids)
  throw usage(`Run ${record.run} has no step "${step}"${near ? `; did you mean ${near}?` : '.'}`, `Steps of this run: ${ids.join(', ')}.`)
}

/** Asks the driver that lives, or drives itself when none does. */
export async function askOrDrive(session: Session, flags: DriveFlags, run: string | undefined, asked: Asked): Promise<number> {
  const ports = await connectToRun(session, flags, run)
  try {
    return await driveOn(session, ports, flags, run, asked)
  } catch (error) {
    if (!isDriven(error)) throw error
    return await ask(session, ports, run, asked)
  }
}

/** Leaves a request in the cluster for whoever drives the run. */
export async function ask(session: Session, ports: RunPorts, run: string | undefined, asked: Asked): Promise<number> {
  const record = await openRecord(ports, run)
  refuseUnknownStep(record, asked)
  await ports.records.request(requestOf(session, ports, record.run, asked))
  session.circumstances = {}
  const driven = await ports.lease.holder()
  const when = driven
    ? `${driven.identity} takes it up at the next safe point`
    : `nobody drives it now; \`serin resume ${record.run}\` takes it up`
  session.stdout.write(`Asked run ${record.run} to ${asked.kind}: ${when}.\n`)
  return OK
}
