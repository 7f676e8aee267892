import { ADDRESSES_PER_PREFIX } from '../addresses.ts'

/** What is taken of a subnet, or asked for. */
export interface Take {
  readonly addresses: number
  /** Whole blocks of 16 among them. */
  readonly blocks: number
}

/** What a subnet has to give. */
export interface SubnetRoom {
  readonly free: number
  /** Whole blocks of 16 among the free addresses, where nodes take prefixes and it is known; and whether they are kept for prefixes. */
  readonly blocks?: { readonly whole: number; readonly reserved: boolean }
}

export interface AddressPeak {
  /** The most that was taken of a subnet beyond what is taken now, and in which stage. */
  readonly peak: number
  readonly stage: string
  /** The stage in which a new node or a pod got no address. */
  readonly dry?: string
}

/** What is left of each subnet, and how little that ever was. */
export interface SubnetAccounts {
  readonly left: (subnet: string) => number
  readonly fits: (subnet: string, what: Take) => boolean
  readonly take: (subnet: string, what: Take) => void
  readonly give: (subnet: string, what: Take) => void
  /** A node, or a pod that came to it, got no address. */
  readonly dry: (subnet: string) => void
  readonly peaks: () => ReadonlyMap<string, AddressPeak>
}

interface Account {
  readonly room: SubnetRoom
  taken: number
  /** Whole blocks that are left; undefined where nobody asks for any. An expected value. */
  whole: number | undefined
  peak: AddressPeak
}

/** Sums of expected values are not exact. */
const ROUNDING = 1e-9

export function openAccounts(rooms: ReadonlyMap<string, SubnetRoom>, stage: () => string): SubnetAccounts {
  const accounts = new Map([...rooms].map(([subnet, room]): [string, Account] => [subnet, opened(room)]))
  const left = (subnet: string) => {
    const account = accounts.get(subnet)
    return account === undefined ? 0 : account.room.free - account.taken
  }
  return {
    left,
    fits(subnet, { addresses, blocks }) {
      const whole = accounts.get(subnet)?.whole ?? Number.POSITIVE_INFINITY
      return addresses <= left(subnet) && blocks <= Math.floor(whole + ROUNDING)
    },
    take(subnet, what) {
      const account = accounts.get(subnet)
      if (account === undefined) return
      if (account.whole !== undefined) account.whole = Math.max(0, account.whole - what.blocks - broken(account, what))
      account.taken += what.addresses
      if (account.taken > account.peak.peak) account.peak = { ...account.peak, peak: account.taken, stage: stage() }
    },
    give(subnet, { addresses, blocks }) {
      const account = accounts.get(subnet)
      if (account === undefined) return
      account.taken -= addresses
      if (account.whole !== undefined) account.whole += blocks
    },
    dry(subnet) {
      const account = accounts.get(subnet)
      if (account !== undefined) account.peak = { ...account.peak, stage: account.peak.stage || stage(), dry: account.peak.dry ?? stage() }
    },
    peaks: () => new Map([...accounts].map(([subnet, { peak }]) => [subnet, peak])),
  }
}

function opened(room: SubnetRoom): Account {
  return { room, taken: 0, whole: room.blocks?.whole, peak: { peak: 0, stage: '' } }
}

/**
 * Blocks that single addresses break: they come from anywhere in a subnet, also from the middle of a whole block, unless those are
 * kept. https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html
 */
function broken({ room, taken, whole = 0 }: Account, { addresses, blocks }: Take): number {
  const singles = addresses - ADDRESSES_PER_PREFIX * blocks
  const inBlocks = ADDRESSES_PER_PREFIX * whole
  return room.blocks?.reserved === true ? 0 : (singles * inBlocks) / Math.max(inBlocks, room.free - taken, 1)
}
