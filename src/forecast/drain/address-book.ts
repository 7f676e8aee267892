import { MINUTE, type Millis } from '../../model/instant.ts'
import {
  ADDRESSES_PER_PREFIX,
  addressesIn,
  type EniLimits,
  type Growth,
  grown,
  nextGrowth,
  type PoolSettings,
  poolFor,
} from '../addresses.ts'
import type { Agenda } from './agenda.ts'
import type { RehearsedNode } from './nodes.ts'
import { type AddressPeak, openAccounts, type SubnetAccounts, type SubnetRoom, type Take } from './subnet-accounts.ts'

/** Where nodes take addresses from, and how many. */
export interface AddressRules {
  readonly settings: PoolSettings
  /** Undefined for a type that nobody knows. */
  readonly limitsOf: (type: string) => EniLimits | undefined
  readonly rooms: ReadonlyMap<string, SubnetRoom>
  readonly zoneOf: (subnet: string) => string
  /** Subnets in which a group launches nodes of a zone. */
  readonly subnetsOf: (group: string, zone: string) => readonly string[]
  /** The subnet of their own in which pods of such nodes are, under custom networking. */
  readonly podSubnetOf: (group: string, zone: string) => string | undefined
  /** What the interfaces of a node of now hold; undefined where they were not read. */
  readonly heldBy: (node: string) => readonly HeldInterface[] | undefined
}

/** An interface that carries pods. */
export interface HeldInterface {
  readonly subnet: string
  /** The one that comes with the instance. */
  readonly first: boolean
  /** Addresses besides its own, or prefixes. */
  readonly units: number
  readonly inPrefixes: boolean
}

/** What is free in each subnet while nodes come and go. */
export interface AddressBook {
  /** Whether a new node of a group gets an address in a zone at all: Auto Scaling tries another one where it does not. */
  readonly hasRoom: (group: string, zone: string) => boolean
  /** A new node takes its own address; those for pods come once aws-node runs. */
  readonly launched: (node: RehearsedNode) => void
  /** No zone had an address for a new node for too long. */
  readonly refused: (group: string, zones: readonly string[]) => void
  /** aws-node runs, or a pod came to a node. */
  readonly grown: (node: RehearsedNode) => void
  readonly ended: (node: RehearsedNode) => void
  readonly peaks: () => ReadonlyMap<string, AddressPeak>
}

/** What a node has: its pool, and what that took of each subnet. */
interface Holding {
  /** Where its pods' addresses come from. */
  readonly subnet: string
  readonly limits: EniLimits | undefined
  pool: readonly number[]
  readonly taken: Map<string, Take>
  /** It waits to ask again. */
  waits: boolean
}

/** ipamd asks no more for so long after EC2 had no address: insufficientCidrErrorCooldown in pkg/ipamd/ipamd.go of amazon-vpc-cni-k8s. */
const BACK_OFF: Millis = 2 * MINUTE
/** After so many times nobody waits for addresses any more. */
const MOST_TRIES = 8

/** What a rehearsal without addresses keeps. */
const NO_BOOK: AddressBook = { hasRoom: () => true, launched() {}, refused() {}, grown() {}, ended() {}, peaks: () => new Map() }

/**
 * Pools only grow here: ipamd gives back a minute late, and a node that is drained keeps what it has until it ends, so the worst moment
 * is a little worse than it is.
 */
export function openAddressBook(
  rules: AddressRules | undefined,
  agenda: Agenda,
  old: readonly RehearsedNode[],
  subnetOf: (node: RehearsedNode) => string | undefined,
  stage: () => string,
): AddressBook {
  if (rules === undefined) return NO_BOOK
  const { settings, subnetsOf, podSubnetOf, limitsOf } = rules
  const accounts = openAccounts(rules.rooms, stage)
  const holdings = new Map(old.flatMap((node) => heldNow(rules, node, subnetOf(node))))
  const pools: Pools = { settings, agenda, accounts, isThere: (node) => holdings.has(node) }
  const roomiest = (group = '', zone = '') => [...subnetsOf(group, zone)].sort((a, b) => accounts.left(b) - accounts.left(a))[0]
  return {
    hasRoom(group, zone) {
      const subnet = roomiest(group, zone)
      return subnet === undefined || accounts.left(subnet) > 0
    },
    launched(node) {
      const own = roomiest(node.group, node.zone)
      if (own === undefined) return
      const subnet = podSubnetOf(node.group ?? '', node.zone) ?? own
      const holding: Holding = { subnet, limits: limitsOf(node.type), pool: [], taken: new Map(), waits: false }
      holdings.set(node, holding)
      take(pools, holding, own, { addresses: settings.podEni ? 2 : 1, blocks: 0 })
    },
    refused(group, zones) {
      for (const zone of zones) for (const subnet of subnetsOf(group, zone)) accounts.dry(subnet)
    },
    grown(node) {
      const holding = holdings.get(node)
      if (holding !== undefined && !holding.waits) grow(pools, node, holding)
    },
    ended(node) {
      for (const [subnet, what] of holdings.get(node)?.taken ?? []) accounts.give(subnet, what)
      holdings.delete(node)
    },
    peaks: accounts.peaks,
  }
}

