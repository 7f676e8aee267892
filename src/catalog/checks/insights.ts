import type { Insight } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { newestMinor } from './reading/control-plane.ts'

/** UNKNOWN is EKS's own word for what it could not look at. */
const TROUBLED = ['ERROR', 'WARNING', 'UNKNOWN']

/** What EKS itself says about the next control-plane versions. A run that moves nodes only is informed, never stopped. */
export const insights: CheckDefinition = {
  code: 'UPGRADE_INSIGHTS',
  title: "EKS's upgrade insights name no trouble ahead",
  severity: 'warn',
  waivable: true,
  needs: ['eks:ListInsights'],
  prevents:
    'A later control-plane upgrade that EKS already knows to be in trouble: removed APIs still in use, kubelets or add-ons too old.',
  remedy: 'Read it: `aws eks describe-insight --cluster-name CLUSTER --id ID`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html',
  evaluate: ({ snapshot, plan, intent }) => {
    // Of the minor that this run goes to, CONTROL_PLANE_INSIGHTS speaks.
    const target = intent.controlPlane?.changes === true ? intent.controlPlane.target : undefined
    const readiness = (snapshot.aws.insights ?? []).filter(
      ({ category, kubernetesVersion }) => category === 'UPGRADE_READINESS' && (target === undefined || kubernetesVersion !== target),
    )
    const troubled = readiness.filter((each) => TROUBLED.includes(each.insightStatus?.status ?? ''))
    if (troubled.length > 0) return troubled.map((each) => informed(each, plan.cluster.name, newestMinor({ intent })))
    const message = `None of ${readiness.length} upgrade insights is in error or warns.`
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
  },
}

function informed(insight: Insight, cluster: string, minor: string): CheckFinding {
  const { status, reason } = insight.insightStatus ?? {}
  return {
    verdict: status === 'UNKNOWN' ? 'unknown' : 'warn',
    subject: `Insight/${insight.name ?? insight.id}`,
    message:
      `${status} for Kubernetes ${insight.kubernetesVersion ?? '(not said)'}: ${reason ?? 'no reason given'} ` +
      `This run leaves the control plane at ${minor}, so it is not stopped; an upgrade of the control plane would be.`,
    remedy: `\`aws eks describe-insight --cluster-name ${cluster} --id ${insight.id}\`. ${insight.recommendation ?? ''}`.trim(),
  }
}
