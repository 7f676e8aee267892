import { DAY, type Instant, type Millis, SECOND } from '../../../model/instant.ts'
import { keyedRandom, keyedUuid } from '../../../model/keyed.ts'
import { formatMinor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { AwsHandlers, Timeline } from '../../contract.ts'
import type { ForcedInsight } from '../control-plane-spec.ts'
import { dateOf, type Input, numberOf, pageOf, recordOf, required, textOf, textsOf } from './answers.ts'
import { invalidParameter, notFound } from './eks-errors.ts'
import { CHECKS } from './insight/checks.ts'
import type { Finding, InsightCategory, InsightFacts, InsightStatus } from './insight/facts.ts'

interface Insight {
  readonly id: string
  readonly name: string
  readonly category: InsightCategory
  /** Absent for a misconfiguration. */
  readonly kubernetesVersion?: string
  readonly description: string
  readonly finding: Finding
  readonly transitionedAt: Instant
}

/** What EKS says of the cluster's readiness, as of the last refresh. */
export interface Insights {
  /** Looks at the world now. */
  refresh(): void
  /** Status of each insight of a category for a minor. */
  statuses(category: InsightCategory, minor: string): readonly InsightStatus[]
}

export interface InsightDeps {
  readonly timeline: Timeline
  readonly seed: number
  readonly facts: () => InsightFacts
}

/** Upgrade insights look so many minors ahead. */
const MINORS_AHEAD = 2
/** Insights of a rollback exist so long after an upgrade (EKS user guide, "rollback-cluster"). */
export const ROLLBACK_WINDOW: Millis = 7 * DAY
/** EKS refreshes by itself once a day (EKS user guide, "cluster-insights"). */
const REFRESH_EVERY: Millis = DAY
/** Our assumption: so long a refresh that was asked for takes. */
const REFRESH_TAKES: Millis = 30 * SECOND

const MESSAGES = {
  IN_PROGRESS: 'Insights refresh is in progress',
  COMPLETED: 'Insights refresh completed successfully',
  FAILED: 'Insights refresh failed',
}

interface Refreshed {
  readonly started: Instant
  /** When the insights that are shown were computed. */
  readonly ended: Instant
  readonly status: keyof typeof MESSAGES
}

/** The insights of a cluster; the first picture is of the world's beginning, taken some time in the day before. */
export function createInsights(deps: InsightDeps): { readonly insights: Insights; readonly handlers: AwsHandlers; begin(): void } {
  const { timeline, seed } = deps
  const age = Math.floor(keyedRandom(seed, 'insights', 'age') * REFRESH_EVERY)
  const start = timeline.now()
  let shown: readonly Insight[] = []
  let refreshed: Refreshed = { started: start - age, ended: start - age, status: 'COMPLETED' }

  function look(at: Instant): void {
    const former = new Map(shown.map((insight) => [insight.id, insight]))
    shown = insightsOf(deps.facts(), seed).map((insight) => {
      const before = former.get(insight.id)
      const stays = before !== undefined && before.finding.status === insight.finding.status
      return { ...insight, transitionedAt: stays ? before.transitionedAt : at }
    })
    refreshed = { ...refreshed, ended: at, status: 'COMPLETED' }
  }

  function daily(): void {
    look(timeline.now())
    timeline.after(REFRESH_EVERY, 'insights/daily', daily)
  }

  function startRefresh(): Record<string, unknown> {
    if (refreshed.status !== 'IN_PROGRESS') {
      refreshed = { ...refreshed, started: timeline.now(), status: 'IN_PROGRESS' }
      timeline.after(REFRESH_TAKES, 'insights/refresh', endRefresh)
    }
    return { status: 'IN_PROGRESS', message: MESSAGES.IN_PROGRESS }
  }

  function endRefresh(): void {
    const { insightsRefresh } = deps.facts().controlPlane.spec
    if (insightsRefresh === 'completes') look(timeline.now())
    if (insightsRefresh === 'fails') refreshed = { ...refreshed, status: 'FAILED' }
  }

  return {
    insights: {
      refresh: () => look(timeline.now()),
      statuses: (category, minor) =>
        shown.filter((each) => each.category === category && each.kubernetesVersion === minor).map(({ finding }) => finding.status),
    },
    handlers: {
      ListInsights: (input) => listInsights(shown, refreshed.ended, input),
      DescribeInsight: (input) => describeInsight(shown, refreshed.ended, input),
      StartInsightsRefresh: startRefresh,
      DescribeInsightsRefresh: () => ({
        status: refreshed.status,
        message: MESSAGES[refreshed.status],
        startedAt: dateOf(refreshed.started),
        endedAt: refreshed.status === 'COMPLETED' ? dateOf(refreshed.ended) : undefined,
      }),
    },
    begin() {
      look(start - age)
      timeline.after(REFRESH_EVERY - age, 'insights/daily', daily)
    },
  }
}

function insightsOf(facts: InsightFacts, seed: number): readonly Insight[] {
  const { controlPlane, now } = facts
  const targets: (readonly [category: InsightCategory, minor: string, grave: InsightStatus])[] = []
  const current = parseMinor(controlPlane.version)
  for (let ahead = 1; current !== undefined && ahead <= MINORS_AHEAD; ahead++) {
    targets.push(['UPGRADE_READINESS', formatMinor({ ...current, minor: current.minor + ahead }), ahead === 1 ? 'ERROR' : 'WARNING'])
  }
  const { upgraded } = controlPlane
  if (upgraded !== undefined && now - upgraded.at <= ROLLBACK_WINDOW) targets.push(['ROLLBACK_READINESS', upgraded.from, 'ERROR'])
  const found = targets.flatMap(([category, minor, grave]) => insightsFor(facts, seed, category, minor, grave))
  return [...found, ...misconfigurations(facts, seed)]
}

function insightsFor(
  facts: InsightFacts,
  seed: number,
  category: InsightCategory,
  minor: string,
  grave: InsightStatus,
): readonly Insight[] {
  return CHECKS.filter((check) => check.category === category).flatMap(({ name, description, find }) => {
    const found = find(facts, minor, grave)
    if (found === undefined) return []
    const named = name(minor)
    const forced = facts.controlPlane.spec.insights.find((each) => each.name === named && each.category === category)
    // The ids of upgrade insights depend on name and minor alone.
    const id =
      category === 'UPGRADE_READINESS' ? keyedUuid(seed, 'insight', named, minor) : keyedUuid(seed, 'insight', category, named, minor)
    const finding = forced === undefined ? found : forcedFinding(forced)
    return [{ id, name: named, category, kubernetesVersion: minor, description, finding, transitionedAt: facts.now }]
  })
}

function misconfigurations({ controlPlane, now }: InsightFacts, seed: number): readonly Insight[] {
  return controlPlane.spec.insights
    .filter(({ category }) => category === 'MISCONFIGURATION')
    .map((forced) => ({
      id: keyedUuid(seed, 'insight', forced.category, forced.name),
      name: forced.name,
      category: forced.category,
      description: forced.name,
      finding: forcedFinding(forced),
      transitionedAt: now,
    }))
}

function forcedFinding({ status, reason }: ForcedInsight): Finding {
  return { status, reason: reason === '' ? `The status is ${status}.` : reason }
}

function listInsights(insights: readonly Insight[], at: Instant, input: Input): Record<string, unknown> {
  const filter = recordOf(input, 'filter') ?? {}
  const wants = (member: string, value: string) => textsOf(filter, member).length === 0 || textsOf(filter, member).includes(value)
  const chosen = insights.filter(
    ({ category, kubernetesVersion = '', finding }) =>
      wants('categories', category) && wants('kubernetesVersions', kubernetesVersion) && wants('statuses', finding.status),
  )
  const page = pageOf(chosen, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
  return { insights: page.items.map((insight) => summarise(insight, at)), nextToken: page.next }
}

function summarise({ finding, transitionedAt, ...insight }: Insight, at: Instant): Record<string, unknown> {
  return {
    ...insight,
    lastRefreshTime: dateOf(at),
    lastTransitionTime: dateOf(transitionedAt),
    insightStatus: { status: finding.status, reason: finding.reason },
  }
}

function describeInsight(insights: readonly Insight[], at: Instant, input: Input): Record<string, unknown> {
  const id = required(input, 'id', invalidParameter)
  const insight = insights.find((each) => each.id === id)
  if (insight === undefined) throw notFound(`No insight found for ID: ${id}`)
  const { recommendation = '', resources = [], summary = {} } = insight.finding
  return {
    insight: {
      ...summarise(insight, at),
      recommendation,
      additionalInfo: { 'EKS cluster insights': 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html' },
      resources: resources.map(({ status, reason, ...where }) => ({ insightStatus: { status, reason }, ...where })),
      categorySpecificSummary: summary,
    },
  }
}
