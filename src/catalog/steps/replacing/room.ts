import type { Seen } from '../../../model/seen.ts'

/** Addresses that a new node is reckoned to take at once: its own, and a warm pool. */
const ADDRESSES_PER_NODE = 16

/**
 * How many nodes may be launched ahead into subnets, by their free addresses. Auto Scaling spreads launches over the zones, so
 * the fullest zone counts for each of them. Any number where no subnet is known: they are read only when a failure is looked into.
 */
export function roomFor(ids: readonly string[] = [], { subnets = {} }: Seen): number {
  const free = new Map<string, number>()
  for (const id of ids) {
    const subnet = subnets[id]
    if (subnet === undefined) continue
    const zone = subnet.zone ?? id
    free.set(zone, (free.get(zone) ?? 0) + subnet.free)
  }
  if (free.size === 0) return Number.POSITIVE_INFINITY
  return Math.floor((Math.min(...free.values()) * free.size) / ADDRESSES_PER_NODE)
}
