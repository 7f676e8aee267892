import type { ClusterFacts, SubnetFact } from '../catalog/signatures/facts.ts'
import type { NetworkInterface, Subnet } from '../model/aws.ts'
import { subnetsOf } from '../model/self-managed.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

const INSTANCE_TAG = 'node.k8s.amazonaws.com/instance_id'
const BLOCK = 16

/** Subnets of the nodes with what they have left, and what dead instances hold of them. */
export function subnetFacts({ aws }: ClusterSnapshot, living: ReadonlySet<string>): readonly SubnetFact[] {
  const interfaces = Map.groupBy(aws.networkInterfaces ?? [], ({ SubnetId }) => SubnetId ?? '')
  return (aws.subnets ?? []).map((subnet) => {
    const held = interfaces.get(subnet.SubnetId ?? '') ?? []
    return {
      id: subnet.SubnetId ?? '',
      zone: subnet.AvailabilityZone,
      free: subnet.AvailableIpAddressCount,
      ...(aws.networkInterfaces === undefined ? {} : { wholeBlocks: wholeBlocks(subnet, held) }),
      leaked: held.flatMap((each) => leakedInterface(each, living)),
    }
  })
}

function leakedInterface(each: NetworkInterface, living: ReadonlySet<string>): SubnetFact['leaked'] {
  const instance = each.TagSet?.find(({ Key }) => Key === INSTANCE_TAG)?.Value
  if (each.Status !== 'available' || instance === undefined || living.has(instance)) return []
  const addresses = (each.PrivateIpAddresses ?? []).length + BLOCK * (each.Ipv4Prefixes ?? []).length
  return [{ id: each.NetworkInterfaceId ?? '', addresses, instance }]
}

/** AWS keeps the first four addresses of a subnet and the last: their blocks are never whole. */
function wholeBlocks({ CidrBlock = '' }: Subnet, held: readonly NetworkInterface[]): number | undefined {
  const [base = '', bits = ''] = CidrBlock.split('/')
  const first = numberOf(base)
  const size = 2 ** (32 - Number(bits))
  if (first === undefined || !Number.isInteger(size) || size < BLOCK) return undefined
  const blocks = size / BLOCK
  const spoiled = new Set([0, blocks - 1])
  const spoil = (address: string | undefined): void => {
    const number = numberOf((address ?? '').split('/')[0] ?? '')
    if (number !== undefined) spoiled.add(Math.floor((number - first) / BLOCK))
  }
  for (const { PrivateIpAddresses = [], Ipv4Prefixes = [] } of held) {
    for (const { PrivateIpAddress } of PrivateIpAddresses) spoil(PrivateIpAddress)
    for (const { Ipv4Prefix } of Ipv4Prefixes) spoil(Ipv4Prefix)
  }
  return blocks - [...spoiled].filter((block) => block >= 0 && block < blocks).length
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

export function shortGroups({ aws }: ClusterSnapshot, subnets: readonly SubnetFact[]): ClusterFacts['shortGroups'] {
  return (aws.autoScalingGroups ?? []).flatMap((group) => {
    const { AutoScalingGroupName: name = '', DesiredCapacity: wanted = 0, Instances: { length: has } = [] } = group
    const ids = subnetsOf(group)
    return has >= wanted ? [] : [{ name, wanted, has, subnets: subnets.filter(({ id }) => ids.includes(id)) }]
  })
}
