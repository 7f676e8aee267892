import { aboutPod, automatic, byPerson, matched, type Signature, says } from './definition.ts'
import { nodesOf } from './reading.ts'

const CODE =
  /RequestLimitExceeded|InsufficientFreeAddressesInSubnet|UnauthorizedOperation|InvalidSecurityGroupID\.\w+|InvalidGroup\.\w+|SecurityGroup\w+/

/** EC2 refused the branch interface of a pod. */
export const branchRefused: Signature = {
  code: 'P02',
  title: 'EC2 refuses the branch interfaces of pods',
  source: 'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/provider/branch/provider.go',
  explains: ['P03'],
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match({ stuck }) {
    const told = stuck.flatMap((pod) => {
      const event = pod.events.find(({ reason }) => reason === 'BranchAllocationFailed')
      return event === undefined || pod.annotated ? [] : [{ pod, event, code: CODE.exec(event.text)?.[0] }]
    })
    return matched({
      nodes: nodesOf(told.map(({ pod }) => pod)),
      pods: told.map(({ pod }) => pod),
      evidence: told.map(({ pod, event, code }) =>
        says(
          code === undefined ? 3 : 4,
          aboutPod(pod),
          `event BranchAllocationFailed${code === undefined ? '' : `, ${code}`}: ${event.text.slice(0, 240)}`,
        ),
      ),
    })
  },
  remedy({ evidence }) {
    const code = CODE.exec(evidence[0]?.says ?? '')?.[0] ?? ''
    if (code === 'RequestLimitExceeded')
      return automatic(
        'Slow down: fewer nodes and pods at a time. The requests of the account come back by themselves.',
        'recreate-pods',
        'serin hold',
      )
    if (code === 'UnauthorizedOperation')
      return byPerson(
        'Give the role of the cluster the policy AmazonEKSVPCResourceController.',
        'aws iam attach-role-policy --role-name CLUSTER-ROLE --policy-arn arn:aws:iam::aws:policy/AmazonEKSVPCResourceController',
      )
    return byPerson(
      code.startsWith('Insufficient')
        ? 'Free addresses in the subnet of the node, or move these pods to another.'
        : 'Mend the security groups that the SecurityGroupPolicy names.',
      'kubectl get securitygrouppolicies -A',
    )
  },
}
