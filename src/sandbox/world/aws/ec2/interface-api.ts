import { type AwsHandlers, WireError } from '../../../contract.ts'
import type { Subnets } from '../addresses.ts'
import { dateOf, type FilterFields, filtered, type Input, tagList, textsOf } from '../answers.ts'
import { type Interface, type Interfaces, macAddress } from '../interfaces.ts'
import { chosen, paged } from './answers.ts'

export interface InterfaceApiDeps {
  readonly subnets: Subnets
  readonly interfaces: Interfaces
  readonly accountId: string
  readonly vpcId: string
  /** What an interface has that names none of its own: the cluster's. */
  readonly securityGroupId: string
}

export function interfaceHandlers(deps: InterfaceApiDeps): AwsHandlers {
  return {
    DescribeNetworkInterfaces: (input) => describeInterfaces(deps, input),
  }
}

function describeInterfaces(deps: InterfaceApiDeps, input: Input): Record<string, unknown> {
  const missing = (id: string) => new WireError(400, 'InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`)
  const fields: FilterFields<Interface> = {
    'subnet-id': ({ subnetId }) => [subnetId],
    'network-interface-id': ({ id }) => [id],
    'attachment.instance-id': ({ instanceId }) => (instanceId === undefined ? [] : [instanceId]),
    'availability-zone': ({ subnetId }) => [deps.subnets.get(subnetId)?.zone ?? ''],
    'group-id': (each) => groupsOf(deps, each),
    'interface-type': ({ type }) => [type],
    'private-ip-address': ({ primary }) => [primary],
    'vpc-id': () => [deps.vpcId],
    status: ({ status }) => [status],
    description: ({ description }) => [description],
  }
  const all = chosen(deps.interfaces.all(), textsOf(input, 'NetworkInterfaceIds'), ({ id }) => id, missing)
  const found = filtered(all, input, fields, ({ tags }) => tags)
  return paged(input, found, 'NetworkInterfaces', (each) => describeInterface(deps, each))
}

function groupsOf({ securityGroupId }: InterfaceApiDeps, { securityGroups }: Interface): readonly string[] {
  return securityGroups.length > 0 ? securityGroups : [securityGroupId]
}

function describeInterface(deps: InterfaceApiDeps, each: Interface): Record<string, unknown> {
  return {
    NetworkInterfaceId: each.id,
    SubnetId: each.subnetId,
    VpcId: deps.vpcId,
    AvailabilityZone: deps.subnets.get(each.subnetId)?.zone,
    OwnerId: deps.accountId,
    Status: each.status,
    InterfaceType: each.type,
    Description: each.description,
    MacAddress: macAddress(each.id),
    SourceDestCheck: true,
    RequesterManaged: false,
    PrivateIpAddress: each.primary,
    PrivateIpAddresses: [
      { PrivateIpAddress: each.primary, Primary: true },
      ...[...each.secondary].map((PrivateIpAddress) => ({ PrivateIpAddress, Primary: false })),
    ],
    Ipv4Prefixes: [...each.prefixes].map((Ipv4Prefix) => ({ Ipv4Prefix })),
    Ipv6Addresses: [],
    Ipv6Prefixes: each.ipv6Prefix === undefined ? [] : [{ Ipv6Prefix: each.ipv6Prefix }],
    Groups: groupsOf(deps, each).map((GroupId) => ({ GroupId })),
    Attachment: attachmentOf(each),
    TagSet: tagList(each.tags),
  }
}

/** The instance that an interface is attached to. A branch is attached to its trunk, which this answer does not show. */
function attachmentOf({ id, instanceId, deviceIndex, createdAt }: Interface): Record<string, unknown> | undefined {
  if (instanceId === undefined) return undefined
  return {
    AttachmentId: `eni-attach-${id.slice('eni-'.length)}`,
    AttachTime: dateOf(createdAt),
    DeleteOnTermination: true,
    InstanceId: instanceId,
    DeviceIndex: deviceIndex,
    NetworkCardIndex: 0,
    Status: 'attached',
  }
}
