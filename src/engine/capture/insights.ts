import type { Insight } from '../../model/aws.ts'
import { MINUTE, SECOND } from '../../model/instant.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

const LOOK_EVERY = 5 * SECOND
/** A refresh takes less than a minute as a rule; what it had not told by then is read as it is, and its age stands in it. */
const MOST_PATIENCE = 5 * MINUTE

/** The insights of a cluster, those that do not pass with their details; computed anew first where that was asked for. */
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
  while (clock.now() < until && (await eks.insightsRefreshStatus(cluster)) === 'IN_PROGRESS') {
    await clock.sleepUntil(clock.now() + LOOK_EVERY)
  }
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
