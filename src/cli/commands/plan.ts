import { EXIT } from '../../errors/catalogue.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { LoadedPlan } from '../../plan/load.ts'
import { preflightExit } from '../../report/findings.ts'
import { jsonText } from '../../report/json.ts'
import { rollbackText } from '../../report/rollback-text.ts'
import { command, type Session } from '../command.ts'
import { capture } from '../connection.ts'
import { loadPlanFile, writeDocument } from '../documents.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, planArgument, switchFlag } from '../flags.ts'
import { usage } from '../io.ts'
import { type Planned, planOn } from '../planning.ts'
import { printFindings, printPlan, stoppedByPreflight } from '../printing.ts'
import { openRehearsal } from '../rehearsal.ts'
import { rehearseRollbacks, rollbacksExit } from '../rollback-rehearsal.ts'
import { snapshotFor } from '../snapshots.ts'
import { worldFor } from '../worlds.ts'

interface Flags {
  readonly snapshot?: string
  readonly out?: string
  readonly detailedExitcode: boolean
  readonly rehearseRollback: boolean
  readonly world?: string
  readonly output: 'table' | 'json' | 'markdown'
}

export const plan = command<Flags, [plan: string]>({
  text: {
    brief: 'Show every step of a plan before anything happens',
    description:
      'Resolves everything that moves to exact versions and numbers and prints each step: before and after, the API call, gates, what is exposed before it can be stopped, its undo, and the points of no return. Changes nothing. --out saves the itinerary for `serin apply`. With --snapshot it needs no network and no credentials. With --detailed-exitcode: 0 nothing to do, 2 changes, 1 usage error. --rehearse-rollback fails every step once on a simulated cluster made from the snapshot, and says of each whether everything came back exactly and how long it took; exit 21 when one did not.',
    examples: [
      'serin plan plan.yaml',
      'serin plan plan.yaml --snapshot snapshot.json -o markdown',
      'serin plan plan.yaml --out itinerary.json --detailed-exitcode',
      'serin plan plans/small.yaml --world plans/worlds/small.yaml --rehearse-rollback',
    ],
  },
  parameters: {
    flags: {
      snapshot: optionalText('Work offline, from this snapshot', 'file'),
      out: optionalText('Save the itinerary to this file', 'file'),
      detailedExitcode: switchFlag('Exit 0 for nothing to do, 2 for changes'),
      rehearseRollback: switchFlag('Fail every step once on a simulated cluster, and show whether everything comes back'),
      world: optionalText('With --rehearse-rollback: this world instead of one made from the snapshot', 'file'),
      output: outputFlag(['table', 'json', 'markdown'], 'table'),
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [planArgument] },
  },
  async run(session, flags, path) {
    const loaded = loadPlanFile(session, path)
    const planned = planOn(loaded, await snapshotOf(session, loaded, flags))
    if (preflightExit(planned.preflight) !== EXIT.ok) printFindings(session, planned, 'stderr', 'table')
    printPlan(session, planned, 'stdout', flags.output)
    if (flags.out) {
      writeDocument(session, flags.out, jsonText(planned.itinerary))
      session.stderr.write(`The itinerary is in ${flags.out}; \`serin apply ${flags.out}\` runs exactly this.\n`)
    }
    const stopped = stoppedByPreflight(session, planned, path, 'table')
    if (stopped !== EXIT.ok) return stopped
    if (flags.rehearseRollback) return await rehearseAndPrint(session, loaded, planned, flags)
    return flags.detailedExitcode && planned.itinerary.batches.length > 0 ? 2 : EXIT.ok
  },
})

/** A world that is named is the cluster itself: it is looked at as it is at its beginning. */
async function snapshotOf(session: Session, loaded: LoadedPlan, flags: Flags): Promise<ClusterSnapshot> {
  if (flags.world === undefined) return await snapshotFor(session, loaded.plan, flags.snapshot)
  if (!flags.rehearseRollback) throw usage('--world goes with --rehearse-rollback.')
  const { name: cluster, region } = loaded.plan.cluster
  const rehearsal = await openRehearsal(session, { cluster, region }, worldFor(session, loaded.file, flags))
  return await capture({ env: {} }, await rehearsal.connect(), cluster, { plan: loaded.plan })
}

async function rehearseAndPrint(session: Session, loaded: LoadedPlan, planned: Planned, flags: Flags): Promise<number> {
  const world = flags.world === undefined ? { snapshot: planned.snapshot, scenarios: [] } : worldFor(session, loaded.file, flags)
  const rehearsed = await rehearseRollbacks(session, loaded, world, planned.itinerary.batches)
  session.stdout.write(flags.output === 'json' ? jsonText(rehearsed) : rollbackText(rehearsed))
  return rollbacksExit(rehearsed)
}
