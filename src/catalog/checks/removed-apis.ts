import type { DeprecatedClient, DeprecationDetail, Insight } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { newestMinor } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** How many clients are named of each API, the latest first. */
const NAMED = 3

/** Who still asks for an API that the next minor does not serve. */
export const removedApis: CheckDefinition = {
  code: 'REMOVED_APIS',
  title: 'No client asks for an API that a coming minor does not serve',
  severity: 'warn',
  waivable: true,
  needs: ['eks:ListInsights', 'eks:DescribeInsight'],
  prevents:
    'Controllers that stop working with the next control plane: they ask for an API that it no longer serves, and nobody remembers who installed them.',
  remedy:
    'Move the clients to the newer API (`kubectl get --raw /metrics | grep apiserver_requested_deprecated_apis` counts what still asks); an insight forgets a client 30 days after its last request.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/view-cluster-insights.html',
  evaluate: (input) => {
    const insights = input.snapshot.aws.insights ?? []
    const found = insights.flatMap((insight) =>
      (insight.categorySpecificSummary?.deprecationDetails ?? []).flatMap((detail) => judge(insight, detail, input)),
    )
    return foundOr(found, input.plan, `No insight of ${insights.length} names a client of a removed API.`)
  },
}

function judge(
  { id }: Insight,
  { usage = '(not said)', replacedWith, stopServingVersion, clientStats = [] }: DeprecationDetail,
  { plan, intent }: CheckInput,
): readonly CheckFinding[] {
  const clients = clientStats.toSorted((a, b) => ((a.lastRequestTime ?? '') < (b.lastRequestTime ?? '') ? 1 : -1))
  if (clients.length === 0) return []
  const more = clients.length > NAMED ? `, and ${count(clients.length - NAMED, 'other client')}` : ''
  return [
    {
      verdict: 'warn',
      subject: `API${usage}`,
      message: `${usage}, gone with Kubernetes ${stopServingVersion ?? '(not said)'}, is still asked for by ${clients.slice(0, NAMED).map(tell).join('; ')}${more}. This run leaves the control plane at ${newestMinor({ intent })}.`,
      remedy: `Move ${clients.length === 1 ? 'it' : 'them'} to ${replacedWith || 'another API'}; see \`aws eks describe-insight --cluster-name ${plan.cluster.name} --id ${id}\`.`,
    },
  ]
}

function tell({ userAgent = 'a client without name', numberOfRequestsLast30Days: requests, lastRequestTime }: DeprecatedClient): string {
  const often = requests === undefined ? '' : `, ${count(requests, 'request')} in 30 days`
  return `${userAgent} (last at ${lastRequestTime ?? 'an unknown time'}${often})`
}
