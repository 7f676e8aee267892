import type { Seen } from '../../../model/seen.ts'
import type { Evidence } from '../../../model/verdict.ts'

/** Addresses that a new node is reckoned to take at once: its own, and a warm pool. */
const ADDRESSES_PER_NODE = 16

/** How many nodes may be launched ahead into the subnets of a group, with what says so. */
export interface Room {
  /** None where it is not known. */
  readonly nodes: number
  /** Subnets of the zone that has the least, or those whose addresses are not known. */
  readonly because: readonly Evidence[]
  readonly unknown?: true
}

/**
 * How many nodes may be launched ahead, by the free addresses of the subnets. Auto Scaling spreads launches over the zones, so
 * the fullest zone counts for each of them. What is not known has no room: a subnet that runs dry takes addresses from every pod in it.
 */
export function roomFor(ids: readonly string[] = [], { subnets = {}, unavailable }: Pick<Seen, 'subnets' | 'unavailable'>): Room {
  const unread = ids.filter((id) => subnets[id] === undefined)
  if (ids.length === 0 || unread.length > 0) {
    const reason = unavailable.find(({ source }) => source === 'ec2:DescribeSubnets')?.reason ?? 'not read'
    const says = `its free addresses are not known (${reason})`
    return { nodes: 0, unknown: true, because: unread.map((id) => ({ subject: `Subnet/${id}`, says })) }
  }
  const zones = Map.groupBy(ids, (id) => subnets[id]?.zone ?? id)
  const freeIn = (members: readonly string[]) => members.reduce((sum, id) => sum + (subnets[id]?.free ?? 0), 0)
  const [zone, fullest] = [...zones].reduce((least, next) => (freeIn(next[1]) < freeIn(least[1]) ? next : least))
  return {
    nodes: Math.floor((freeIn(fullest) * zones.size) / ADDRESSES_PER_NODE),
    because: fullest.map((id) => ({ subject: `Subnet/${id}`, says: `has ${subnets[id]?.free ?? 0} free addresses in ${zone}` })),
  }
}
