import { keyedId } from '../../../../model/keyed.ts'
import { type AwsHandlers, WireError } from '../../../contract.ts'
import type { ReservationSpec } from '../../network-spec.ts'
import type { SubnetSpec } from '../../world-spec.ts'
import type { Subnets } from '../addresses.ts'
import { type FilterFields, filtered, type Input, required, tagList, textsOf } from '../answers.ts'
import { chosen, paged, regionOf } from './answers.ts'

export interface SubnetDeps {
  readonly subnets: Subnets
  readonly reservations: readonly ReservationSpec[]
  readonly accountId: string
  readonly vpcId: string
  readonly subnetTags: Readonly<Record<string, string>>
}

export function subnetHandlers(deps: SubnetDeps): AwsHandlers {
  return {
    DescribeSubnets: (input) => describeSubnets(deps, input),
    GetSubnetCidrReservations: (input) => getReservations(deps, input),
  }
}

function missing(id: string): WireError {
  return new WireError(400, 'InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`)
}

function describeSubnets(deps: SubnetDeps, input: Input): Record<string, unknown> {
  const fields: FilterFields<SubnetSpec> = {
    'vpc-id': () => [deps.vpcId],
    'subnet-id': ({ id }) => [id],
    'availability-zone': ({ zone }) => [zone],
    'cidr-block': ({ cidr }) => [cidr],
  }
  const all = chosen(deps.subnets.all(), textsOf(input, 'SubnetIds'), ({ id }) => id, missing)
  const found = filtered(all, input, fields, () => deps.subnetTags)
  return paged(input, found, 'Subnets', (subnet) => describeSubnet(deps, subnet))
}

function describeSubnet(deps: SubnetDeps, subnet: SubnetSpec): Record<string, unknown> {
  return {
    SubnetId: subnet.id,
    SubnetArn: `arn:aws:ec2:${regionOf(subnet.zone)}:${deps.accountId}:subnet/${subnet.id}`,
    VpcId: deps.vpcId,
    State: 'available',
    OwnerId: deps.accountId,
    AvailabilityZone: subnet.zone,
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: deps.subnets.free(subnet.id),
    MapPublicIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.ipv6Cidr !== undefined,
    Ipv6CidrBlockAssociationSet:
      subnet.ipv6Cidr === undefined
        ? []
        : [
            {
              AssociationId: `subnet-cidr-assoc-${subnet.id.slice('subnet-'.length)}`,
              Ipv6CidrBlock: subnet.ipv6Cidr,
              Ipv6CidrBlockState: { State: 'associated' },
            },
          ],
    Tags: tagList(deps.subnetTags),
  }
}

function getReservations(deps: SubnetDeps, input: Input): Record<string, unknown> {
  const subnetId = required(input, 'SubnetId', (message) => new WireError(400, 'MissingParameter', message))
  if (deps.subnets.get(subnetId) === undefined) throw missing(subnetId)
  const own = deps.reservations.filter((each) => each.subnetId === subnetId)
  return {
    SubnetIpv4CidrReservations: own.map(({ cidr, type }, index) => ({
      SubnetCidrReservationId: `scr-${keyedId(17, subnetId, index)}`,
      SubnetId: subnetId,
      Cidr: cidr,
      ReservationType: type,
      OwnerId: deps.accountId,
    })),
    SubnetIpv6CidrReservations: [],
  }
}
