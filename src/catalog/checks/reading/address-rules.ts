import { addressesPerNode, type EniLimits } from '../../../forecast/addresses.ts'
import type { AddressRules } from '../../../forecast/drain/address-book.ts'
import type { Subnet } from '../../../model/aws.ts'
import type { Intent } from '../../../model/intent.ts'
import type { Node } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import { awsNodeDaemonSet, poolSettings } from './pool-settings.ts'
import { limitsOf } from './type-limits.ts'

/** Undefined where nobody knows: no subnets, no aws-node, or pods in subnets of their own. */
export function addressRules(snapshot: ClusterSnapshot, intent: Intent): AddressRules | undefined {
  const { subnets } = snapshot.aws
  const daemonSet = awsNodeDaemonSet(snapshot)
  const settings = daemonSet && poolSettings(snapshot, daemonSet)
  if (subnets === undefined || settings === undefined || settings.customNetworking) return undefined
  const groups = new Map(intent.groups.map((group) => [group.name, group]))
  const used = new Set(intent.groups.flatMap((group) => (group.changes ? group.subnets : [])))
  const byId = new Map(subnets.flatMap((subnet) => (used.has(subnet.SubnetId ?? '') ? [[subnet.SubnetId ?? '', subnet] as const] : [])))
  const limits = new Map<string, EniLimits | undefined>()
  const perNode = new Map<string, number>()
  return {
    free: new Map([...byId].map(([id, { AvailableIpAddressCount = 0 }]) => [id, AvailableIpAddressCount])),
    zoneOf: (subnet) => byId.get(subnet)?.AvailabilityZone ?? '',
    subnetsOf: (group, zone) => (groups.get(group)?.subnets ?? []).filter((id) => byId.get(id)?.AvailabilityZone === zone),
    perNode(type, pods) {
      const key = `${type} ${pods}`
      const known = perNode.get(key)
      if (known !== undefined) return known
      if (!limits.has(type)) limits.set(type, limitsOf(snapshot, type))
      const of = limits.get(type)
      if (of === undefined) return undefined
      const need = addressesPerNode(of, settings, pods).nodeSubnet
      perNode.set(key, need)
      return need
    },
  }
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
