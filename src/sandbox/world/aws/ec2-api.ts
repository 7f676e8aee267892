import { type AwsHandlers, WireError } from '../../contract.ts'
import type { SubnetSpec } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { dateOf, type FilterFields, filtered, type Input, numberOf, pageOf, tagList, textOf, textsOf } from './answers.ts'
import type { Image, Images } from './images.ts'
import type { InstanceTypes } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import type { Interface, Interfaces } from './interfaces.ts'
import type { LaunchTemplates, Template, TemplateVersion } from './launch-templates.ts'

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
    DescribeInstances: (input) => describeInstances(deps, input),
    DescribeInstanceTypes: (input) => describeInstanceTypes(deps, input),
    DescribeNetworkInterfaces: (input) => describeInterfaces(deps, input),
    DescribeLaunchTemplates: (input) => describeTemplates(deps, input),
    DescribeLaunchTemplateVersions: (input) => describeTemplateVersions(deps, input),
    DescribeImages: (input) => describeImages(deps, input),
  }
}

function invalidToken(): WireError {
  return new WireError(400, 'InvalidNextToken', 'The token is invalid.')
}

/** Items by id, or all; an id that is not there is an error, as EC2 answers it. */
function chosen<T>(all: readonly T[], ids: readonly string[], idOf: (item: T) => string, missing: (id: string) => WireError): readonly T[] {
  if (ids.length === 0) return all
  const byId = new Map(all.map((item) => [idOf(item), item]))
  return ids.map((id) => {
    const found = byId.get(id)
    if (found === undefined) throw missing(id)
    return found
  })
}

function paged<T>(input: Input, items: readonly T[], member: string, describe: (item: T) => unknown): Record<string, unknown> {
  const page = pageOf(items, textOf(input, 'NextToken'), numberOf(input, 'MaxResults'), invalidToken)
  return { [member]: page.items.map(describe), NextToken: page.next }
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

const STATE_CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 }

function describeInstances(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const missing = (id: string) => new WireError(400, 'InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
  const fields: FilterFields<Instance> = {
    'instance-id': ({ id }) => [id],
    'instance-state-name': ({ state }) => [state],
    'subnet-id': ({ subnetId }) => [subnetId],
    'private-dns-name': ({ nodeName }) => [nodeName],
    'vpc-id': () => [deps.vpcId],
  }
  const found = filtered(
    chosen(deps.instances.all(), textsOf(input, 'InstanceIds'), ({ id }) => id, missing),
    input,
    fields,
    deps.instanceTags,
  )
  return paged(input, found, 'Reservations', (instance) => ({
    ReservationId: `r-${instance.id.slice(2)}`,
    OwnerId: deps.accountId,
    Instances: [describeInstance(deps, instance)],
  }))
}

function describeInstance(deps: Ec2Deps, instance: Instance): Record<string, unknown> {
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.type,
    State: { Name: instance.state, Code: STATE_CODES[instance.state] },
    PrivateDnsName: instance.nodeName,
    PrivateIpAddress: instance.privateIp,
    SubnetId: instance.subnetId,
    VpcId: deps.vpcId,
    Placement: { AvailabilityZone: instance.zone },
    LaunchTime: dateOf(instance.launchedAt),
    Architecture: deps.types.find(instance.type)?.architecture === 'arm64' ? 'arm64' : 'x86_64',
    Tags: tagList(deps.instanceTags(instance)),
  }
}

function describeInstanceTypes({ types }: Ec2Deps, input: Input): Record<string, unknown> {
  const missing = (type: string) =>
    new WireError(400, 'InvalidInstanceType', `The following supplied instance types do not exist: [${type}]`)
  const fields: FilterFields<string> = { 'instance-type': (type) => [type] }
  const found = filtered(
    chosen(types.names, textsOf(input, 'InstanceTypes'), (type) => type, missing),
    input,
    fields,
  )
  return paged(input, found, 'InstanceTypes', (type) => describeInstanceType(types, type))
}

function describeInstanceType(types: InstanceTypes, type: string): Record<string, unknown> {
  const facts = types.find(type)
  return {
    InstanceType: type,
    CurrentGeneration: true,
    Hypervisor: 'nitro',
    VCpuInfo: { DefaultVCpus: facts?.vcpus },
    MemoryInfo: { SizeInMiB: facts?.memoryMiB },
    ProcessorInfo: { SupportedArchitectures: [facts?.architecture === 'arm64' ? 'arm64' : 'x86_64'] },
    NetworkInfo: {
      MaximumNetworkInterfaces: facts?.interfaces,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: facts?.interfaces }],
      Ipv4AddressesPerInterface: facts?.addressesPerInterface,
    },
  }
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

function describeTemplates(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const ids = textsOf(input, 'LaunchTemplateIds')
  const names = textsOf(input, 'LaunchTemplateNames')
  const named = [...ids.map((id) => deps.templates.find({ id })), ...names.map((name) => deps.templates.find({ name }))]
  const fields: FilterFields<Template> = { 'launch-template-name': ({ name }) => [name] }
  const found = filtered(named.length > 0 ? named : deps.templates.all(), input, fields)
  return paged(input, found, 'LaunchTemplates', (template) => ({
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: dateOf(template.createdAt),
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.versions.length,
    Tags: [],
  }))
}

function describeTemplateVersions(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const id = textOf(input, 'LaunchTemplateId')
  const name = textOf(input, 'LaunchTemplateName')
  const wanted = textsOf(input, 'Versions')
  if (id === undefined && name === undefined) {
    if (wanted.length === 0)
      throw new WireError(400, 'MissingParameter', 'Either a launch template or versions such as $Latest must be given.')
    const every = deps.templates.all().flatMap((template) => wanted.flatMap((text) => versionRow(deps, template, text)))
    return paged(input, every, 'LaunchTemplateVersions', describeTemplateVersion)
  }
  const template = deps.templates.find({ ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) })
  const rows =
    wanted.length > 0
      ? wanted.map((text) => requireVersion(deps, template, text))
      : [...template.versions].reverse().map((version) => ({ template, version }))
  return paged(input, rows, 'LaunchTemplateVersions', describeTemplateVersion)
}

interface VersionRow {
  readonly template: Template
  readonly version: TemplateVersion
}

function versionRow(deps: Ec2Deps, template: Template, text: string): readonly VersionRow[] {
  const version = deps.templates.version(template, text)
  return version === undefined ? [] : [{ template, version }]
}

function requireVersion(deps: Ec2Deps, template: Template, text: string): VersionRow {
  const [row] = versionRow(deps, template, text)
  if (row !== undefined) return row
  throw new WireError(
    400,
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${text} for the launch template with ID ${template.id}.`,
  )
}

function describeTemplateVersion({ template, version }: VersionRow): Record<string, unknown> {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    CreateTime: dateOf(version.createdAt),
    DefaultVersion: version.number === template.defaultVersion,
    LaunchTemplateData: { ImageId: version.imageId, InstanceType: version.instanceType },
  }
}

function describeImages(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const ids = textsOf(input, 'ImageIds')
  if (ids.length === 0) throw new WireError(501, 'NotImplemented', 'The sandbox describes images by id only.')
  const images = ids.map((id) => {
    const image = deps.images.get(id)
    if (image === undefined) throw new WireError(400, 'InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`)
    return image
  })
  return paged(input, images, 'Images', (image: Image) => ({
    ImageId: image.imageId,
    Name: image.name,
    State: 'available',
    Architecture: image.architecture === 'arm64' ? 'arm64' : 'x86_64',
    OwnerId: image.amiType === 'CUSTOM' ? deps.accountId : '602401143452',
  }))
}
