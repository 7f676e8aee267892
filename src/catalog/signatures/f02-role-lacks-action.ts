import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { few, missingActions, refusedOperation } from './reading.ts'

/** Actions of which other signatures tell more. */
const OTHERS = new Set(['ec2:DescribeInstanceTypes'])

/** The role of aws-node lacks an action; the event names it. */
export const roleLacksAction: Signature = {
  code: 'F02',
  title: 'The role of aws-node lacks an IAM action that it needs',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3704',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:events', 'kubernetes:pods'],
  match({ nodes, hung, cni }) {
    const told = nodes.flatMap((node) => missingActions(node).map((missing) => ({ node, ...missing })))
    const ours = told.filter(({ action }) => !OTHERS.has(action) && !(action === 'ec2:DescribeSubnets' && cni.ipFamily === 'ipv6'))
    const evidence = ours.map(({ node, action }) =>
      says(hung.includes(node) ? 4 : 3, `Pod/kube-system/${node.awsNode?.name}`, `event MissingIAMPermissions: ${action} is not allowed`),
    )
    const refused = hung.flatMap((node) => {
      const operation = refusedOperation(node)
      const known =
        operation === undefined || OTHERS.has(`ec2:${operation}`) || (operation === 'DescribeSubnets' && cni.ipFamily === 'ipv6')
      return known ? [] : [says(4, about(node), `ipamd.log: EC2 refused ${operation} with UnauthorizedOperation`)]
    })
    if (hung.length > 0 && told.length === 0 && refused.length === 0)
      return { rejected: 'no event MissingIAMPermissions on the nodes that fail' }
    const concerned = new Set([...ours.map(({ node }) => node), ...hung.filter((node) => refusedOperation(node) !== undefined)])
    return matched({ nodes: [...concerned], evidence: [...evidence, ...refused] })
  },
  remedy: ({ evidence }) => {
    const actions = [
      ...new Set(
        evidence.flatMap(
          ({ says: text }) =>
            /ec2:\w+/.exec(text)?.[0] ?? (/refused (\w+)/.exec(text)?.[1] ? [`ec2:${/refused (\w+)/.exec(text)?.[1]}`] : []),
        ),
      ),
    ]
    return byPerson(
      `Take the add-on back to the version before, or allow ${few(actions)} to the role of aws-node (the managed policy AmazonEKS_CNI_Policy has it).`,
      'aws eks describe-addon --cluster-name CLUSTER --addon-name vpc-cni --query addon.serviceAccountRoleArn',
      'aws iam attach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy',
    )
  },
}
