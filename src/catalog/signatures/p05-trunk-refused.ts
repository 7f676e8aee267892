import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { pendingForBranch } from './pending.ts'

/** The controller may not create the trunk interface of a node. */
export const trunkRefused: Signature = {
  code: 'P05',
  title: 'The VPC resource controller may not create trunk interfaces',
  source: 'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/provider/branch/provider.go',
  explains: ['P04', 'P21', 'P03'],
  needs: ['kubernetes:nodes', 'kubernetes:events'],
  match(facts) {
    const told = facts.nodes.flatMap((node) => {
      const event =
        node.events.find(({ reason }) => reason === 'TrunkENICreationFailed') ??
        node.events.find(({ reason }) => reason === 'NodeTrunkFailedInit')
      return event === undefined || node.branches !== undefined ? [] : [{ node, event }]
    })
    return matched({
      nodes: told.map(({ node }) => node),
      pods: told.length === 0 ? [] : pendingForBranch(facts),
      evidence: told.map(({ node, event }) =>
        says(/UnauthorizedOperation/.test(event.text) ? 4 : 2, about(node), `event ${event.reason}: ${event.text.slice(0, 240)}`),
      ),
    })
  },
  remedy: () =>
    byPerson(
      'Give the role of the cluster the policy AmazonEKSVPCResourceController; nodes get their trunk then.',
      'aws eks describe-cluster --name CLUSTER --query cluster.roleArn',
      'aws iam attach-role-policy --role-name CLUSTER-ROLE --policy-arn arn:aws:iam::aws:policy/AmazonEKSVPCResourceController',
    ),
}
