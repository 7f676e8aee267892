import type { Instant } from '../../../../model/instant.ts'
import type { IpamdNode } from '../../../network-contract.ts'
import { addressesOf } from '../address-numbers.ts'
import { PREFIX_SIZE } from '../addresses.ts'
import type { InstanceTypeFacts } from '../instance-types.ts'
import type { Instance } from '../instances.ts'
import type { Interface } from '../interfaces.ts'
import type { IpamdSettings } from './settings.ts'

/** A secondary address or a delegated prefix, and how many pods have an address of it. */
export interface Range {
  readonly owner: Interface
  readonly text: string
  readonly addresses: readonly string[]
  assigned: number
  cooling: number
}

/** Addresses of one kind: single ones, or those in prefixes. A pod gets one of the kind that the mode asks for. */
interface Ledger {
  readonly ranges: Set<Range>
  readonly free: Map<string, Range>
  total: number
  assigned: number
  /** Ranges of which no pod has an address. */
  idle: number
}

/** What a pod has: an address of a range, or of the node's IPv6 prefix. */
interface Held {
  readonly address: string
  readonly range: Range | undefined
}

/** What the data store held of an interface, and the pods with addresses of it. */
interface Forgotten {
  readonly ranges: readonly Range[]
  readonly holders: Map<string, Held>
}

/** The data store of ipamd on one instance. Source: pkg/ipamd/datastore/data_store.go of amazon-vpc-cni-k8s. */
export interface Pool {
  readonly instance: Instance
  readonly facts: InstanceTypeFacts
  node: IpamdNode
  settings: IpamdSettings
  readonly singles: Ledger
  readonly prefixes: Ledger
  readonly holders: Map<string, Held>
  /** Addresses of pods that are gone, and until when they may not be given again; the first to thaw first. */
  readonly cooling: { readonly address: string; readonly range: Range; readonly until: Instant }[]
  /** Interfaces that are attached and that ipamd does not know of any more. */
  readonly forgotten: Map<Interface, Forgotten>
  /** Pods that had addresses of those: nothing comes through to them any more. */
  readonly cutOff: Set<string>
  forcedOut: { readonly interfaces: number; readonly addresses: number }
  /** No growth before. */
  nextGrowth: Instant
  /** EC2's refusal of the last growth, if it was one. */
  refusal?: string
  /** Pods of an IPv6 node so far. */
  ipv6Given: number
  /** How often a pod asked and there was no address. */
  unanswered: number
  /** Calls to EC2. */
  requests: number
  /** Answers of EC2 that were refusals, by action and code: `CreateTags UnauthorizedOperation`. */
  readonly errors: Map<string, number>
  /** Calls to EC2 that failed, by action, and what ipamd could not do, by its function. */
  readonly failedCalls: Map<string, number>
  readonly failures: Map<string, number>
}

export function openPool(instance: Instance, facts: InstanceTypeFacts, node: IpamdNode, settings: IpamdSettings, now: Instant): Pool {
  return {
    instance,
    facts,
    node,
    settings,
    singles: emptyLedger(),
    prefixes: emptyLedger(),
    holders: new Map(),
    cooling: [],
    forgotten: new Map(),
    cutOff: new Set(),
    forcedOut: { interfaces: 0, addresses: 0 },
    requests: 0,
    errors: new Map(),
    failedCalls: new Map(),
    failures: new Map(),
    nextGrowth: now,
    ipv6Given: 0,
    unanswered: 0,
  }
}

function emptyLedger(): Ledger {
  return { ranges: new Set(), free: new Map(), total: 0, assigned: 0, idle: 0 }
}

/** The ledger of the mode: what is left of the other kind serves the pods that have it, and no other. */
export function ledgerOf(pool: Pool): Ledger {
  return pool.settings.prefixes ? pool.prefixes : pool.singles
}

/** Addresses that no pod has; those that cool are among them. */
export function availableOf(pool: Pool): number {
  const { total, assigned } = ledgerOf(pool)
  return total - assigned
}

export function addRanges(pool: Pool, owner: Interface, texts: readonly string[]): void {
  for (const text of texts) {
    const isPrefix = text.includes('/')
    const ledger = isPrefix ? pool.prefixes : pool.singles
    const range: Range = { owner, text, addresses: isPrefix ? addressesOf(text) : [text], assigned: 0, cooling: 0 }
    ledger.ranges.add(range)
    ledger.total += range.addresses.length
    ledger.idle += 1
    for (const address of range.addresses) ledger.free.set(address, range)
  }
}

/** Takes an idle range out of the pool. */
export function dropRange(pool: Pool, range: Range): void {
  const ledger = ledgerOfRange(pool, range)
  ledger.ranges.delete(range)
  ledger.total -= range.addresses.length
  ledger.idle -= 1
  for (const address of range.addresses) ledger.free.delete(address)
}

/** A free address for a pod, the one that has been free for longest; undefined when there is none. */
export function assignFrom(pool: Pool, podUid: string): string | undefined {
  const ledger = ledgerOf(pool)
  const [first] = ledger.free
  if (first === undefined) return undefined
  const [address, range] = first
  ledger.free.delete(address)
  if (range.assigned === 0) ledger.idle -= 1
  range.assigned += 1
  ledger.assigned += 1
  pool.holders.set(podUid, { address, range })
  return address
}

