import { DAY, formatDuration, instantOf } from '../../model/instant.ts'
import type { CheckDefinition } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** EKS looks anew once a day. */
const FRESH = DAY

/** What EKS says about upgrades is of today. */
export const insightsFresh: CheckDefinition = {
  code: 'INSIGHTS_FRESH',
  title: "EKS's upgrade insights are less than a day old",
  severity: 'warn',
  waivable: true,
  needs: ['eks:ListInsights'],
  prevents:
    'Trusting an all-clear from before the last change: insights are computed once a day, and a client that came since is not in them.',
  remedy: 'Have them computed anew: `serin preflight PLAN --refresh-insights`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html',
  evaluate: ({ snapshot, plan, now }) => {
    const insights = snapshot.aws.insights ?? []
    const ages = insights.flatMap(({ lastRefreshTime }) => instantOf(lastRefreshTime) ?? []).map((at) => now - at)
    const oldest = Math.max(0, ...ages)
    const message = `The oldest of ${count(insights.length, 'insight')} was computed ${formatDuration(oldest)} ago.`
    const remedy =
      'Have them computed anew: `serin preflight PLAN --refresh-insights`, or `serin snapshot PLAN --refresh-insights -o FILE` for offline work.'
    return foundOr(oldest > FRESH ? [{ verdict: 'warn', subject: `Cluster/${plan.cluster.name}`, message, remedy }] : [], plan, message)
  },
}
