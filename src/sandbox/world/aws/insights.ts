import type { Instant } from '../../../model/instant.ts'
import { keyedUuid } from '../../../model/keyed.ts'
import { formatMinor, type Minor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { AwsHandlers } from '../../contract.ts'
import { dateOf, type Input, numberOf, pageOf, recordOf, required, textOf, textsOf } from './answers.ts'
import { invalidParameter, notFound } from './eks-errors.ts'

interface Insight {
  readonly id: string
  readonly name: string
  readonly kubernetesVersion: string
  readonly description: string
}

/** Upgrade insights that EKS shows for the minors ahead (EKS user guide, "cluster-insights"). In the sandbox all of them pass. */
const NAMES: readonly (readonly [name: string, description: string])[] = [
  ['Cluster health issues', 'Checks for any cluster health issues that prevent successful upgrades.'],
  [
    'EKS add-on version compatibility',
    'Checks version of installed EKS add-ons to ensure they are compatible with the next version of Kubernetes.',
  ],
  ['Kubelet version skew', 'Checks for kubelet versions of worker nodes in the cluster to see if upgrade would cause noncompliance.'],
  ['kube-proxy version skew', 'Checks version of kube-proxy in cluster to see if upgrade would cause noncompliance.'],
  ['Amazon Linux 2 compatibility', 'Checks if any nodes are running Amazon Linux 2.'],
]

const MINORS_AHEAD = 2

/** The insight operations of EKS, in SDK shapes. A refresh completes at once. */
export function insightHandlers(deps: {
  readonly kubernetesVersion: string
  readonly seed: number
  readonly start: Instant
  readonly now: () => Instant
}): AwsHandlers {
  const insights = insightsAhead(deps.kubernetesVersion, deps.seed)
  let refreshed = { started: deps.start, ended: deps.start }
  const describe = (insight: Insight) => describeInsight(insight, refreshed.ended)
  return {
    ListInsights(input) {
      const page = pageOf(
        chosen(insights, recordOf(input, 'filter') ?? {}),
        textOf(input, 'nextToken'),
        numberOf(input, 'maxResults') ?? 100,
        () => invalidParameter('Invalid token'),
      )
      return { insights: page.items.map(describe), nextToken: page.next }
    },
    DescribeInsight(input) {
      const id = required(input, 'id', invalidParameter)
      const insight = insights.find((each) => each.id === id)
      if (insight === undefined) throw notFound(`No insight found for ID: ${id}`)
      return { insight: { ...describe(insight), recommendation: '', additionalInfo: {}, resources: [], categorySpecificSummary: {} } }
    },
    StartInsightsRefresh() {
      refreshed = { started: deps.now(), ended: deps.now() }
      return { status: 'IN_PROGRESS', message: 'Insights refresh started' }
    },
    DescribeInsightsRefresh: () => ({
      status: 'COMPLETED',
      message: 'Insights refresh completed',
      startedAt: dateOf(refreshed.started),
      endedAt: dateOf(refreshed.ended),
    }),
  }
}

function insightsAhead(kubernetesVersion: string, seed: number): readonly Insight[] {
  const current = parseMinor(kubernetesVersion)
  if (current === undefined) return []
  return Array.from({ length: MINORS_AHEAD }, (_, index) => index + 1).flatMap((ahead) =>
    insightsFor({ ...current, minor: current.minor + ahead }, seed),
  )
}

function insightsFor(minor: Minor, seed: number): readonly Insight[] {
  const kubernetesVersion = formatMinor(minor)
  return NAMES.map(([name, description]) => ({
    id: keyedUuid(seed, 'insight', name, kubernetesVersion),
    name,
    kubernetesVersion,
    description,
  }))
}

function chosen(insights: readonly Insight[], filter: Input): readonly Insight[] {
  const [categories, versions, statuses] = [
    textsOf(filter, 'categories'),
    textsOf(filter, 'kubernetesVersions'),
    textsOf(filter, 'statuses'),
  ]
  if (categories.length > 0 && !categories.includes('UPGRADE_READINESS')) return []
  if (statuses.length > 0 && !statuses.includes('PASSING')) return []
  return insights.filter(({ kubernetesVersion }) => versions.length === 0 || versions.includes(kubernetesVersion))
}

function describeInsight(insight: Insight, at: Instant): Record<string, unknown> {
  return {
    ...insight,
    category: 'UPGRADE_READINESS',
    lastRefreshTime: dateOf(at),
    lastTransitionTime: dateOf(at),
    insightStatus: { status: 'PASSING', reason: 'No problem was found.' },
  }
}
