import type { CheckDefinition, CheckFinding } from './definition.ts'
import { goesUp, noControlPlaneStep } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Before a control plane goes back: EKS is ready to take it. */
export const rollbackInsights: CheckDefinition = {
  code: 'ROLLBACK_INSIGHTS',
  title: 'EKS is ready to take the control plane back',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListInsights'],
  notApplicable: (input) => noControlPlaneStep(input) ?? (goesUp(input) ? 'The control plane does not go back now.' : undefined),
  prevents:
    'A rollback that EKS refuses: a node or kube-proxy is still newer than the minor to go back to, or an add-on does not fit it. ERROR and UNKNOWN keep EKS from it.',
  remedy:
    'Bring what it names back first (nodes, then add-ons), then `serin rollback RUN` again: `aws eks list-insights --cluster-name CLUSTER --filter categories=ROLLBACK_READINESS`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html',
  evaluate: ({ snapshot, plan, intent }) => {
    const target = intent.controlPlane?.target
    const about = (snapshot.aws.insights ?? []).filter(
      ({ category, kubernetesVersion }) => category === 'ROLLBACK_READINESS' && kubernetesVersion === target,
    )
    const found = about.flatMap(({ id, name, insightStatus }): readonly CheckFinding[] => {
      const { status, reason = 'no reason given' } = insightStatus ?? {}
      if (status === 'PASSING' || status === 'WARNING') return []
      const remedy = `\`aws eks describe-insight --cluster-name ${plan.cluster.name} --id ${id}\``
      return [
        {
          verdict: 'block',
          subject: `Insight/${name ?? id}`,
          message: `${status ?? 'No status'} for going back to ${target}: ${reason}`,
          remedy,
        },
      ]
    })
    return foundOr(found, plan, `${count(about.length, 'insight')} about going back to ${target}, none in EKS's way.`)
  },
}