interface Pools {
  readonly settings: PoolSettings
  readonly agenda: Agenda
  readonly accounts: SubnetAccounts
  readonly isThere: (node: RehearsedNode) => boolean
}

/** Asks for what the pool lacks until EC2 has no more; where pods lack it too, again after a while. */
function grow(pools: Pools, node: RehearsedNode, holding: Holding, tries = 0): void {
  const { limits } = holding
  if (limits === undefined || node.closed) return
  for (;;) {
    const step = nextGrowth(limits, pools.settings, holding.pool, node.networkPods)
    if (step === undefined) return
    const got = granted(pools, holding, step)
    if (got === undefined) {
      if (isShort(pools, node, holding) && tries < MOST_TRIES) askAgain(pools, node, holding, tries + 1)
      return
    }
    holding.pool = grown(holding.pool, got)
    take(pools, holding, holding.subnet, priceOf(got, pools.settings.prefixDelegation === true))
  }
}

/** What EC2 gives of what ipamd asks for: all of it, on an interface that is there also a single unit, or nothing. */
function granted({ settings, accounts }: Pools, { subnet }: Holding, step: Growth): Growth | undefined {
  const offers = step.attaches ? [step] : [step, { ...step, units: 1 }]
  return offers.find((offer) => accounts.fits(subnet, priceOf(offer, settings.prefixDelegation === true)))
}

function priceOf({ units, attaches }: Growth, inPrefixes: boolean): Take {
  const own = attaches ? 1 : 0
  return inPrefixes ? { addresses: own + ADDRESSES_PER_PREFIX * units, blocks: units } : { addresses: own + units, blocks: 0 }
}

function isShort({ settings }: Pools, { networkPods }: RehearsedNode, { pool }: Holding): boolean {
  return addressesIn(pool, settings) < networkPods
}

function askAgain(pools: Pools, node: RehearsedNode, holding: Holding, tries: number): void {
  holding.waits = true
  pools.agenda.after(BACK_OFF, () => {
    holding.waits = false
    if (!pools.isThere(node) || !isShort(pools, node, holding)) return
    pools.accounts.dry(holding.subnet)
    grow(pools, node, holding, tries)
  })
}

function take({ accounts }: Pools, holding: Holding, subnet: string, what: Take): void {
  note(holding.taken, subnet, what)
  accounts.take(subnet, what)
}

function note(taken: Map<string, Take>, subnet: string, { addresses, blocks }: Take): void {
  const known = taken.get(subnet)
  taken.set(subnet, { addresses: addresses + (known?.addresses ?? 0), blocks: blocks + (known?.blocks ?? 0) })
}

/** What a node of now has: what its interfaces show, else what the rules say that its pods need. */
function heldNow(rules: AddressRules, node: RehearsedNode, own: string | undefined): readonly (readonly [RehearsedNode, Holding])[] {
  const { settings } = rules
  if (own === undefined) return []
  const limits = rules.limitsOf(node.type)
  const subnet = rules.podSubnetOf(node.group ?? '', node.zone) ?? own
  const isCustom = settings.customNetworking === true
  const pool = limits ? poolFor(limits, settings, node.networkPods) : []
  const inPrefixes = settings.prefixDelegation === true
  const first = { subnet: own, first: true, units: isCustom ? 0 : (pool[0] ?? 0), inPrefixes }
  const needed = [first, ...pool.slice(isCustom ? 0 : 1).map((units) => ({ subnet, first: false, units, inPrefixes }))]
  const interfaces = rules.heldBy(node.name) ?? needed
  const taken = new Map<string, Take>()
  for (const each of interfaces) note(taken, each.subnet, priceOf({ units: each.units, attaches: true }, each.inPrefixes))
  // What is left of the other mode serves the pods that have it, and no others.
  const carrying = interfaces.filter((each) => !(each.first && isCustom) && each.inPrefixes === inPrefixes)
  return [[node, { subnet, limits, pool: carrying.map(({ units }) => units), taken, waits: false }]]
}
