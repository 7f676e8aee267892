import { freePrefixes } from '../../../forecast/prefixes.ts'
import type { Subnet } from '../../../model/aws.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'

/** Whole blocks of 16 that a subnet can give as prefixes, by the interfaces in it; undefined where its CIDR block cannot be read. */
export function wholeBlocks({ aws }: ClusterSnapshot, { SubnetId, CidrBlock = '' }: Subnet): number | undefined {
  const interfaces = (aws.networkInterfaces ?? []).filter((each) => each.SubnetId === SubnetId)
  const reservations = (aws.subnetCidrReservations ?? []).filter(
    (each) => each.SubnetId === SubnetId && each.ReservationType === 'explicit',
  )
  return freePrefixes({
    cidr: CidrBlock,
    addresses: interfaces.flatMap(({ PrivateIpAddresses = [] }) =>
      PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
    ),
    prefixes: interfaces.flatMap(({ Ipv4Prefixes = [] }) => Ipv4Prefixes.flatMap(({ Ipv4Prefix }) => Ipv4Prefix ?? [])),
    reserved: reservations.flatMap(({ Cidr }) => Cidr ?? []),
  })
}
