import type { DriveOptions } from '../engine/apply.ts'
import type { Ending } from '../engine/session.ts'
import { EXIT } from '../errors/catalogue.ts'
import type { JournalEntry } from '../journal/event.ts'
import type { Listener } from '../journal/listener.ts'
import { MINUTE, type Millis } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import type { RunRequest } from '../ports/run-record.ts'
import { asRehearsal } from '../report/next.ts'
import { type RunReport, runReport } from '../report/run-report.ts'
import type { RunState } from '../rollout/state.ts'
import type { Session } from './command.ts'
import { takenFromOf } from './connection.ts'
import { personOf } from './io.ts'
import { listenForStop } from './signals.ts'
import { printRun, type RunForm, viewOf } from './views.ts'

/** Driving a run from the command line: who watches, what signals do, what is printed at the end. */
export interface Drive {
  readonly session: Session
  readonly itinerary: Itinerary
  readonly form: RunForm
  /** Plain lines say where the run stands at least this often. */
  readonly heartbeat: Millis
  /** The folder of runs, for messages. */
  readonly runFolder: string
  readonly until?: string
  /** Doors that the command itself opens. */
  readonly requests?: readonly RunRequest[]
  readonly watchers?: readonly Listener<RunState>[]
  /** The journal so far, when an open run is gone on with. */
  readonly before?: readonly JournalEntry[]
  /** A rehearsal is told as one, knows nothing of where the process runs, and calls no webhook. `again` is what was typed. */
  readonly rehearsal?: { readonly by: string; readonly again: string; readonly unmet: () => readonly string[] }
  readonly start: (options: DriveOptions) => Promise<Ending>
}

/** Drives a run until it is finished or open with a reason; prints its report and answers with its exit code. */
export async function driveToRest(drive: Drive): Promise<number> {
  const { session, itinerary, form } = drive
  const view = viewOf(session, form, drive)
  const journal = [...(drive.before ?? [])]
  const note: Listener<RunState> = {
    onEvent(entry) {
      journal.push(entry)
      if (entry.event.type === 'run-opened') session.circumstances = circumstancesOf(drive, entry.event.run)
    },
    onTick: () => undefined,
  }
  const stop = listenForStop(session)
  try {
    const drives = drive.start({
      by: drive.rehearsal?.by ?? personOf(session),
      listeners: [note, ...(drive.watchers ?? []), view],
      stop: stop.stop,
      until: drive.until,
      requests: drive.requests,
      takenFrom: drive.rehearsal ? undefined : takenFromOf(session),
      secret: drive.rehearsal ? undefined : (reference) => session.env[reference.replace(/^env:/, '')],
    })
    const ending = await Promise.race([drives, stop.overdue])
    await view.close()
    if (ending === 'overdue') return leftBehind(session, stop.signalled())
    const report = reportOf(ending, itinerary, journal)
    const told = drive.rehearsal ? asRehearsal(report, drive.rehearsal.again, drive.rehearsal.unmet()) : report
    return printRun(session, told, form, exitOf(ending, stop.signalled()))
  } finally {
    stop.close()
    await view.close()
  }
}

/** Once a minute of a person's time, however fast the sandbox's clock runs. */
export function heartbeatOf({ sandbox }: ClusterPorts): Millis {
  return MINUTE * Math.max(1, sandbox?.speed ?? 1)
}

/** The cluster did not answer in time to be told that this process leaves. */
function leftBehind({ stderr, circumstances: { run } }: Session, signal: 'SIGINT' | 'SIGTERM' | undefined): number {
  const next = run === undefined ? '`serin status` shows whether a run was opened.' : `\`serin resume ${run}\` goes on with the run.`
  stderr.write(`Left without an answer of the cluster; a Lease still held runs out by itself in half a minute. ${next}\n`)
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
}

export function circumstancesOf({ runFolder }: Pick<Drive, 'runFolder'>, run: string): Session['circumstances'] {
  return { run, journal: `${runFolder}/${run}/journal.ndjson` }
}

function reportOf(ending: Ending, itinerary: Itinerary, journal: readonly JournalEntry[]): RunReport {
  return runReport(itinerary, ending.state, journal, ending.kind === 'open' ? ending : undefined)
}

/** A run that was left because of Ctrl-C is 130, because of SIGTERM 143; everything else is what the run says. */
function exitOf(ending: Ending, signal: 'SIGINT' | 'SIGTERM' | undefined): number {
  if (ending.kind === 'finished') return EXIT[ending.outcome.exit]
  if (signal === undefined) return EXIT[ending.exit]
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
}
