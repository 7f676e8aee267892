import type { RehearsedNode } from './nodes.ts'

/** Where nodes take addresses from, and how many. */
export interface AddressRules {
  /** Free addresses by subnet. */
  readonly free: ReadonlyMap<string, number>
  readonly zoneOf: (subnet: string) => string
  /** Subnets in which a group launches nodes of a zone. */
  readonly subnetsOf: (group: string, zone: string) => readonly string[]
  /** Addresses that a node of a type takes from its subnet with so many pods on the pod network; undefined for an unknown type. */
  readonly perNode: (type: string, pods: number) => number | undefined
}

/** What is free in each subnet while nodes come and go. */
export interface AddressBook {
  /** Whether a new node of a group gets an address in a zone at all: Auto Scaling tries another one where it does not. */
  readonly hasRoom: (group: string, zone: string) => boolean
  /** A new node takes its own address; those for pods come once aws-node runs. */
  readonly launched: (node: RehearsedNode) => void
  /** aws-node runs, or a pod came to a node. */
  readonly grown: (node: RehearsedNode) => void
  readonly ended: (node: RehearsedNode) => void
  readonly peaks: () => ReadonlyMap<string, AddressPeak>
}

export interface AddressPeak {
  /** The most that was taken of a subnet beyond what is taken now, and in which stage. */
  readonly peak: number
  readonly stage: string
  /** The stage in which a new node or a pod got no address. */
  readonly dry?: string
}

interface Holding {
  readonly subnet: string
  taken: number
}

/**
 * Pools only grow here: ipamd gives back a minute late, and a node that is drained keeps what it has until it ends, so the worst moment
 * is a little worse than it is. Old nodes give back what their pods need now.
 */
export function openAddressBook(
  rules: AddressRules | undefined,
  old: readonly RehearsedNode[],
  subnetOf: (node: RehearsedNode) => string | undefined,
  stage: () => string,
): AddressBook {
  if (rules === undefined) return { hasRoom: () => true, launched() {}, grown() {}, ended() {}, peaks: () => new Map() }
  return keptBook(rules, old, subnetOf, stage)
}

function keptBook(
  rules: AddressRules,
  old: readonly RehearsedNode[],
  subnetOf: (node: RehearsedNode) => string | undefined,
  stage: () => string,
): AddressBook {
  const holdings = new Map<RehearsedNode, Holding>()
  const taken = new Map([...rules.free.keys()].map((subnet) => [subnet, 0]))
  const peaks = new Map<string, AddressPeak>([...rules.free.keys()].map((subnet) => [subnet, { peak: 0, stage: '' }]))
  const need = (node: RehearsedNode) => rules.perNode(node.type, node.networkPods) ?? 0
  for (const node of old) {
    const subnet = subnetOf(node)
    if (subnet !== undefined) holdings.set(node, { subnet, taken: need(node) })
  }

  function left(subnet: string): number {
    return (rules.free.get(subnet) ?? 0) - (taken.get(subnet) ?? 0)
  }

  /** A node, or a pod that came to it, got no address. */
  function dry(subnet: string): void {
    const { peak = 0, stage: at = stage() } = peaks.get(subnet) ?? {}
    peaks.set(subnet, { peak, stage: at, dry: peaks.get(subnet)?.dry ?? stage() })
  }

  function take(subnet: string, more: number): void {
    const now = (taken.get(subnet) ?? 0) + more
    taken.set(subnet, now)
    const known = peaks.get(subnet)
    if (now > (known?.peak ?? 0)) peaks.set(subnet, { ...known, peak: now, stage: stage() })
  }

  function roomiest(group: string, zone: string): string | undefined {
    return [...rules.subnetsOf(group, zone)].sort((a, b) => left(b) - left(a))[0]
  }

  return {
    hasRoom(group, zone) {
      const subnet = roomiest(group, zone)
      return subnet === undefined || left(subnet) > 0
    },
    launched(node) {
      const subnet = roomiest(node.group ?? '', node.zone)
      if (subnet === undefined) return
      holdings.set(node, { subnet, taken: 1 })
      take(subnet, 1)
    },
    grown(node) {
      const holding = holdings.get(node)
      if (holding === undefined) return
      const more = Math.min(need(node) - holding.taken, left(holding.subnet))
      if (holding.taken <= node.networkPods && more <= 0) dry(holding.subnet)
      if (more <= 0) return
      holding.taken += more
      take(holding.subnet, more)
    },
    ended(node) {
      const holding = holdings.get(node)
      if (holding !== undefined) take(holding.subnet, -holding.taken)
      holdings.delete(node)
    },
    peaks: () => peaks,
  }
}
