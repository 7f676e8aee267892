import { z } from 'zod'
import { formatDuration } from '../../model/instant.ts'
import type { GateDefinition } from './definition.ts'
import { judgeAgent } from './judging/agent.ts'
import { awsNodeControl, STABLE } from './judging/agent-state.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  judge: (node, input) => judgeAgent('aws-node', node, node.awsNode, input),
  control: awsNodeControl,
  failedBefore: (node) => !node.awsNodeReady,
  passed: (nodes) => `aws-node runs and is ready on ${nodes} for ${formatDuration(STABLE)} without a restart`,
}

export const awsNode: GateDefinition = {
  kind: 'aws-node',
  summary: 'aws-node runs stably on every node that was changed, seen container by container.',
  rule: {
    pass: 'On each subject node every container of aws-node has been running and ready for 180 s without a restart, and the init containers are done.',
    fail: 'A container restarted for the third time, or aws-node is not ready 6 min after its pod was bound, while it is healthy on untouched nodes. One or two restarts at boot heal by themselves.',
    unknown: 'The pod or its status cannot be read, no node was changed, or untouched nodes fail too.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  least: STABLE,
  provesNode: true,
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3224',
  judge: (input) => judgeNodes(input, RULE),
}
