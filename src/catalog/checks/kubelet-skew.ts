import type { Node } from '../../model/kubernetes.ts'
import { compareMinors, formatMinor, type Minor, minorsAhead, parseMinor } from '../../model/kubernetes-minor.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { groupNameOf, nodesOf } from './reading/nodes.ts'
import { count } from './reading/wording.ts'

const SUPPORTED_BEHIND = 3

/** Every kubelet is at most three minors behind the API server, and none ahead. */
export const kubeletSkew: CheckDefinition = {
  code: 'KUBELET_SKEW',
  title: 'Every kubelet is at or at most three minors behind the API server',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'kubernetes:nodes'],
  prevents: 'Nodes outside the supported skew misbehave in ways that a canary of other nodes cannot show.',
  remedy: 'Replace the node (`kubectl drain NODE`, then terminate it), or take its group into the plan.',
  source: 'https://kubernetes.io/releases/version-skew-policy/#kubelet',
  evaluate: ({ snapshot, plan }) => {
    const subject = `Cluster/${plan.cluster.name}`
    const control = parseMinor(snapshot.aws.cluster?.version)
    if (!control) return [{ verdict: 'unknown', subject, message: 'DescribeCluster named no version to compare the nodes with.' }]
    const nodes = nodesOf(snapshot)
    const found = nodes.flatMap((node) => judge(node, control))
    if (found.length > 0) return found
    return [
      {
        verdict: 'pass',
        subject,
        message: `${count(nodes.length, 'kubelet')} within ${SUPPORTED_BEHIND} minors of ${formatMinor(control)}.`,
      },
    ]
  },
}

function judge(node: Node, control: Minor): readonly CheckFinding[] {
  const version = node.status?.nodeInfo?.kubeletVersion
  const kubelet = parseMinor(version)
  const subject = `Node/${node.metadata.name}`
  const whose = `${node.metadata.name} (${groupNameOf(node) ?? 'in no managed group'})`
  if (!kubelet)
    return [{ verdict: 'unknown', subject, message: `${whose} reports kubelet ${version ?? 'nothing'}, which names no version.` }]
  if (compareMinors(kubelet, control) > 0) {
    const message = `${whose} runs kubelet ${version}, newer than the control plane's ${formatMinor(control)}: not supported.`
    return [{ verdict: 'block', subject, message }]
  }
  const behind = minorsAhead(control, kubelet)
  if (behind <= SUPPORTED_BEHIND) return []
  const message = `${whose} runs kubelet ${version}, ${behind} minors behind the control plane's ${formatMinor(control)}; ${SUPPORTED_BEHIND} are supported.`
  return [{ verdict: 'block', subject, message }]
}
