import type { CheckDefinition, CheckFinding } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** What the control plane was attached to is still there. */
export const controlPlaneNetwork: CheckDefinition = {
  code: 'CONTROL_PLANE_NETWORK',
  title: 'The subnets and security groups of the control plane exist',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'],
  prevents:
    'Interfaces of the API server that EKS cannot make anew, and nodes that cannot reach it: a subnet or a security group was deleted with an old stack, and nothing has moved since.',
  remedy: 'Give the cluster others: `aws eks update-cluster-config --name CLUSTER --resources-vpc-config subnetIds=…,securityGroupIds=…`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html',
  evaluate: ({ snapshot: { aws }, plan }) => {
    const { subnetIds = [], securityGroupIds = [], clusterSecurityGroupId } = aws.cluster?.resourcesVpcConfig ?? {}
    const groups = [...securityGroupIds, ...(clusterSecurityGroupId === undefined ? [] : [clusterSecurityGroupId])]
    const subnets = new Set(aws.subnets?.map(({ SubnetId }) => SubnetId))
    const securityGroups = new Set(aws.securityGroups?.map(({ GroupId }) => GroupId))
    const found = [
      ...subnetIds.filter((id) => !subnets.has(id)).map((id) => gone('Subnet', id)),
      ...groups.filter((id) => !securityGroups.has(id)).map((id) => gone('SecurityGroup', id)),
    ]
    return foundOr(found, plan, `${subnetIds.length} subnets and ${groups.length} security groups of the control plane exist.`)
  },
}

function gone(kind: 'Subnet' | 'SecurityGroup', id: string): CheckFinding {
  const what = kind === 'Subnet' ? 'subnet' : 'security group'
  return {
    verdict: 'block',
    subject: `${kind}/${id}`,
    message: `The cluster is attached to the ${what} ${id}, which does not exist (any more).`,
  }
}
