import { diagnose as diagnoseSnapshot, forPlan } from '../../diagnosis/diagnose.ts'
import { EXIT } from '../../errors/catalogue.ts'
import type { DiagnosisReport } from '../../model/diagnosis.ts'
import { API_VERSION, type ClusterSnapshot } from '../../model/snapshot.ts'
import { diagnosisMarkdown } from '../../report/diagnosis-markdown.ts'
import { diagnosisText } from '../../report/diagnosis-text.ts'
import { jsonText } from '../../report/json.ts'
import { command, type Session } from '../command.ts'
import { capture, connectToRead, targetOf } from '../connection.ts'
import { nodeLogsAllowed, withDeepEvidence } from '../deep-evidence.ts'
import { loadPlanFile, loadSnapshotFile } from '../documents.ts'
import { clusterFlag, OUTPUT_ALIAS, optionalText, outputFlag, planArgument, regionFlag, switchFlag } from '../flags.ts'
import { OK, styleFor, usage } from '../io.ts'
import { snapshotFor } from '../snapshots.ts'

interface Flags {
  readonly snapshot?: string
  readonly cluster?: string
  readonly region?: string
  readonly nodeLogs: boolean
  readonly output: 'table' | 'json' | 'markdown'
}

export const diagnose = command<Flags, [plan?: string]>({
  text: {
    brief: 'Say what is wrong with the network of a cluster, and why',
    description:
      'Looks for the known failures of the Amazon VPC CNI, the VPC resource controller and the network policy agent, and ranks what it finds with the evidence for and against each. Works on the cluster, or offline on a snapshot. Changes nothing; with --node-logs, which the plan has to allow (`diagnosis.nodeLogs`), short-lived pods read ipamd.log on failing nodes. Exit 0 nothing found, 10 a cause found, 11 something is wrong that no signature fits, or what is needed could not be read. `serin explain CODE` says more of each code.',
    examples: [
      'serin diagnose plan.yaml',
      'serin diagnose plan.yaml --node-logs',
      'serin diagnose --snapshot snapshot.json',
      'serin diagnose --cluster shop --region eu-central-1 -o json',
    ],
  },
  parameters: {
    flags: {
      snapshot: optionalText('Work offline, from this snapshot', 'file'),
      cluster: clusterFlag,
      region: regionFlag,
      nodeLogs: switchFlag('Read ipamd.log on failing nodes too, where the plan allows it'),
      output: outputFlag(['table', 'json', 'markdown'], 'table'),
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [{ ...planArgument, optional: true }] },
  },
  async run(session, flags, path) {
    const found = diagnoseSnapshot(flags.nodeLogs ? await deepSnapshotOf(session, flags, path) : await snapshotOf(session, flags, path))
    const report = path === undefined ? found : forPlan(found, path)
    if (flags.output === 'json') session.stdout.write(jsonText({ apiVersion: API_VERSION, kind: 'DiagnosisReport', ...report }))
    else if (flags.output === 'markdown') session.stdout.write(diagnosisMarkdown(report))
    else session.stdout.write(diagnosisText(report, styleFor(session, 'stdout')))
    return exitOf(report)
  },
})

async function snapshotOf(session: Session, flags: Flags, path: string | undefined): Promise<ClusterSnapshot> {
  if (path !== undefined) return await snapshotFor(session, loadPlanFile(session, path).plan, flags.snapshot)
  if (flags.snapshot !== undefined) return loadSnapshotFile(session, flags.snapshot)
  const target = targetOf(session, flags)
  return await capture(session, await connectToRead(session, target), target.cluster)
}

async function deepSnapshotOf(session: Session, flags: Flags, path: string | undefined): Promise<ClusterSnapshot> {
  if (flags.snapshot !== undefined) throw usage('--node-logs asks the cluster; a snapshot file is as it is.')
  const plan = path === undefined ? undefined : loadPlanFile(session, path).plan
  const policy = nodeLogsAllowed(plan)
  const target = { ...plan?.cluster, cluster: plan?.cluster.name ?? '', region: plan?.cluster.region ?? '' }
  const ports = await connectToRead(session, target)
  const snapshot = await capture(session, ports, target.cluster, { plan })
  return await withDeepEvidence(ports, snapshot, policy, (line) => session.stderr.write(`${line}\n`))
}

/** Without nodes and pods nothing can be said; other gaps are listed. */
const NEEDED = /^kubernetes:(nodes|pods): /

function exitOf({ diagnoses, unclassified, unread }: DiagnosisReport): number {
  if (diagnoses.length > 0) return EXIT.blocked
  return unclassified.length > 0 || unread.some((gap) => NEEDED.test(gap)) ? EXIT.inconclusive : OK
}
