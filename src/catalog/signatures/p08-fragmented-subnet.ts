import { about, aboutPod, byPerson, matched, type Signature, says } from './definition.ts'
import { nodesOf } from './reading.ts'
import { isFragmented, withoutAddress } from './without-address.ts'

/** Prefix delegation, and no whole block in the subnet. */
export const fragmentedSubnet: Signature = {
  code: 'P08',
  title: 'The subnet has addresses left and no whole block of sixteen, which prefix delegation needs',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html',
  explains: ['P06'],
  needs: ['ec2:DescribeSubnets', 'ec2:DescribeNetworkInterfaces', 'kubernetes:pods'],
  match(facts) {
    const pods = withoutAddress(facts).filter(({ node }) => isFragmented(node, facts))
    const nodes = nodesOf(pods)
    return matched({
      nodes,
      pods,
      evidence: [
        ...nodes.map((node) =>
          says(4, about(node), `its subnet ${node.subnet?.id} has ${node.subnet?.free} addresses left and no aligned /28 that is whole`),
        ),
        ...pods.slice(0, 5).map((pod) => says(2, aboutPod(pod), 'failed to assign an IP address to container')),
      ],
    })
  },
  remedy: ({ nodes }) =>
    byPerson(
      'Reserve blocks for prefixes in a new subnet and move the group there, or turn prefix delegation off.',
      `aws ec2 create-subnet-cidr-reservation --subnet-id ${nodes[0]?.subnet?.id ?? 'SUBNET'} --reservation-type prefix --cidr CIDR`,
    ),
}
