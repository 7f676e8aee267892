import { leftOnNode } from '../../model/kubernetes.ts'
import { about, aboutPod, automatic, byPerson, matched, type Signature, says } from './definition.ts'
import type { NodeFact } from './facts.ts'
import { nodesOf } from './reading.ts'
import { isFragmented, isSubnetEmpty, withoutAddress } from './without-address.ts'

/** ipamd leaves interfaces alone on nodes that are unschedulable. */
export const cordonedNode: Signature = {
  code: 'P09',
  title: 'The node is cordoned, and ipamd takes no more addresses there',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go',
  explains: ['P06'],
  answeredAs: 'nodes-cordoned',
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  match(facts) {
    if (facts.cni.env.AWS_MANAGE_ENIS_NON_SCHEDULABLE === 'true') return undefined
    const all = withoutAddress(facts)
    const pods = all.filter(({ node }) => node.cordoned && !isSubnetEmpty(node) && !isFragmented(node, facts))
    const nodes = nodesOf(pods)
    if (all.length > 0 && pods.length === 0)
      return { rejected: 'the nodes of the pods that wait are not cordoned, or their subnet is full' }
    const elsewhere = all.filter(({ node }) => !node.cordoned && !isSubnetEmpty(node))
    return matched({
      nodes,
      pods,
      evidence: [
        ...nodes.map((node) =>
          says(
            4,
            about(node),
            `is cordoned${whose(node)}, its subnet has addresses, and ipamd changes no interface of unschedulable nodes`,
          ),
        ),
        ...pods.slice(0, 5).map((pod) => says(1, aboutPod(pod), 'failed to assign an IP address to container')),
      ],
      against: elsewhere.slice(0, 3).map((pod) => says(2, aboutPod(pod), 'waits for an address on a node that is not cordoned')),
    })
  },
  remedy: ({ nodes }) => {
    const others = nodes.filter(({ node }) => leftOnNode(node) === undefined)
    if (others.length === 0)
      return automatic(
        'Uncordon what an update or a dead run left behind.',
        undefined,
        'serin remediate PLAN',
        'serin remediate PLAN --yes',
      )
    return byPerson(
      'Somebody cordoned these nodes, and knows why: uncordon them, or leave them and take their pods elsewhere. To keep pods away from a node that works, use a taint of your own.',
      ...others.slice(0, 5).map(({ name }) => `kubectl uncordon ${name}`),
    )
  },
}

function whose({ node }: NodeFact): string {
  const left = leftOnNode(node)
  return left === undefined ? ' (not by Serin, nor by EKS for an update)' : `, as ${left} left it`
}
