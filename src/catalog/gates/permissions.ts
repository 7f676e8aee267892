import { z } from 'zod'
import type { NodeFacts } from '../../model/seen.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { isServing } from './judging/agent-state.ts'
import type { NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'
import { clockTime, names } from './judging/words.ts'

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:events'],
  judge: judgeNode,
  control: ({ awsNode, awsNodeExcluded }) => (awsNodeExcluded !== undefined ? undefined : awsNode === undefined ? 'unreadable' : 'fine'),
  failedBefore: () => false,
  passed: (nodes) => `aws-node on ${nodes} lacks no permission that it does not lack elsewhere`,
}

export const permissions: GateDefinition = {
  kind: 'permissions',
  summary: 'aws-node on the changed nodes is refused no IAM action that it is not refused on untouched ones.',
  rule: {
    pass: 'Since aws-node started there, no event MissingIAMPermissions named an action that untouched nodes do not lack as well.',
    fail: 'One did: the new version needs a permission that the role does not have.',
    unknown: 'Events cannot be read, or there is no untouched node to compare with. What untouched nodes lack too is shown, not judged.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3704',
  judge: (input) => judgeNodes(input, RULE),
}

function judgeNode(node: NodeFacts, { controls }: GateInput<unknown>): NodeSays {
  const { awsNode } = node
  if (node.awsNodeExcluded !== undefined) return { leftOut: `runs no aws-node: the node ${node.awsNodeExcluded}` }
  const say = (verdict: 'pass' | 'pending' | 'fail', says: string): NodeSays => ({
    verdict,
    says,
    sentence: `aws-node on ${node.name} ${says}`,
  })
  if (awsNode === undefined) return say('pending', 'has no pod yet')
  const told = awsNode.missingActions ?? []
  const everywhere = new Set(controls.flatMap((control) => (control.awsNode?.missingActions ?? []).map(({ action }) => action)))
  const own = told.filter(({ action, at }) => !everywhere.has(action) && at >= awsNode.boundAt)
  const [first] = own
  if (first !== undefined)
    return say('fail', `may not call ${names([...new Set(own.map(({ action }) => action))])}, as it says at ${clockTime(first.at)}`)
  return isServing(awsNode) ? say('pass', 'lacks no permission') : say('pending', 'has not started yet')
}
