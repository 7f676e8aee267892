import { EXIT } from '../../errors/catalogue.ts'
import { iso } from '../../model/instant.ts'
import { jsonText } from '../../report/json.ts'
import { columnsOf } from '../../report/layout.ts'
import { runReport } from '../../report/run-report.ts'
import { command } from '../command.ts'
import { OUTPUT_ALIAS, outputFlag, switchFlag } from '../flags.ts'
import { OK } from '../io.ts'
import { knownRun, openFolder } from '../runs.ts'

interface Flags {
  readonly rehearsals: boolean
  readonly output: 'table' | 'json'
}

interface Row {
  readonly run: string
  readonly plan: string
  readonly cluster: string
  readonly opened: string
  readonly exit: string
}

export const runs = command<Flags, []>({
  text: {
    brief: 'List the runs known on this machine, newest first',
    description:
      'Lists runs (or rehearsals) with plan, cluster, start and how they ended. Reads only the folder of runs: .serin, or SERIN_HOME.',
    examples: ['serin runs', 'serin runs --rehearsals -o json'],
  },
  parameters: {
    flags: { rehearsals: switchFlag('Rehearsals instead of runs'), output: outputFlag(['table', 'json'], 'table') },
    aliases: OUTPUT_ALIAS,
  },
  async run(session, flags) {
    const folder = await openFolder(session, flags.rehearsals ? 'rehearsals' : 'runs')
    const rows = await Promise.all((await folder.runs()).map((run) => rowOf(folder, run)))
    if (flags.output === 'json') session.stdout.write(jsonText(rows))
    else session.stdout.write(rows.length > 0 ? tableOf(rows) : 'No runs are known on this machine.\n')
    return OK
  },
})

async function rowOf(folder: Awaited<ReturnType<typeof openFolder>>, run: string): Promise<Row> {
  const known = await knownRun(folder, run)
  if (!known) return { run, plan: 'unreadable', cluster: '', opened: '', exit: '' }
  const { exit } = runReport(known.itinerary, known.state, known.journal)
  const { plan, cluster } = known.itinerary
  const opened = `${iso(known.state.openedAt).slice(0, 19)}Z`
  return { run, plan, cluster: cluster.name, opened, exit: exit ? `${EXIT[exit]} ${exit}` : 'open' }
}

function tableOf(rows: readonly Row[]): string {
  const lines = [
    ['RUN', 'PLAN', 'CLUSTER', 'OPENED', 'ENDED'],
    ...rows.map((row) => [row.run, row.plan, row.cluster, row.opened, row.exit]),
  ]
  return `${columnsOf(lines).join('\n')}\n`
}
