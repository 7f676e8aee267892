import type { ReservationSpec } from '../network-spec.ts'
import type { SubnetSpec } from '../world-spec.ts'
import { addressToNumber, numberToAddress, rangeOf } from './address-numbers.ts'

/** Address accounts of the subnets: who may take one, and how many are left. */
export interface Subnets {
  /** So many free addresses, or undefined when the subnet has fewer to give. */
  take(subnetId: string, count: number): readonly string[] | undefined
  /** So many free aligned /28s such as `10.0.1.16/28`, or undefined when the subnet has fewer: InsufficientCidrBlocks. */
  takePrefixes(subnetId: string, count: number): readonly string[] | undefined
  /** One address by name, as an explicit request takes it. False when somebody has it, or when it is none of the subnet's. */
  hold(subnetId: string, address: string): boolean
  /** Throws when the address or prefix was not taken: one given back twice is a defect of the world. */
  give(subnetId: string, address: string): void
  givePrefix(subnetId: string, prefix: string): void
  /** AvailableIpAddressCount. */
  free(subnetId: string): number
  /** How many addresses `take` would give: those in reservations are free, but not for it. */
  takeable(subnetId: string): number
  /** How many prefixes `takePrefixes` would give. */
  freePrefixes(subnetId: string): number
  /** Addresses taken by anybody, those in prefixes too, AWS's own five not counted. */
  taken(subnetId: string): number
  get(subnetId: string): SubnetSpec | undefined
  all(): readonly SubnetSpec[]
}

/** AWS keeps the first four addresses and the last one of a subnet (VPC user guide, "subnet sizing"). */
const RESERVED_AT_START = 4
export const RESERVED = 5

/** Addresses of a delegated prefix, a /28. */
export const PREFIX_SIZE = 16

const FREE = 0
const TAKEN = 1
const KEPT_BY_AWS = 2
const IN_PREFIX = 3

/** Whom a CIDR reservation keeps an address for (VPC user guide, "subnet CIDR reservations"). */
const FOR_PREFIXES = 1
const FOR_EXPLICIT_REQUESTS = 2

interface Account {
  readonly spec: SubnetSpec
  readonly base: number
  readonly state: Uint8Array
  readonly reserved: Uint8Array
  /** Blocks with addresses kept for explicit requests. */
  readonly explicitOnly: Set<number>
  readonly hasPrefixReservation: boolean
  /** Addresses of each aligned block of sixteen that are not free. */
  readonly inUse: Uint8Array
  /** Where the next search begins: addresses are not reused at once, so neither are node names. */
  cursor: number
  blockCursor: number
  taken: number
  takeable: number
  freePrefixes: number
}

/** @param exhausted whether a fault leaves this subnet without free addresses now. */
export function createSubnets(
  specs: readonly SubnetSpec[],
  exhausted: (subnet: SubnetSpec) => boolean,
  reservations: readonly ReservationSpec[] = [],
): Subnets {
  const accounts = new Map(specs.map((spec) => [spec.id, openAccount(spec, reservations)]))

  function account(subnetId: string): Account {
    const found = accounts.get(subnetId)
    if (found === undefined) throw new Error(`No subnet ${subnetId} in this world.`)
    return found
  }

  const unless = (subnetId: string, count: number) => (exhausted(account(subnetId).spec) ? 0 : count)
  const takeable = (subnetId: string) => unless(subnetId, account(subnetId).takeable)
  const freePrefixes = (subnetId: string) => unless(subnetId, account(subnetId).freePrefixes)
  return {
    take: (subnetId, count) => (takeable(subnetId) < count ? undefined : times(count, () => takeNext(account(subnetId)))),
    takePrefixes: (subnetId, count) => (freePrefixes(subnetId) < count ? undefined : times(count, () => takeNextPrefix(account(subnetId)))),
    hold: (subnetId, address) => hold(account(subnetId), address),
    give: (subnetId, address) => give(account(subnetId), address),
    givePrefix: (subnetId, prefix) => givePrefix(account(subnetId), prefix),
    free: (subnetId) => unless(subnetId, account(subnetId).state.length - RESERVED - account(subnetId).taken),
    takeable,
    freePrefixes,
    taken: (subnetId) => account(subnetId).taken,
    get: (subnetId) => accounts.get(subnetId)?.spec,
    all: () => specs,
  }
}

function times(count: number, next: () => string | undefined): readonly string[] {
  return Array.from({ length: count }, next).filter((taken) => taken !== undefined)
}

