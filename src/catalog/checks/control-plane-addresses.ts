import type { Subnet } from '../../model/aws.ts'
import type { CheckDefinition } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

const FREE = 5
const ZONES = 2

/** There is room for the interfaces that EKS makes when it replaces API servers. */
export const controlPlaneAddresses: CheckDefinition = {
  code: 'CONTROL_PLANE_ADDRESSES',
  title: "The control plane's subnets have five free addresses in each of two zones",
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeCluster', 'ec2:DescribeSubnets'],
  prevents:
    'API servers that EKS cannot replace, in an upgrade or after a failure, because nodes and pods have taken the last addresses of the subnets that they share.',
  remedy:
    'Free addresses, or give the cluster another subnet in that zone: `aws eks update-cluster-config --name CLUSTER --resources-vpc-config subnetIds=…`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html#network-requirements-subnets',
  evaluate: ({ snapshot: { aws }, plan }) => {
    const own = new Set(aws.cluster?.resourcesVpcConfig?.subnetIds)
    const subnets = (aws.subnets ?? []).filter(({ SubnetId }) => own.has(SubnetId ?? ''))
    const roomy = new Set(subnets.filter((subnet) => freeIn(subnet) >= FREE).map(({ AvailabilityZone }) => AvailabilityZone))
    const told = subnets.map((subnet) => `${subnet.SubnetId} (${subnet.AvailabilityZone}) ${freeIn(subnet)}`).join(', ')
    const message = `Free addresses: ${told || 'none'}; ${roomy.size} of the zones ${roomy.size === 1 ? 'has' : 'have'} a subnet with ${FREE}, EKS asks for ${ZONES}.`
    const subject = `Cluster/${plan.cluster.name}`
    return foundOr(roomy.size >= ZONES ? [] : [{ verdict: 'warn', subject, message }], plan, message)
  },
}

const freeIn = ({ AvailableIpAddressCount = 0 }: Subnet) => AvailableIpAddressCount
