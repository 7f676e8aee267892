import { changedSince } from '../../preflight/since.ts'
import { preflightExit } from '../../report/findings.ts'
import { command } from '../command.ts'
import { loadPlanFile, loadPreflightFile } from '../documents.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, planArgument, refreshInsightsFlag, switchFlag } from '../flags.ts'
import { planOn } from '../planning.ts'
import { FINDING_FORMS, type FindingForm, printFindings } from '../printing.ts'
import { snapshotFor } from '../snapshots.ts'

interface Flags {
  readonly snapshot?: string
  readonly since?: string
  readonly refreshInsights: boolean
  readonly all: boolean
  readonly output: FindingForm
}

export const preflight = command<Flags, [plan: string]>({
  text: {
    brief: 'Check whether a plan may run',
    description:
      'Evaluates every check of the catalogue on the cluster, or offline on a snapshot. Changes nothing. Exit 0 clear, 10 blocked, 11 evidence for a blocking check is missing. `serin explain CODE` says what a check prevents.',
    examples: [
      'serin preflight plan.yaml',
      'serin preflight plan.yaml --snapshot snapshot.json -o markdown',
      'serin preflight plan.yaml -o junit > preflight.xml',
      'serin preflight plan.yaml -o sarif > preflight.sarif',
      'serin preflight plan.yaml --since yesterday.json   # what -o json wrote then',
    ],
  },
  parameters: {
    flags: {
      snapshot: optionalText('Work offline, from this snapshot', 'file'),
      since: optionalText('Show only what changed against an earlier result (written by -o json); the exit code stays that of all', 'file'),
      refreshInsights: refreshInsightsFlag,
      all: switchFlag('In the table, say of each check that passes what it looked at'),
      output: outputFlag(FINDING_FORMS, 'table'),
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [planArgument] },
  },
  async run(session, flags, path) {
    const loaded = loadPlanFile(session, path)
    const earlier = flags.since === undefined ? undefined : loadPreflightFile(session, flags.since)
    const planned = planOn(loaded, await snapshotFor(session, loaded.plan, flags.snapshot, flags.refreshInsights))
    const told = earlier === undefined ? planned : { ...planned, preflight: changedSince(planned.preflight, earlier) }
    printFindings(session, told, 'stdout', flags.output, flags.all)
    const exit = preflightExit(planned.preflight)
    if (exit !== 0) session.stderr.write(`Nothing was changed. Mend or waive what is named, then: ${again(path, flags.snapshot)}\n`)
    return exit
  },
})

/** A snapshot shows nothing of what was mended since. */
function again(path: string, snapshot: string | undefined): string {
  if (snapshot === undefined) return `serin preflight ${path}`
  return `serin snapshot ${path} -o ${snapshot} && serin preflight ${path} --snapshot ${snapshot}`
}
