import { byPerson, matched, type Signature, says } from './definition.ts'
import { few, nodesOf } from './reading.ts'
import { isSubnetEmpty, withoutAddress } from './without-address.ts'

/** Interfaces that dead nodes left behind hold addresses. */
export const leakedInterfaces: Signature = {
  code: 'P22',
  title: 'Interfaces of nodes that are gone hold addresses of the subnets',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#disable_leaked_eni_cleanup-v1130',
  explains: ['P07'],
  needs: ['ec2:DescribeNetworkInterfaces'],
  match(facts) {
    const leaky = facts.subnets.filter(({ leaked }) => leaked.length > 0)
    const pods = withoutAddress(facts).filter(({ node }) => isSubnetEmpty(node) && leaky.some(({ id }) => id === node.subnet?.id))
    return matched({
      nodes: nodesOf(pods),
      pods,
      evidence: leaky.map(({ id, leaked }) => {
        const held = leaked.reduce((sum, { addresses }) => sum + addresses, 0)
        return says(
          3,
          `Subnet/${id}`,
          `${leaked.length} interfaces of instances that are gone hold ${held} addresses: ${few(leaked.map(({ id: eni }) => eni))}`,
        )
      }),
    })
  },
  remedy: (_match, { subnets }) =>
    byPerson(
      'Look at each, and delete those of dead instances; then see whether DISABLE_LEAKED_ENI_CLEANUP is set, or ec2:DeleteNetworkInterface missing.',
      ...subnets
        .flatMap(({ leaked }) => leaked)
        .slice(0, 5)
        .map(({ id }) => `aws ec2 delete-network-interface --network-interface-id ${id}`),
    ),
}
