/** IPv4 addresses and blocks as numbers. */

export function addressToNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function numberToAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

/** First address and number of addresses of a CIDR block. */
export function rangeOf(cidr: string): { readonly base: number; readonly size: number } {
  const [network = '', length = ''] = cidr.split('/')
  return { base: addressToNumber(network), size: 2 ** (32 - Number(length)) }
}

/** Every address of a prefix, in order. */
export function addressesOf(prefix: string): readonly string[] {
  const { base, size } = rangeOf(prefix)
  return Array.from({ length: size }, (_none, index) => numberToAddress(base + index))
}
