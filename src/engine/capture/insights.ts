import { SerinError } from '../../errors/serin-error.ts'
import type { Insight } from '../../model/aws.ts'
import { formatDuration, MINUTE, SECOND } from '../../model/instant.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

const LOOK_EVERY = 5 * SECOND
/** A refresh takes less than a minute as a rule. */
const MOST_PATIENCE = 5 * MINUTE

/**
 * The insights of a cluster, those that do not pass with their details; computed anew first where that was asked for. Where EKS
 * refuses that, fails or takes too long, what it says stays in the snapshot and what was asked for counts as not seen.
 */
export async function readInsights(
  ports: ClusterPorts,
  pass: Pass,
  cluster: string,
  refresh: boolean,
): Promise<readonly Insight[] | undefined> {
  if (refresh) await pass.read('eks:StartInsightsRefresh', () => refreshed(ports, cluster))
  const insights = await pass.read('eks:ListInsights', () => ports.eks.listInsights(cluster))
  if (insights === undefined) return undefined
  return await Promise.all(insights.map((insight) => withDetails(ports, pass, cluster, insight)))
}

async function refreshed({ eks, clock }: ClusterPorts, cluster: string): Promise<void> {
  const until = clock.now() + MOST_PATIENCE
  await eks.startInsightsRefresh(cluster)
  for (;;) {
    const status = await eks.insightsRefreshStatus(cluster)
    if (status === 'COMPLETED') return
    if (status !== 'IN_PROGRESS' || clock.now() >= until) throw notRefreshed(status)
    await clock.sleepUntil(clock.now() + LOOK_EVERY)
  }
}

function notRefreshed(status: string): SerinError {
  const message =
    status === 'IN_PROGRESS'
      ? `EKS did not come to an end within ${formatDuration(MOST_PATIENCE)} of computing its insights anew`
      : `EKS says ${status} of computing its insights anew`
  return new SerinError('REMOTE_UNAVAILABLE', message, { operation: 'eks:StartInsightsRefresh', remoteCode: status })
}

async function withDetails({ eks }: ClusterPorts, pass: Pass, cluster: string, insight: Insight): Promise<Insight> {
  const { id, insightStatus } = insight
  if (id === undefined || insightStatus?.status === 'PASSING') return insight
  const described = await pass.read('eks:DescribeInsight', () => eks.describeInsight(cluster, id))
  const { recommendation, categorySpecificSummary } = described ?? {}
  return {
    ...insight,
    ...(recommendation === undefined ? {} : { recommendation }),
    ...(categorySpecificSummary === undefined ? {} : { categorySpecificSummary }),
  }
}
