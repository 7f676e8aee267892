import { EXIT } from '../../errors/catalogue.ts'
import { preflightExit } from '../../report/findings.ts'
import { jsonText } from '../../report/json.ts'
import { command } from '../command.ts'
import { loadPlanFile, writeDocument } from '../documents.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, planArgument, switchFlag } from '../flags.ts'
import { planOn } from '../planning.ts'
import { printFindings, printPlan, stoppedByPreflight } from '../printing.ts'
import { snapshotFor } from '../snapshots.ts'

interface Flags {
  readonly snapshot?: string
  readonly out?: string
  readonly detailedExitcode: boolean
  readonly output: 'table' | 'json' | 'markdown'
}

export const plan = command<Flags, [plan: string]>({
  text: {
    brief: 'Show every step of a plan before anything happens',
    description:
      'Resolves everything that moves to exact versions and numbers and prints each step: before and after, the API call, gates, what is exposed before it can be stopped, its undo, and the points of no return. Changes nothing. --out saves the itinerary for `serin apply`. With --snapshot it needs no network and no credentials. With --detailed-exitcode: 0 nothing to do, 2 changes, 1 usage error.',
    examples: [
      'serin plan plan.yaml',
      'serin plan plan.yaml --snapshot snapshot.json -o markdown',
      'serin plan plan.yaml --out itinerary.json --detailed-exitcode',
    ],
  },
  parameters: {
    flags: {
      snapshot: optionalText('Work offline, from this snapshot', 'file'),
      out: optionalText('Save the itinerary to this file', 'file'),
      detailedExitcode: switchFlag('Exit 0 for nothing to do, 2 for changes'),
      output: outputFlag(['table', 'json', 'markdown'], 'table'),
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [planArgument] },
  },
  async run(session, flags, path) {
    const loaded = loadPlanFile(session, path)
    const planned = planOn(loaded, await snapshotFor(session, loaded.plan, flags.snapshot))
    if (preflightExit(planned.preflight) !== EXIT.ok) printFindings(session, planned, 'stderr', 'table')
    printPlan(session, planned, 'stdout', flags.output)
    if (flags.out) {
      writeDocument(session, flags.out, jsonText(planned.itinerary))
      session.stderr.write(`The itinerary is in ${flags.out}; \`serin apply ${flags.out}\` runs exactly this.\n`)
    }
    const stopped = stoppedByPreflight(session, planned, path, 'table')
    if (stopped !== EXIT.ok) return stopped
    return flags.detailedExitcode && planned.itinerary.batches.length > 0 ? 2 : EXIT.ok
  },
})
