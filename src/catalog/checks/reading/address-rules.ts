import type { EniLimits } from '../../../forecast/addresses.ts'
import type { AddressRules, HeldInterface } from '../../../forecast/drain/address-book.ts'
import type { SubnetRoom } from '../../../forecast/drain/subnet-accounts.ts'
import type { NetworkInterface, Subnet } from '../../../model/aws.ts'
import type { Intent } from '../../../model/intent.ts'
import { instanceIdOf, type Node, type Workload } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import { podSubnets } from './eni-configs.ts'
import { awsNodeDaemonSet, poolSettings } from './pool-settings.ts'
import { limitsOf } from './type-limits.ts'
import { wholeBlocks } from './whole-blocks.ts'

/** Undefined where nobody knows: no subnets, or no aws-node. */
export function addressRules(snapshot: ClusterSnapshot, intent: Intent): AddressRules | undefined {
  const { subnets } = snapshot.aws
  const daemonSet = awsNodeDaemonSet(snapshot)
  if (subnets === undefined || daemonSet === undefined) return undefined
  const settings = poolSettings(snapshot, daemonSet)
  const groups = new Map(intent.groups.map((group) => [group.name, group]))
  const podSubnet = settings.customNetworking ? podSubnetsOf(snapshot, daemonSet, intent) : new Map<string, string>()
  const used = new Set([...intent.groups.flatMap((group) => (group.changes ? group.subnets : [])), ...podSubnet.values()])
  const byId = new Map(subnets.flatMap((subnet) => (used.has(subnet.SubnetId ?? '') ? [[subnet.SubnetId ?? '', subnet] as const] : [])))
  const limits = new Map<string, EniLimits | undefined>()
  const interfaces = snapshot.aws.networkInterfaces && interfacesOfNodes(snapshot)
  return {
    settings,
    rooms: new Map([...byId].map(([id, subnet]) => [id, roomOf(snapshot, subnet, settings.prefixDelegation === true)])),
    zoneOf: (subnet) => byId.get(subnet)?.AvailabilityZone ?? '',
    subnetsOf: (group, zone) => (groups.get(group)?.subnets ?? []).filter((id) => byId.get(id)?.AvailabilityZone === zone),
    podSubnetOf: (group, zone) => podSubnet.get(`${group} ${zone}`),
    heldBy: (node) => interfaces?.get(node),
    limitsOf(type) {
      if (!limits.has(type)) limits.set(type, limitsOf(snapshot, type))
      return limits.get(type)
    },
  }
}

/** By group and zone. */
function podSubnetsOf(snapshot: ClusterSnapshot, daemonSet: Workload, intent: Intent): ReadonlyMap<string, string> {
  return new Map(
    intent.groups.flatMap((group) =>
      podSubnets(snapshot, daemonSet, group).flatMap(({ zone, subnet }) =>
        subnet?.SubnetId === undefined ? [] : [[`${group.name} ${zone}`, subnet.SubnetId] as const],
      ),
    ),
  )
}

function roomOf(snapshot: ClusterSnapshot, subnet: Subnet, givesPrefixes: boolean): SubnetRoom {
  const { networkInterfaces, subnetCidrReservations = [] } = snapshot.aws
  const free = subnet.AvailableIpAddressCount ?? 0
  const whole = givesPrefixes && networkInterfaces ? wholeBlocks(snapshot, subnet) : undefined
  if (whole === undefined) return { free }
  const own = subnetCidrReservations.filter(({ SubnetId }) => SubnetId === subnet.SubnetId)
  return { free, blocks: { whole, reserved: own.some(({ ReservationType }) => ReservationType === 'prefix') } }
}

/** The interfaces of each node that carry pods, the first one first; trunks and branches are none of them. */
function interfacesOfNodes(snapshot: ClusterSnapshot): ReadonlyMap<string, readonly HeldInterface[]> {
  const attached = (snapshot.aws.networkInterfaces ?? []).filter(({ InterfaceType = 'interface' }) => InterfaceType === 'interface')
  const byInstance = Map.groupBy(attached, ({ Attachment }) => Attachment?.InstanceId ?? '')
  return new Map(
    objectsOf<Node>(snapshot, 'Node').flatMap((node) => {
      const own = byInstance.get(instanceIdOf(node) ?? '')
      if (own === undefined) return []
      const inOrder = own.toSorted((a, b) => (a.Attachment?.DeviceIndex ?? 0) - (b.Attachment?.DeviceIndex ?? 0))
      return [[node.metadata.name, inOrder.map(heldInterface)] as const]
    }),
  )
}

function heldInterface({ SubnetId = '', Attachment, PrivateIpAddresses = [], Ipv4Prefixes = [] }: NetworkInterface): HeldInterface {
  const [prefixes, addresses] = [Ipv4Prefixes.length, Math.max(0, PrivateIpAddresses.length - 1)]
  const inPrefixes = addresses === 0
  return { subnet: SubnetId, first: Attachment?.DeviceIndex === 0, units: inPrefixes ? prefixes : addresses, inPrefixes }
}

/** The subnet that a node's address is in. */
export function subnetsOfNodes(snapshot: ClusterSnapshot): (node: string) => string | undefined {
  const blocks = (snapshot.aws.subnets ?? []).flatMap(blockOf)
  const addresses = new Map(
    objectsOf<Node>(snapshot, 'Node').map(({ metadata, status }) => [
      metadata.name,
      numberOf(status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''),
    ]),
  )
  return (node) => {
    const address = addresses.get(node)
    return blocks.find(({ from, size }) => address !== undefined && address >= from && address < from + size)?.subnet
  }
}

function blockOf({ SubnetId: subnet = '', CidrBlock: cidr = '' }: Subnet) {
  const [address = '', length = '32'] = cidr.split('/')
  const from = numberOf(address)
  return from === undefined ? [] : [{ subnet, from, size: 2 ** (32 - Number(length)) }]
}

/** An IPv4 address as a number; undefined for anything else. */
function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}