function openAccount(spec: SubnetSpec, all: readonly ReservationSpec[]): Account {
  const { base, size } = rangeOf(spec.cidr)
  const reservations = all.filter(({ subnetId }) => subnetId === spec.id)
  const account: Account = {
    spec,
    base,
    state: new Uint8Array(size),
    reserved: new Uint8Array(size),
    explicitOnly: new Set(),
    hasPrefixReservation: reservations.some(({ type }) => type === 'prefix'),
    inUse: new Uint8Array(size / PREFIX_SIZE),
    cursor: RESERVED_AT_START,
    blockCursor: 0,
    taken: 0,
    takeable: size,
    freePrefixes: 0,
  }
  for (const reservation of reservations) reserve(account, reservation)
  account.freePrefixes = account.inUse.length - account.explicitOnly.size
  for (const offset of [0, 1, 2, 3, size - 1]) occupy(account, offset, KEPT_BY_AWS)
  account.taken = 0
  return account
}

function reserve(account: Account, { cidr, type }: ReservationSpec): void {
  const { base, size } = rangeOf(cidr)
  for (let offset = base - account.base; offset < base - account.base + size; offset++) {
    account.reserved[offset] = type === 'prefix' ? FOR_PREFIXES : FOR_EXPLICIT_REQUESTS
    account.takeable -= 1
    if (type === 'explicit') account.explicitOnly.add(Math.floor(offset / PREFIX_SIZE))
  }
}

/** The one way an address leaves the free ones: every count follows. */
function occupy(account: Account, offset: number, as: number): void {
  const block = Math.floor(offset / PREFIX_SIZE)
  if (prefixFits(account, block)) account.freePrefixes -= 1
  account.state[offset] = as
  account.inUse[block] = (account.inUse[block] ?? 0) + 1
  account.taken += 1
  if (account.reserved[offset] === 0) account.takeable -= 1
}

function vacate(account: Account, offset: number): void {
  const block = Math.floor(offset / PREFIX_SIZE)
  account.state[offset] = FREE
  account.inUse[block] = (account.inUse[block] ?? 0) - 1
  account.taken -= 1
  if (account.reserved[offset] === 0) account.takeable += 1
  if (prefixFits(account, block)) account.freePrefixes += 1
}

/** A prefix needs an aligned block without a single address in use, and none of it kept for explicit requests. */
function prefixFits(account: Account, block: number): boolean {
  return account.inUse[block] === 0 && !account.explicitOnly.has(block)
}

function takeNext(account: Account): string | undefined {
  const { state, reserved, inUse } = account
  for (let offset = account.cursor, seen = 0; seen < state.length + PREFIX_SIZE; ) {
    if (offset >= state.length) offset = 0
    const isBlockStart = offset % PREFIX_SIZE === 0
    if (isBlockStart && inUse[offset / PREFIX_SIZE] === PREFIX_SIZE) {
      offset += PREFIX_SIZE
      seen += PREFIX_SIZE
    } else if (state[offset] !== FREE || reserved[offset] !== 0) {
      offset += 1
      seen += 1
    } else {
      occupy(account, offset, TAKEN)
      account.cursor = offset + 1
      return numberToAddress(account.base + offset)
    }
  }
  return undefined
}

/** Reserved blocks first: that is what such a reservation is for (EKS best practices, "prefix mode"). */
function takeNextPrefix(account: Account): string | undefined {
  const block = (account.hasPrefixReservation ? findBlock(account, FOR_PREFIXES) : undefined) ?? findBlock(account)
  if (block === undefined) return undefined
  account.blockCursor = block + 1
  const first = block * PREFIX_SIZE
  for (let offset = first; offset < first + PREFIX_SIZE; offset++) occupy(account, offset, IN_PREFIX)
  return `${numberToAddress(account.base + first)}/28`
}

function findBlock(account: Account, reserved?: number): number | undefined {
  const blocks = account.inUse.length
  for (let step = 0; step < blocks; step++) {
    const block = (account.blockCursor + step) % blocks
    if (prefixFits(account, block) && (reserved === undefined || account.reserved[block * PREFIX_SIZE] === reserved)) return block
  }
  return undefined
}

function hold(account: Account, address: string): boolean {
  const offset = addressToNumber(address) - account.base
  if (account.state[offset] !== FREE) return false
  occupy(account, offset, TAKEN)
  return true
}

function give(account: Account, address: string): void {
  const offset = addressToNumber(address) - account.base
  if (account.state[offset] !== TAKEN) throw new Error(`Address ${address} of ${account.spec.id} was given back, but nobody had it.`)
  vacate(account, offset)
}

function givePrefix(account: Account, prefix: string): void {
  const first = rangeOf(prefix).base - account.base
  for (let offset = first; offset < first + PREFIX_SIZE; offset++) {
    if (account.state[offset] !== IN_PREFIX) throw new Error(`Prefix ${prefix} of ${account.spec.id} was given back, but nobody had it.`)
    vacate(account, offset)
  }
}
