import { isSerinError } from '../../errors/serin-error.ts'
import type { RunPorts } from '../../ports/ports.ts'
import { parseItinerary } from '../../report/documents.ts'
import { jsonText } from '../../report/json.ts'
import { type RunReport, runReport } from '../../report/run-report.ts'
import { runText } from '../../report/run-text.ts'
import { command, type Session } from '../command.ts'
import { runFlags } from '../doors.ts'
import { OUTPUT_ALIAS, outputFlag, runArgument, switchFlag } from '../flags.ts'
import { OK, styleFor } from '../io.ts'
import { connectToRun, knownRun, neededRun, openFolder, type RunFlags } from '../runs.ts'
import { standingLines } from '../standing.ts'

interface Flags extends RunFlags {
  readonly offline: boolean
  readonly output: 'table' | 'json'
}

interface Standing {
  readonly report: RunReport
  /** Where it stands now, as far as the cluster was asked. */
  readonly standing: readonly string[]
}

export const status = command<Flags, [run?: string]>({
  text: {
    brief: 'Show where a run stands and which doors are open',
    description:
      'Shows the newest run, or the one named: what happened, what is in flight, who drives it, what to type next. Asks the cluster first, so it works from another machine too (name the cluster or the plan); with --offline only this machine is asked. Changes nothing.',
    examples: ['serin status', 'serin status --cluster shop --region eu-central-1', 'serin status --offline -o json'],
  },
  parameters: {
    flags: { ...runFlags, offline: switchFlag('Do not ask the cluster'), output: outputFlag(['table', 'json'], 'table') },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  async run(session, flags, run) {
    const { report, standing } = flags.offline ? await here(session, run) : await there(session, flags, run)
    if (flags.output === 'json') session.stdout.write(jsonText({ ...report, standing }))
    else session.stdout.write(`${standing.join('\n')}\n\n${runText(report, styleFor(session, 'stdout'))}`)
    return OK
  },
})

/** As the journal on this machine says. */
async function here(session: Session, run: string | undefined): Promise<Standing> {
  const known = await neededRun(await openFolder(session), run)
  return {
    report: runReport(known.itinerary, known.state, known.journal),
    standing: ['Not asked: where it stands in the cluster and who drives it.'],
  }
}

/** As the record in the cluster says; a cluster that does not answer is said, and this machine asked instead. */
async function there(session: Session, flags: Flags, run: string | undefined): Promise<Standing> {
  try {
    return await fromCluster(session, await connectToRun(session, flags, run), run)
  } catch (error) {
    if (!isSerinError(error, 'REMOTE_UNAVAILABLE', 'REMOTE_THROTTLED', 'REMOTE_CREDENTIALS', 'REMOTE_DENIED')) throw error
    session.stderr.write(`The cluster could not be asked (${error.message}); this is what this machine knows.\n`)
    return await here(session, run)
  }
}

async function fromCluster(session: Session, ports: RunPorts, run: string | undefined): Promise<Standing> {
  const record = await ports.records.read()
  if (!record || (run !== undefined && record.run !== run)) return await here(session, run)
  const known = await knownRun(await openFolder(session), record.run)
  const itinerary = parseItinerary(record.itinerary, 'the record in the cluster')
  const holder = record.status === 'open' ? await ports.lease.holder() : undefined
  const standing = standingLines(record, itinerary, holder, ports.clock.now())
  const report = runReport(itinerary, JSON.parse(record.state), known?.journal)
  return { report: holder ? { ...report, next: drivenDoors(record.run) } : report, standing }
}

/** What can be asked of a run that somebody drives. */
function drivenDoors(run: string): readonly string[] {
  return [`serin hold ${run} --reason TEXT`, `serin rollback ${run} --reason TEXT`, `serin abandon ${run} --reason TEXT`]
}
