import { snapshotPieces } from '../../report/json.ts'
import { count } from '../../report/layout.ts'
import { command } from '../command.ts'
import { capture, connectToRead, targetOf } from '../connection.ts'
import { loadPlanFile, writeDocument } from '../documents.ts'
import { clusterFlag, optionalText, planArgument, refreshInsightsFlag, regionFlag } from '../flags.ts'
import { OK } from '../io.ts'

interface Flags {
  readonly cluster?: string
  readonly region?: string
  readonly out?: string
  readonly refreshInsights: boolean
}

export const snapshot = command<Flags, [plan?: string]>({
  text: {
    brief: 'Write down a cluster as it is, for offline work',
    description:
      'Reads EKS, Auto Scaling, EC2 and Kubernetes in one pass and writes one JSON document. Secrets are never read; environment values and arguments of containers other than aws-node, last-applied annotations and user data are left out. What may not be read is listed in the document under `unavailable`. Changes nothing.',
    examples: ['serin snapshot plan.yaml -o snapshot.json', 'serin snapshot --cluster shop --region eu-central-1 -o snapshot.json'],
  },
  parameters: {
    flags: {
      cluster: clusterFlag,
      region: regionFlag,
      refreshInsights: refreshInsightsFlag,
      out: optionalText('Write to this file (default: stdout)', 'file'),
    },
    aliases: { o: 'out' },
    positional: { kind: 'tuple', parameters: [{ ...planArgument, optional: true }] },
  },
  async run(session, flags, path) {
    const plan = path === undefined ? undefined : loadPlanFile(session, path).plan
    const target = plan ? { ...plan.cluster, cluster: plan.cluster.name } : targetOf(session, flags)
    const taken = await capture(session, await connectToRead(session, target), target.cluster, {
      plan,
      refreshInsights: flags.refreshInsights,
    })
    const missing = taken.unavailable ?? []
    if (flags.out) writeDocument(session, flags.out, snapshotPieces(taken))
    else for (const piece of snapshotPieces(taken)) session.stdout.write(piece)
    const nodes = (taken.kubernetes.items ?? []).filter((item) => item.kind === 'Node').length
    session.stderr.write(`Cluster ${target.cluster} with ${count(nodes, 'node')} as of ${taken.capturedAt}.\n`)
    for (const gap of missing) session.stderr.write(`Not read: ${gap.source} (${gap.reason})\n`)
    return OK
  },
})
