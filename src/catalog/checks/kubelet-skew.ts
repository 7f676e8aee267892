import type { Node } from '../../model/kubernetes.ts'
import { compareMinors, formatMinor, type Minor, minorsAhead, parseMinor } from '../../model/kubernetes-minor.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { type NodesTogether, namesToType, nodesTogether } from './reading/compute-kinds.ts'
import { newestMinor } from './reading/control-plane.ts'
import { nodesOf } from './reading/nodes.ts'
import { count, names } from './reading/wording.ts'

const SUPPORTED_BEHIND = 3

/** Every kubelet is at most three minors behind the API server, and none ahead. */
export const kubeletSkew: CheckDefinition = {
  code: 'KUBELET_SKEW',
  title: 'Every kubelet is at or at most three minors behind the API server',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'kubernetes:nodes'],
  prevents: 'Nodes outside the supported skew misbehave in ways that a canary of other nodes cannot show.',
  remedy: 'Replace the nodes (`kubectl drain NODE`, then terminate each), or take their group into the plan.',
  source: 'https://kubernetes.io/releases/version-skew-policy/#kubelet',
  evaluate: ({ snapshot, plan, intent }) => {
    const subject = `Cluster/${plan.cluster.name}`
    const control = parseMinor(snapshot.aws.cluster?.version)
    if (!control) return [{ verdict: 'unknown', subject, message: 'DescribeCluster named no version to compare the nodes with.' }]
    const after = parseMinor(newestMinor({ intent })) ?? control
    const nodes = nodesOf(snapshot)
    const found = TROUBLES.flatMap(({ is, tell }) => {
      const troubled = nodes.filter((node) => is(parseMinor(versionOf(node)), control, after))
      return nodesTogether(troubled, snapshot).map((each) => tell(each, control, after))
    })
    if (found.length > 0) return found
    return [
      {
        verdict: 'pass',
        subject,
        message: `${count(nodes.length, 'kubelet')} within ${SUPPORTED_BEHIND} minors of ${formatMinor(after)}.`,
      },
    ]
  },
}

const versionOf = (node: Node) => node.status?.nodeInfo?.kubeletVersion

/** What is wrong with kubelets, and what is told of those of one group; `after`: where the control plane is when the run is done with it. */
const TROUBLES: readonly {
  readonly is: (kubelet: Minor | undefined, control: Minor, after: Minor) => boolean
  readonly tell: (nodes: NodesTogether, control: Minor, after: Minor) => CheckFinding
}[] = [
  {
    is: (kubelet, control) => kubelet !== undefined && compareMinors(kubelet, control) > 0,
    tell: ({ subject, nodes, which }, control) => ({
      verdict: 'block',
      subject,
      message: `${which} with kubelet ${versions(nodes)}, newer than the control plane's ${formatMinor(control)}: not supported.`,
    }),
  },
  {
    is: (kubelet, _control, after) => kubelet !== undefined && minorsAhead(after, kubelet) > SUPPORTED_BEHIND,
    tell: ({ subject, nodes, which }, _control, after) => ({
      verdict: 'block',
      subject,
      message: `${which} with kubelet ${versions(nodes)}, ${behind(nodes, after)} minors behind the control plane's ${formatMinor(after)}; ${SUPPORTED_BEHIND} are supported.`,
    }),
  },
  {
    is: (kubelet) => kubelet === undefined,
    tell: ({ subject, nodes, which }) => ({
      verdict: 'unknown',
      subject,
      message: `${which} with kubelet ${versions(nodes)}, which names no version to compare.`,
      remedy: `\`kubectl get node ${namesToType(nodes, 1)} -o jsonpath='{.status.nodeInfo.kubeletVersion}'\`; replace a node that says nothing.`,
    }),
  },
]

/** Each version once. */
function versions(nodes: readonly Node[]): string {
  return names([...new Set(nodes.map((node) => versionOf(node) ?? '(none)'))], 3)
}

/** Of the oldest of them. */
function behind(nodes: readonly Node[], control: Minor): number {
  return Math.max(...nodes.map((node) => minorsAhead(control, parseMinor(versionOf(node)) ?? control)))
}
