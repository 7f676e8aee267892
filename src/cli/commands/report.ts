import type { Itinerary } from '../../model/itinerary.ts'
import { originOf } from '../../report/itinerary-words.ts'
import { asRehearsal } from '../../report/next.ts'
import { runHtml } from '../../report/run-html.ts'
import { runReport } from '../../report/run-report.ts'
import { command } from '../command.ts'
import { writeDocument } from '../documents.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, runArgument, switchFlag } from '../flags.ts'
import { OK } from '../io.ts'
import { rehearseLine } from '../rehearsal.ts'
import { neededRun, openFolder } from '../runs.ts'
import { runDocument } from '../views.ts'

interface Flags {
  readonly rehearsal: boolean
  readonly out?: string
  readonly output: 'table' | 'json' | 'markdown' | 'junit' | 'html'
}

export const report = command<Flags, [run?: string]>({
  text: {
    brief: 'Tell a run from its journal',
    description:
      'Prints what happened in the newest run, or the one named: per batch, with the reasons of the gates, the nodes that hung, what was changed, taken back and not touched, what to write back to Terraform, CloudFormation or eksctl, and what to type next. Reads only this machine.',
    examples: ['serin report', 'serin report -o html --out run.html', 'serin report --rehearsal -o markdown'],
  },
  parameters: {
    flags: {
      rehearsal: switchFlag('A rehearsal instead of a run'),
      out: optionalText('Write to this file (default: stdout)', 'file'),
      output: outputFlag(['table', 'json', 'markdown', 'junit', 'html'], 'table'),
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  async run(session, flags, run) {
    const known = await neededRun(await openFolder(session, flags.rehearsal ? 'rehearsals' : 'runs'), run)
    const report = runReport(known.itinerary, known.state, known.journal)
    const told = flags.rehearsal ? asRehearsal(report, againLine(known.itinerary)) : report
    const text = flags.output === 'html' ? runHtml(told) : runDocument(told, flags.output, session)
    if (flags.out) writeDocument(session, flags.out, text)
    else session.stdout.write(text)
    return OK
  },
})

/** The line that rehearses the same again, as far as the itinerary knows it. */
function againLine(itinerary: Itinerary): string {
  const { seed, scenarios: scenario } = originOf(itinerary).sandbox ?? { seed: undefined, scenarios: [] }
  return rehearseLine(itinerary.source.file ?? 'PLAN', { seed, scenario })
}
