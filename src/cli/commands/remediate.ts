import { diagnose, forPlan } from '../../diagnosis/diagnose.ts'
import { applyItinerary } from '../../engine/apply.ts'
import { EXIT } from '../../errors/catalogue.ts'
import type { Itinerary } from '../../model/itinerary.ts'
import type { RemediationPolicy, UpgradePlan } from '../../model/plan.ts'
import { API_VERSION } from '../../model/snapshot.ts'
import { cureText } from '../../report/cure-text.ts'
import { jsonText } from '../../report/json.ts'
import { cureItinerary } from '../../rollout/cure/batches.ts'
import { type Cure, chooseCure, DEFAULT_POLICY, isEmpty } from '../../rollout/cure/choose.ts'
import { command, type Session } from '../command.ts'
import { capture, connect } from '../connection.ts'
import { loadPlanFile, loadSnapshotFile } from '../documents.ts'
import { driveToRest, heartbeatOf } from '../driving.ts'
import { OUTPUT_ALIAS, optionalText, outputFlag, planArgument, switchFlag } from '../flags.ts'
import { OK, runFolderOf, styleFor, usage } from '../io.ts'
import { refuseWhileOpen } from '../planning.ts'
import { RUN_FORMS, type RunForm } from '../views.ts'

interface Flags {
  readonly yes: boolean
  readonly jobs: boolean
  readonly snapshot?: string
  readonly output: RunForm
}

export const remediate = command<Flags, [plan: string]>({
  text: {
    brief: 'Cure what was diagnosed, within the bounds of a plan',
    description:
      'Diagnoses the cluster and says what would be done: new nodes in the place of failing ones, stuck pods made anew, leftovers of updates and dead runs removed. Without --yes nothing is changed. With it, a run does exactly that: journalled, behind the gates of the plan, one node after the other, and it stops at the first thing that fails. `remediation` in the plan bounds it. Exit 10: something has to be done by a person first.',
    examples: ['serin remediate plan.yaml', 'serin remediate plan.yaml --snapshot snapshot.json', 'serin remediate plan.yaml --yes'],
  },
  parameters: {
    flags: {
      yes: switchFlag('Do it'),
      jobs: switchFlag('Make pods of Jobs anew too'),
      snapshot: optionalText('Say offline, from this snapshot, what would be done', 'file'),
      output: outputFlag(RUN_FORMS, 'table'),
    },
    aliases: { ...OUTPUT_ALIAS, y: 'yes' },
    positional: { kind: 'tuple', parameters: [planArgument] },
  },
  async run(session, flags, path) {
    if (flags.yes && flags.snapshot !== undefined) throw usage('--yes changes a cluster, and --snapshot works from a file.')
    const { plan } = loadPlanFile(session, path)
    const policy = { ...(plan.remediation ?? DEFAULT_POLICY), ...(flags.jobs && { jobs: true }) }
    if (flags.snapshot !== undefined)
      return tell(session, flags, chosen(plan, path, policy, loadSnapshotFile(session, flags.snapshot)), policy, path)
    const target = { ...plan.cluster, cluster: plan.cluster.name }
    const ports = await connect(session, target)
    if (flags.yes) await refuseWhileOpen(ports)
    const chose = chosen(plan, path, policy, await capture(session, ports, target.cluster, { plan }))
    const told = tell(session, flags, chose, policy, path)
    if (!flags.yes || chose.itinerary.batches.length === 0) return told
    const { itinerary } = chose
    return await driveToRest({
      session,
      itinerary,
      form: flags.output,
      heartbeat: heartbeatOf(ports),
      runFolder: runFolderOf(session),
      start: (options) => applyItinerary(ports, itinerary, options),
    })
  },
})

type Chosen = { readonly cure: Cure; readonly report: ReturnType<typeof diagnose>; readonly itinerary: Itinerary }

function chosen(plan: UpgradePlan, path: string, policy: RemediationPolicy, snapshot: Parameters<typeof diagnose>[0]): Chosen {
  const report = forPlan(diagnose(snapshot), path)
  const cure = chooseCure(report, snapshot, policy)
  const gates = (plan.canary ?? plan.waves[0])?.gates ?? []
  return { cure, report, itinerary: cureItinerary(plan, cure, policy, gates, snapshot) }
}

/** Data to stdout where data is asked for; with --yes the run's own report follows, so this goes to stderr. */
function tell(session: Session, flags: Flags, { cure, report }: Chosen, policy: RemediationPolicy, path: string): number {
  const out = flags.yes ? session.stderr : session.stdout
  if (flags.output === 'json' && !flags.yes)
    out.write(jsonText({ apiVersion: API_VERSION, kind: 'Cure', ...cure, causes: report.diagnoses }))
  else out.write(cureText(cure, report, policy, styleFor(session, flags.yes ? 'stderr' : 'stdout')))
  if (isEmpty(cure)) session.stderr.write('Nothing was changed: there is nothing that may be cured unattended.\n')
  else if (!flags.yes) session.stderr.write(`Nothing was changed. To do it: serin remediate ${path} --yes\n`)
  return cure.first.length > 0 ? EXIT.blocked : OK
}
