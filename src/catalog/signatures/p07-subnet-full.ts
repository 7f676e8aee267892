import { about, aboutPod, automatic, matched, type Signature, says } from './definition.ts'
import { few, nodesOf } from './reading.ts'
import { isEmpty, isSubnetEmpty, withoutAddress } from './without-address.ts'

/** A subnet has no address left. */
export const subnetFull: Signature = {
  code: 'P07',
  title: 'The subnet of these nodes has no address left',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  explains: ['P06'],
  needs: ['ec2:DescribeSubnets', 'kubernetes:pods'],
  match(facts) {
    const pods = withoutAddress(facts).filter(({ node }) => isSubnetEmpty(node))
    const nodes = nodesOf(pods)
    const waiting = facts.shortGroups.filter(({ subnets }) => subnets.some(isEmpty))
    const told = facts.hung.flatMap((node) =>
      node.subnet !== undefined && isSubnetEmpty(node) && /InsufficientFreeAddressesInSubnet/.test(node.awsNode?.log('aws-node') ?? '')
        ? [node]
        : [],
    )
    return matched({
      nodes: [...nodes, ...told],
      pods,
      evidence: [
        ...nodes.map((node) =>
          says(4, about(node), `its subnet ${node.subnet?.id} (${node.subnet?.zone}) has ${node.subnet?.free} addresses left`),
        ),
        ...pods.slice(0, 5).map((pod) => says(2, aboutPod(pod), 'failed to assign an IP address to container')),
        ...waiting.map(({ name, wanted, has, subnets }) => {
          const empty = subnets.filter(isEmpty).map(({ id, free }) => `${id} has ${free}`)
          return says(2, `AutoScalingGroup/${name}`, `has ${has} of ${wanted} instances, and of its subnets ${few(empty)} addresses left`)
        }),
        ...told.map((node) => says(4, about(node), 'ipamd.log: InsufficientFreeAddressesInSubnet')),
      ],
    })
  },
  remedy: ({ nodes }) =>
    automatic(
      `Stop launching nodes until old ones are gone. Then: a subnet with room for the group, a smaller warm pool, or interfaces that nobody uses given back (${nodes[0]?.subnet?.id ?? 'SUBNET'}).`,
      undefined,
      `aws ec2 describe-network-interfaces --filters Name=subnet-id,Values=${nodes[0]?.subnet?.id ?? 'SUBNET'} Name=status,Values=available`,
    ),
}
