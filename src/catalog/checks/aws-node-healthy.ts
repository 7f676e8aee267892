import type { CheckDefinition } from './definition.ts'
import { agentFindings } from './reading/agents.ts'

/** aws-node is in good health on every node before anything moves. */
export const awsNodeHealthy: CheckDefinition = {
  code: 'AWS_NODE_HEALTHY',
  title: 'aws-node runs and is ready on every node, container by container',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  prevents: 'A cluster that is ill before the run: gates compare new nodes with untouched ones, and an ill control proves nothing.',
  remedy: 'Look at one: `kubectl -n kube-system get pods -l k8s-app=aws-node -o wide`; a node that stays ill is best replaced.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  evaluate: (input) => agentFindings('aws-node', input),
}
