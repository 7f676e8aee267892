import type { CheckDefinition } from './definition.ts'
import { agentFindings, agentPods } from './reading/agents.ts'
import { foundOr } from './reading/verdicts.ts'

/** kube-proxy is in good health on every node before anything moves. */
export const kubeProxyHealthy: CheckDefinition = {
  code: 'KUBE_PROXY_HEALTHY',
  title: 'kube-proxy runs and is ready on every node, container by container',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  prevents:
    'An aws-node that hangs because cluster addresses lead nowhere from its node, and gates that compare new nodes with untouched ones that are ill themselves.',
  remedy: 'Look at one: `kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide`; a node that stays ill is best replaced.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/865',
  evaluate: (input) =>
    agentPods('kube-proxy', input.snapshot).length === 0
      ? foundOr([], input.plan, 'No node runs a kube-proxy pod: something else programs Services here.')
      : agentFindings('kube-proxy', input),
}
