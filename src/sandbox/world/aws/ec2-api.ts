import { type AwsHandlers, WireError } from '../../contract.ts'
import type { SubnetSpec } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { type FilterFields, filtered, type Input, tagList, textsOf } from './answers.ts'
import { chosen, paged } from './ec2/answers.ts'
import { imageHandlers } from './ec2/image-api.ts'
import { instanceHandlers } from './ec2/instance-api.ts'
import { instanceTypeHandlers } from './ec2/instance-type-api.ts'
import { templateHandlers } from './ec2/template-api.ts'
import type { Images } from './images.ts'
import type { InstanceTypes } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import type { Interface, Interfaces } from './interfaces.ts'
import type { LaunchTemplates } from './launch-templates.ts'

export interface Ec2Deps {
  readonly subnets: Subnets
  readonly instances: Instances
  readonly interfaces: Interfaces
  readonly templates: LaunchTemplates
  readonly images: Images
  readonly types: InstanceTypes
  readonly accountId: string
  readonly vpcId: string
  /** Tags of an instance: cluster and node group. */
  readonly instanceTags: (instance: Instance) => Readonly<Record<string, string>>
  readonly subnetTags: Readonly<Record<string, string>>
}

/** The EC2 operations, in SDK shapes. */
export function ec2Handlers(deps: Ec2Deps): AwsHandlers {
  return {
    DescribeSubnets: (input) => describeSubnets(deps, input),
    ...instanceHandlers(deps),
    ...instanceTypeHandlers(deps.types),
    DescribeNetworkInterfaces: (input) => describeInterfaces(deps, input),
    ...templateHandlers(deps),
    ...imageHandlers(deps),
  }
}

function describeSubnets(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const missing = (id: string) => new WireError(400, 'InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`)
  const fields: FilterFields<SubnetSpec> = {
    'vpc-id': () => [deps.vpcId],
    'subnet-id': ({ id }) => [id],
    'availability-zone': ({ zone }) => [zone],
  }
  const found = filtered(
    chosen(deps.subnets.all(), textsOf(input, 'SubnetIds'), ({ id }) => id, missing),
    input,
    fields,
    () => deps.subnetTags,
  )
  return paged(input, found, 'Subnets', (subnet) => ({
    SubnetId: subnet.id,
    VpcId: deps.vpcId,
    State: 'available',
    OwnerId: deps.accountId,
    AvailabilityZone: subnet.zone,
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: deps.subnets.free(subnet.id),
    MapPublicIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Tags: tagList(deps.subnetTags),
  }))
}

function describeInterfaces(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const missing = (id: string) => new WireError(400, 'InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`)
  const fields: FilterFields<Interface> = {
    'subnet-id': ({ subnetId }) => [subnetId],
    'network-interface-id': ({ id }) => [id],
    'attachment.instance-id': ({ instanceId }) => (instanceId === undefined ? [] : [instanceId]),
    'vpc-id': () => [deps.vpcId],
    status: () => ['in-use'],
    description: ({ description }) => [description],
  }
  const found = filtered(
    chosen(deps.interfaces.all(), textsOf(input, 'NetworkInterfaceIds'), ({ id }) => id, missing),
    input,
    fields,
    interfaceTags,
  )
  return paged(input, found, 'NetworkInterfaces', (each) => describeInterface(deps, each))
}

/** Tags that ipamd sets on interfaces it attached (amazon-vpc-cni-k8s, pkg/awsutils/awsutils.go). */
function interfaceTags({ instanceId, deviceIndex }: Interface): Readonly<Record<string, string>> {
  return instanceId === undefined || deviceIndex === 0
    ? {}
    : { 'node.k8s.amazonaws.com/instance_id': instanceId, 'eks:eni:owner': 'amazon-vpc-cni' }
}

function describeInterface(deps: Ec2Deps, each: Interface): Record<string, unknown> {
  return {
    NetworkInterfaceId: each.id,
    SubnetId: each.subnetId,
    VpcId: deps.vpcId,
    AvailabilityZone: deps.subnets.get(each.subnetId)?.zone,
    OwnerId: deps.accountId,
    Status: 'in-use',
    InterfaceType: 'interface',
    Description: each.description,
    PrivateIpAddress: each.primary,
    PrivateIpAddresses: [
      { PrivateIpAddress: each.primary, Primary: true },
      ...each.secondary.map((PrivateIpAddress) => ({ PrivateIpAddress, Primary: false })),
    ],
    Ipv4Prefixes: [],
    Attachment:
      each.instanceId === undefined ? undefined : { InstanceId: each.instanceId, DeviceIndex: each.deviceIndex, Status: 'attached' },
    TagSet: tagList(interfaceTags(each)),
  }
}