/** The pod is gone; its address cools. False when it had none. */
export function releaseInto(pool: Pool, podUid: string, until: Instant): boolean {
  const held = pool.holders.get(podUid)
  if (held === undefined) {
    releaseForgotten(pool, podUid)
    return false
  }
  pool.holders.delete(podUid)
  pool.cutOff.delete(podUid)
  const { range, address } = held
  if (range === undefined) return true
  const ledger = ledgerOfRange(pool, range)
  ledger.assigned -= 1
  range.assigned -= 1
  range.cooling += 1
  if (range.assigned === 0) ledger.idle += 1
  pool.cooling.push({ address, range, until })
  return true
}

function releaseForgotten(pool: Pool, podUid: string): void {
  if (!pool.cutOff.delete(podUid)) return
  for (const { holders } of pool.forgotten.values()) {
    const range = holders.get(podUid)?.range
    if (range !== undefined) range.assigned -= 1
    holders.delete(podUid)
  }
}

/** Takes an interface out of the pool, whoever has its addresses. Answers how many pods those are. */
export function forget(pool: Pool, owner: Interface): number {
  const ranges = rangesOn(pool, owner)
  const holders = new Map([...pool.holders].filter(([, { range }]) => range?.owner === owner))
  for (const uid of holders.keys()) {
    pool.holders.delete(uid)
    pool.cutOff.add(uid)
  }
  const cooling = pool.cooling.splice(0)
  pool.cooling.push(...cooling.filter(({ range }) => range.owner !== owner))
  for (const range of ranges) {
    range.cooling = 0
    ledgerOfRange(pool, range).assigned -= range.assigned
    if (range.assigned > 0) ledgerOfRange(pool, range).idle += 1
    dropRange(pool, range)
  }
  pool.forgotten.set(owner, { ranges, holders })
  return holders.size
}

/** The interface is known again; addresses that pods still have stay theirs. */
export function recall(pool: Pool, owner: Interface): void {
  const { ranges = [], holders = new Map<string, Held>() } = pool.forgotten.get(owner) ?? {}
  pool.forgotten.delete(owner)
  const held = new Set([...holders.values()].map(({ address }) => address))
  for (const range of ranges) {
    const ledger = ledgerOfRange(pool, range)
    ledger.ranges.add(range)
    ledger.total += range.addresses.length
    ledger.assigned += range.assigned
    if (range.assigned === 0) ledger.idle += 1
    for (const address of range.addresses) if (!held.has(address)) ledger.free.set(address, range)
  }
  for (const [uid, each] of holders) pool.holders.set(uid, each)
}

/** Addresses that have cooled may be given again. */
export function thaw(pool: Pool, now: Instant): void {
  for (let first = pool.cooling[0]; first !== undefined && first.until <= now; first = pool.cooling[0]) {
    pool.cooling.shift()
    first.range.cooling -= 1
    ledgerOfRange(pool, first.range).free.set(first.address, first.range)
  }
}

function ledgerOfRange(pool: Pool, range: Range): Ledger {
  return range.text.includes('/') ? pool.prefixes : pool.singles
}

/** Ranges of an interface, of either kind. */
export function rangesOn(pool: Pool, owner: Interface): readonly Range[] {
  return [...pool.singles.ranges, ...pool.prefixes.ranges].filter((range) => range.owner === owner)
}

/** Slots of an interface that hold an address or a prefix at most. */
export function slotsOf({ facts }: Pool): number {
  return facts.addressesPerInterface - 1
}

/** An address of the node's /80 for a pod of an IPv6 cluster; none is given twice. */
export function assignIpv6(pool: Pool, podUid: string, prefix: string): string {
  pool.ipv6Given += 1
  const address = prefix.replace('::/80', `::${pool.ipv6Given.toString(16)}`)
  pool.holders.set(podUid, { address, range: undefined })
  return address
}

/** How much the targets lack and how much is over them, in slots: addresses, or prefixes where these are delegated. */
export function targetState(pool: Pool): { readonly short: number; readonly over: number } {
  const { settings } = pool
  const ledger = ledgerOf(pool)
  const available = availableOf(pool)
  const { warmAddresses: warm, minimumAddresses: least } = settings
  const short = Math.max(warm - available, least - ledger.total, 0)
  const over = Math.max(Math.min(available - warm, ledger.total - least), 0)
  if (!settings.prefixes) return { short, over }
  const needed = Math.max(inPrefixes(ledger.assigned + warm), inPrefixes(least))
  return { short: inPrefixes(short), over: Math.max(Math.min(ledger.idle, ledger.ranges.size - needed), 0) }
}

export function inPrefixes(addresses: number): number {
  return Math.ceil(addresses / PREFIX_SIZE)
}

/** Whether WARM_IP_TARGET or MINIMUM_IP_TARGET decide. */
export function hasAddressTargets({ warmAddresses, minimumAddresses }: IpamdSettings): boolean {
  return warmAddresses > 0 || minimumAddresses > 0
}
