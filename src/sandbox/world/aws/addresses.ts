import type { SubnetSpec } from '../world-spec.ts'

/** Address accounts of the subnets: who may take one, and how many are left. */
export interface Subnets {
  /** A free address, or undefined when the subnet has none to give. */
  take(subnetId: string): string | undefined
  /** Throws when the address was not taken: an address given back twice is a defect of the world. */
  give(subnetId: string, address: string): void
  /** AvailableIpAddressCount. */
  free(subnetId: string): number
  /** Addresses taken by anybody, AWS's own five not counted. */
  taken(subnetId: string): number
  get(subnetId: string): SubnetSpec | undefined
  all(): readonly SubnetSpec[]
}

interface Account {
  readonly spec: SubnetSpec
  readonly base: number
  readonly used: Uint8Array
  /** Where the next search begins: addresses are not reused at once, so neither are node names. */
  cursor: number
  taken: number
}

/** AWS keeps the first four addresses and the last one of a subnet (VPC user guide, "subnet sizing"). */
const RESERVED_AT_START = 4
export const RESERVED = 5

/** @param exhausted whether a fault leaves this subnet without free addresses now. */
export function createSubnets(specs: readonly SubnetSpec[], exhausted: (subnet: SubnetSpec) => boolean): Subnets {
  const accounts = new Map(specs.map((spec) => [spec.id, openAccount(spec)]))

  function account(subnetId: string): Account {
    const found = accounts.get(subnetId)
    if (found === undefined) throw new Error(`No subnet ${subnetId} in this world.`)
    return found
  }

  function free(subnetId: string): number {
    const { spec, used, taken } = account(subnetId)
    return exhausted(spec) ? 0 : used.length - RESERVED - taken
  }

  function give(subnetId: string, address: string): void {
    const owner = account(subnetId)
    const offset = addressToNumber(address) - owner.base
    if (owner.used[offset] !== 1) throw new Error(`Address ${address} of ${subnetId} was given back, but nobody had it.`)
    owner.used[offset] = 0
    owner.taken -= 1
  }

  return {
    take: (subnetId) => (free(subnetId) > 0 ? takeNext(account(subnetId)) : undefined),
    give,
    free,
    taken: (subnetId) => account(subnetId).taken,
    get: (subnetId) => accounts.get(subnetId)?.spec,
    all: () => specs,
  }
}

function openAccount(spec: SubnetSpec): Account {
  const [network = '', length = ''] = spec.cidr.split('/')
  const size = 2 ** (32 - Number(length))
  return { spec, base: addressToNumber(network), used: new Uint8Array(size), cursor: RESERVED_AT_START, taken: 0 }
}

function takeNext(account: Account): string | undefined {
  const last = account.used.length - 2
  const span = last - RESERVED_AT_START + 1
  for (let step = 0; step < span; step++) {
    const offset = RESERVED_AT_START + ((account.cursor - RESERVED_AT_START + step) % span)
    if (account.used[offset] === 1) continue
    account.used[offset] = 1
    account.taken += 1
    account.cursor = offset === last ? RESERVED_AT_START : offset + 1
    return numberToAddress(account.base + offset)
  }
  return undefined
}

function addressToNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function numberToAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
