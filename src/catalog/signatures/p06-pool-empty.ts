import { knownInterfaceLimits } from '../knowledge/instance-types.ts'
import { about, aboutPod, automatic, byPerson, matched, type Signature, says } from './definition.ts'
import type { NodeFact } from './facts.ts'
import { nodesOf } from './reading.ts'
import { isFragmented, isSubnetEmpty, withoutAddress } from './without-address.ts'

/** The pool of a node is empty although its subnet is not. */
export const poolEmpty: Signature = {
  code: 'P06',
  title: 'ipamd has no address left on the node, though its subnet has',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  needs: ['kubernetes:pods', 'ec2:DescribeSubnets'],
  match(facts) {
    const all = withoutAddress(facts)
    const ours = all.filter(({ node }) => !node.cordoned && !isSubnetEmpty(node) && !isFragmented(node, facts))
    if (all.length > 0 && ours.length === 0) return { rejected: 'subnet or cordon explain why there is no address' }
    const nodes = nodesOf(ours)
    const { env } = facts.cni
    const never = env.MINIMUM_IP_TARGET !== undefined && (env.WARM_IP_TARGET ?? '0') === '0'
    const crowded = nodes.filter(
      (node) => Number(node.node.status?.allocatable?.pods ?? 0) > capacityOf(node, env.ENABLE_PREFIX_DELEGATION === 'true'),
    )
    return matched({
      nodes,
      pods: ours,
      evidence: [
        ...ours.slice(0, 8).map((pod) => says(2, aboutPod(pod), 'failed to assign an IP address to container')),
        ...nodes.flatMap((node) =>
          node.subnet?.free === undefined
            ? []
            : [says(1, about(node), `its subnet ${node.subnet.id} has ${node.subnet.free} addresses left`)],
        ),
        ...(never && ours.length > 0
          ? [
              says(
                2,
                'DaemonSet/kube-system/aws-node',
                `MINIMUM_IP_TARGET is ${env.MINIMUM_IP_TARGET} and WARM_IP_TARGET is not set: the pool never grows past it`,
              ),
            ]
          : []),
        ...crowded.map((node) =>
          says(1, about(node), `takes ${node.node.status?.allocatable?.pods} pods, more than ${node.instanceType} has addresses for`),
        ),
      ],
      against: nodes
        .filter(({ awsNode }) => awsNode?.state !== 'serving' && awsNode?.state !== 'recovered')
        .map((node) => says(2, about(node), 'aws-node does not serve here')),
    })
  },
  remedy: (_match, { cni: { env } }) =>
    env.MINIMUM_IP_TARGET !== undefined
      ? byPerson(
          'Set WARM_IP_TARGET beside MINIMUM_IP_TARGET, so that the pool grows with the pods.',
          'aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --configuration-values \'{"env":{"WARM_IP_TARGET":"2"}}\' --resolve-conflicts PRESERVE',
        )
      : automatic('Stop sending pods there; more nodes, fewer pods to a node (max-pods), or prefix delegation.', undefined),
}

function capacityOf({ instanceType = '' }: NodeFact, prefixes: boolean): number {
  const limits = knownInterfaceLimits(instanceType)
  return limits === undefined || prefixes ? Number.POSITIVE_INFINITY : limits.interfaces * (limits.addressesPerInterface - 1) + 2
}
