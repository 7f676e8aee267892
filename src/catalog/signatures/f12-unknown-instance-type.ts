import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { atSubjects, commonScope, logEvidence, missingActions } from './reading.ts'

/** The instance type is newer than the CNI's table, and EC2 may not be asked about it. */
export const unknownInstanceType: Signature = {
  code: 'F12',
  title: 'The instance type is newer than this vpc-cni, and its role may not ask EC2 about it',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/awsutils/awsutils.go',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  match({ nodes, hung, serving }) {
    const told = nodes.filter((node) => missingActions(node).some(({ action }) => action === 'ec2:DescribeInstanceTypes'))
    const logged = logEvidence(
      hung,
      /Failed to get ENI limits from file:vpc_ip_limits|vpc ip resource\(eni ip limit\): unknown instance type/,
    )
    const concerned = [...new Set([...told, ...atSubjects(hung, logged)])]
    const type = concerned.length === 0 ? undefined : commonScope(concerned, serving, 'instanceType')
    return matched({
      nodes: concerned,
      evidence: [
        ...told.map((node) =>
          says(4, about(node), `event MissingIAMPermissions: ec2:DescribeInstanceTypes is not allowed (${node.instanceType})`),
        ),
        ...logged,
        ...(type === undefined ? [] : [says(1, 'Cluster', `only nodes of type ${type} fail`)]),
      ],
    })
  },
  remedy: ({ nodes }) =>
    byPerson(
      `Allow ec2:DescribeInstanceTypes to the role of aws-node, or go to a vpc-cni that knows ${nodes[0]?.instanceType ?? 'the type'}.`,
    ),
}
