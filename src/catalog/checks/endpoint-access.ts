import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'

const EVERYWHERE = ['0.0.0.0/0', '::/0']

/** New nodes reach the API server from inside the VPC, and so does whoever runs Serin. */
export const endpointAccess: CheckDefinition = {
  code: 'ENDPOINT_ACCESS',
  title: 'The API server can be reached by new nodes, and from here',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster'],
  notApplicable: noGroupChanges,
  prevents:
    'Nodes that never join, because they reach the API server by its public address only and theirs is not on its list; or a run that is started where the private endpoint cannot be seen.',
  remedy: 'Switch private access on: `aws eks update-cluster-config --name CLUSTER --resources-vpc-config endpointPrivateAccess=true`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html',
  evaluate: (input) => {
    const { endpointPrivateAccess, publicAccessCidrs = [] } = vpcConfigOf(input)
    const lookedAt = `Private access is ${endpointPrivateAccess === true ? 'on' : 'off'}; public from ${publicAccessCidrs.join(', ') || 'nowhere'}.`
    return foundOr([...fromHere(input), ...fromNodes(input)], input.plan, lookedAt)
  },
}

function vpcConfigOf({ snapshot }: CheckInput) {
  return snapshot.aws.cluster?.resourcesVpcConfig ?? {}
}

/** That nobody answered is said by IDENTITY; here, that nobody could. */
function fromHere(input: CheckInput): readonly CheckFinding[] {
  const { snapshot, plan } = input
  if (snapshot.kubernetes.server !== undefined || vpcConfigOf(input).endpointPublicAccess !== false) return []
  return [
    {
      verdict: 'unknown',
      subject: `Cluster/${plan.cluster.name}`,
      message: 'The API server has a private endpoint only, and did not answer from here.',
      remedy: 'Run Serin inside the VPC (a runner, a bastion, or a VPN), and see `curl -k https://ENDPOINT/version` from there.',
    },
  ]
}

function fromNodes(input: CheckInput): readonly CheckFinding[] {
  const { endpointPrivateAccess, publicAccessCidrs = [] } = vpcConfigOf(input)
  if (endpointPrivateAccess !== false || publicAccessCidrs.some((each) => EVERYWHERE.includes(each))) return []
  const { name } = input.plan.cluster
  return [
    {
      verdict: 'warn',
      subject: `Cluster/${name}`,
      message: `Private access to the API server is off, and public access is limited to ${publicAccessCidrs.join(', ') || 'nobody'}: a node joins only if its way out (NAT gateway or own address) is on that list.`,
      remedy: `\`aws eks update-cluster-config --name ${name} --resources-vpc-config endpointPrivateAccess=true\`, which takes minutes and changes nothing for others.`,
    },
  ]
}
