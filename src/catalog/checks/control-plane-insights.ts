import type { Insight } from '../../model/aws.ts'
import { DAY, formatDuration, type Instant, instantOf } from '../../model/instant.ts'
import type { Intent } from '../../model/intent.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { noStepUp } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** What EKS itself says about the minor that the control plane is to go to. */
export const controlPlaneInsights: CheckDefinition = {
  code: 'CONTROL_PLANE_INSIGHTS',
  title: 'No insight of EKS speaks against the minor that the control plane is to go to',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListInsights'],
  notApplicable: noStepUp,
  prevents:
    'Clients that stop working with the new control plane, or kubelets and add-ons outside its skew: EKS knew, and its API refuses the step or lets it pass as it likes.',
  remedy: 'Mend what it names, then `serin preflight PLAN --refresh-insights`; a client of a removed API stays in it for 30 days.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html',
  evaluate: (input) => {
    const { snapshot, plan, now, intent } = input
    const target = intent.controlPlane?.target
    const about = (snapshot.aws.insights ?? []).filter(
      ({ category, kubernetesVersion }) => category === 'UPGRADE_READINESS' && kubernetesVersion === target,
    )
    const subject = `Cluster/${plan.cluster.name}`
    if (about.length === 0)
      return [{ verdict: 'unknown', subject, message: `EKS has no insight about ${target}; have them computed anew.` }]
    const stale = about.flatMap((each) => staleSince(each, now) ?? [])
    const found: readonly CheckFinding[] =
      stale.length === 0
        ? []
        : [{ verdict: 'unknown', subject, message: `The insights about ${target} are ${formatDuration(now - Math.min(...stale))} old.` }]
    return foundOr(
      [...about.flatMap((each) => judge(each, input)), ...found],
      plan,
      `${count(about.length, 'insight')} about ${target}, none in error.`,
    )
  },
}

/** EKS computes them once a day by itself. */
function staleSince({ lastRefreshTime }: Insight, now: Instant): Instant | undefined {
  const at = instantOf(lastRefreshTime)
  return at !== undefined && now - at > DAY ? at : undefined
}

function judge(insight: Insight, { plan, intent }: CheckInput): readonly CheckFinding[] {
  const { id, name, insightStatus, recommendation = '' } = insight
  const { status, reason = 'no reason given' } = insightStatus ?? {}
  if (status === 'PASSING') return []
  const mended = isMended(insight, intent)
  const verdict = status === 'ERROR' && !mended ? 'block' : status === 'ERROR' || status === 'WARNING' ? 'warn' : 'unknown'
  return [
    {
      verdict,
      subject: `Insight/${name ?? id}`,
      message: `${status ?? 'No status'} for Kubernetes ${intent.controlPlane?.target}: ${reason}${mended ? ' This run moves what it names before the control plane, and asks again then.' : ''}`,
      remedy: `\`aws eks describe-insight --cluster-name ${plan.cluster.name} --id ${id}\`. ${recommendation}`.trim(),
    },
  ]
}

/** Whether the run takes every add-on that it names to a version that fits, before the control plane moves. */
function isMended({ categorySpecificSummary }: Insight, { addons }: Intent): boolean {
  const named = categorySpecificSummary?.addonCompatibilityDetails ?? []
  const fits = (name: string | undefined, versions: readonly string[]) =>
    addons.some((addon) => addon.name === name && versions.includes(addon.hops.at(-1) ?? ''))
  return named.length > 0 && named.every(({ name, compatibleVersions = [] }) => fits(name, compatibleVersions))
}
