import { type AwsHandlers, WireError } from '../../../contract.ts'
import { type FilterFields, filtered, type Input, tagList, textsOf } from '../answers.ts'
import type { Ec2Deps } from '../ec2-api.ts'
import { chosen, paged, regionOf } from './answers.ts'

/** Operations on what the subnets stand in: one VPC, the zones of its subnets, and the security group that EKS made. */
export function vpcHandlers(deps: Ec2Deps): AwsHandlers {
  return {
    DescribeVpcs: (input) => describeVpcs(deps, input),
    DescribeAvailabilityZones: (input) => describeZones(deps, input),
    DescribeSecurityGroups: (input) => describeSecurityGroups(deps, input),
  }
}

/** The /16 blocks around the subnets are taken to be the VPC's. */
function describeVpcs(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const blocks = [...new Set(deps.subnets.all().map(({ cidr }) => `${cidr.split('.').slice(0, 2).join('.')}.0.0/16`))]
  const [first] = blocks
  const missing = (id: string) => new WireError(400, 'InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`)
  const fields: FilterFields<string> = { 'vpc-id': (id) => [id], cidr: () => [first ?? ''], state: () => ['available'] }
  const all = chosen([deps.vpcId], textsOf(input, 'VpcIds'), (id) => id, missing)
  return paged(
    input,
    filtered(all, input, fields, () => deps.subnetTags),
    'Vpcs',
    (VpcId) => ({
      VpcId,
      OwnerId: deps.accountId,
      State: 'available',
      CidrBlock: first,
      CidrBlockAssociationSet: blocks.map((CidrBlock) => ({ CidrBlock, CidrBlockState: { State: 'associated' } })),
      IsDefault: false,
      InstanceTenancy: 'default',
      Tags: tagList(deps.subnetTags),
    }),
  )
}

function describeZones(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const names = [...new Set(deps.subnets.all().map(({ zone }) => zone))].sort()
  const missing = (name: string) => new WireError(400, 'InvalidParameterValue', `Invalid availability zone: [${name}]`)
  const fields: FilterFields<string> = {
    'zone-name': (name) => [name],
    'region-name': (name) => [regionOf(name)],
    state: () => ['available'],
  }
  const found = filtered(
    chosen(names, textsOf(input, 'ZoneNames'), (name) => name, missing),
    input,
    fields,
  )
  return {
    AvailabilityZones: found.map((ZoneName) => ({
      ZoneName,
      RegionName: regionOf(ZoneName),
      GroupName: regionOf(ZoneName),
      NetworkBorderGroup: regionOf(ZoneName),
      ZoneType: 'availability-zone',
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      Messages: [],
    })),
  }
}

/** Rules and words of the cluster security group (EKS user guide, "security group requirements"). */
function describeSecurityGroups(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const { securityGroupId: GroupId, vpcId: VpcId, accountId: OwnerId, clusterName } = deps
  const name = `eks-cluster-sg-${clusterName}-${GroupId.slice(-10)}`
  const tags = { Name: name, [`kubernetes.io/cluster/${clusterName}`]: 'owned', 'aws:eks:cluster-name': clusterName }
  const missing = (id: string) => new WireError(400, 'InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  const fields: FilterFields<string> = { 'group-id': (id) => [id], 'group-name': () => [name], 'vpc-id': () => [VpcId] }
  const all = chosen([GroupId], textsOf(input, 'GroupIds'), (id) => id, missing)
  return paged(
    input,
    filtered(all, input, fields, () => tags),
    'SecurityGroups',
    () => ({
      GroupId,
      GroupName: name,
      VpcId,
      OwnerId,
      Description:
        'EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as any managed workloads.',
      IpPermissions: [
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, UserId: OwnerId }], IpRanges: [], Ipv6Ranges: [], PrefixListIds: [] },
      ],
      IpPermissionsEgress: [
        { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], UserIdGroupPairs: [], Ipv6Ranges: [], PrefixListIds: [] },
      ],
      Tags: tagList(tags),
    }),
  )
}
