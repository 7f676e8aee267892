import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { atLeast, logEvidence, missingActions } from './reading.ts'

/** In an IPv6 cluster the policy is the customer's own; from v1.22.0 on ipamd does not start without DescribeSubnets. */
export const ipv6DescribeSubnets: Signature = {
  code: 'F03',
  title: 'In this IPv6 cluster the role of aws-node lacks ec2:DescribeSubnets',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:events', 'kubernetes:pods', 'eks:DescribeCluster'],
  match({ nodes, hung, cni }) {
    if (cni.ipFamily !== 'ipv6') return undefined
    const told = nodes.filter((node) => missingActions(node).some(({ action }) => action === 'ec2:DescribeSubnets'))
    const logged = logEvidence(hung, /checking to exclude configured subnet|DescribeSubnets.*UnauthorizedOperation/)
    const evidence = [
      ...told.map((node) => says(4, about(node), 'event MissingIAMPermissions: ec2:DescribeSubnets is not allowed')),
      ...logged,
    ]
    if (evidence.length > 0 && atLeast(cni.version, '1.22.0'))
      evidence.push(
        says(
          1,
          'DaemonSet/kube-system/aws-node',
          `${cni.version} looks at subnets before it serves, and AmazonEKS_CNI_Policy is for IPv4 only`,
        ),
      )
    return matched({
      nodes: [...new Set([...told, ...hung.filter((node) => logged.some(({ subject }) => subject === about(node)))])],
      evidence,
    })
  },
  remedy: () =>
    byPerson(
      'Take the add-on back, or allow ec2:DescribeSubnets in the policy of the role; without subnet discovery it is not needed.',
      'aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --configuration-values \'{"env":{"ENABLE_SUBNET_DISCOVERY":"false"}}\' --resolve-conflicts PRESERVE',
    ),
}
