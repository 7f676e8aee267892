import { preflightExit } from '../../report/findings.ts'
import { jsonText } from '../../report/json.ts'
import { command } from '../command.ts'
import { capture } from '../connection.ts'
import { loadPlanFile, writeDocument } from '../documents.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, planArgument, scenarioFlag, seedFlag, switchFlag } from '../flags.ts'
import { OK, usage } from '../io.ts'
import { planOn } from '../planning.ts'
import { printFindings, printPlan, stoppedByPreflight } from '../printing.ts'
import { driveRehearsal, openRehearsal, rehearseLine } from '../rehearsal.ts'
import { RUN_FORMS, type RunForm } from '../views.ts'
import { scenarioList, worldFor } from '../worlds.ts'

interface Flags {
  readonly world?: string
  readonly snapshot?: string
  readonly scenario?: readonly string[]
  readonly seed?: number
  readonly minorDowngrade?: 'strict' | 'lenient'
  readonly end?: string
  readonly listScenarios: boolean
  readonly output: RunForm
}

/** Whoever rehearses is not in the simulated cluster, wherever the process itself runs. */
const NOWHERE = { env: {} }

export const rehearse = command<Flags, [plan?: string]>({
  text: {
    brief: 'Run a plan on a simulated cluster, in virtual time',
    description:
      'Runs the real engine and the real adapters against a simulated AWS and EKS cluster in this process: nothing outside is touched, hours pass in seconds. plans/NAME.yaml finds its world in plans/worlds/NAME.yaml; --snapshot rehearses on your own cluster as it was captured. Scenarios put faults into the world. Approvals are given by the rehearsal itself. Exit codes are those of `apply`.',
    examples: [
      'serin rehearse plans/quickstart.yaml',
      'serin rehearse plans/incident-1.yaml --scenario ipam-hang --end end.json',
      'serin rehearse my-plan.yaml --snapshot snapshot.json --scenario throttled --seed 7',
    ],
  },
  parameters: {
    flags: {
      world: optionalText('A world file (default: the one beside the plan)', 'file'),
      snapshot: optionalText('Rehearse on a snapshot of your own cluster', 'file'),
      scenario: scenarioFlag,
      seed: seedFlag,
      minorDowngrade: {
        kind: 'enum',
        values: ['strict', 'lenient'],
        optional: true,
        brief: 'Whether EKS takes a managed group back a minor; AWS documents disagree',
      },
      end: optionalText('Write the last snapshot of the world to this file', 'file'),
      listScenarios: switchFlag('Print the shipped scenarios and end'),
      output: outputFlag(RUN_FORMS, 'table'),
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [{ ...planArgument, optional: true }] },
  },
  async run(session, flags, path) {
    if (flags.listScenarios) {
      session.stdout.write(await scenarioList(session))
      return OK
    }
    if (path === undefined) throw usage('Which plan? As in: serin rehearse plans/quickstart.yaml')
    const loaded = loadPlanFile(session, path)
    const { name: cluster, region } = loaded.plan.cluster
    const rehearsal = await openRehearsal(session, { cluster, region }, worldFor(session, path, flags))
    const planned = planOn(loaded, await capture(NOWHERE, await rehearsal.connect(), cluster, { plan: loaded.plan }))
    printFindings(session, planned, 'stderr', 'table')
    session.stderr.write('\n')
    const clear = preflightExit(planned.preflight) === OK
    if (clear) printPlan(session, planned, 'stderr', 'table')
    const exit = clear
      ? await driveRehearsal(session, rehearsal, planned.itinerary, { form: flags.output, again: rehearseLine(path, flags) })
      : stoppedByPreflight(session, planned, path, flags.output)
    if (flags.end) writeDocument(session, flags.end, jsonText(await capture(NOWHERE, await rehearsal.connect(), cluster)))
    return exit
  },
})
