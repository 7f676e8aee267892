/**
 * How many prefixes a subnet can still give: aligned blocks of 16 addresses of which none is taken.
 * Rules: https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html and
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html
 */
export interface SubnetUse {
  /** `10.0.0.0/22` */
  readonly cidr: string
  /** Single addresses that interfaces hold. */
  readonly addresses: readonly string[]
  /** Prefixes that interfaces hold, `10.0.3.16/28`. */
  readonly prefixes: readonly string[]
  /** Ranges kept back for explicit assignment: no prefix comes from them. */
  readonly reserved: readonly string[]
}

const BLOCK = 16
/** AWS keeps the first four addresses of a subnet and its last: the first and the last block are never whole. */
const KEPT_AT_START = 4

interface Range {
  readonly start: number
  readonly size: number
}

/** Free aligned /28 blocks; undefined where the CIDR block cannot be read. */
export function freePrefixes({ cidr, addresses, prefixes, reserved }: SubnetUse): number | undefined {
  const subnet = rangeOf(cidr)
  if (subnet === undefined) return undefined
  const last = subnet.start + subnet.size - 1
  const taken = new Set([blockOf(subnet.start), blockOf(subnet.start + KEPT_AT_START - 1), blockOf(last)])
  for (const address of addresses) taken.add(blockOf(numberOf(address) ?? -1))
  for (const range of [...prefixes, ...reserved].map(rangeOf)) {
    if (range === undefined) continue
    const [from, to] = [Math.max(range.start, subnet.start), Math.min(range.start + range.size - 1, last)]
    for (let block = blockOf(from); block <= blockOf(to); block += 1) taken.add(block)
  }
  const [first, beyond] = [blockOf(subnet.start), blockOf(last)]
  const inside = [...taken].filter((block) => block >= first && block <= beyond)
  return beyond - first + 1 - inside.length
}

function blockOf(address: number): number {
  return Math.floor(address / BLOCK)
}

function rangeOf(cidr: string): Range | undefined {
  const [, address = '', bits] = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(cidr) ?? []
  const start = numberOf(address)
  return start === undefined || Number(bits) > 32 ? undefined : { start, size: 2 ** (32 - Number(bits)) }
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined
  return parts.reduce((number, part) => number * 256 + part, 0)
}
