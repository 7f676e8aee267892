import type { Heap } from '../heap.ts'
import { createHeap } from '../heap.ts'
import type { NodeAccount } from './node-account.ts'
import { zoneOf } from './node-account.ts'
import type { NodeAccounts } from './node-accounts.ts'
import type { Shape } from './node-shapes.ts'

/** Where a node stood in the order when it was last looked at. */
interface Place {
  readonly account: NodeAccount
  readonly zone: string
  readonly aversion: number
  readonly own: number
  readonly pods: number
}

/** Pods of one owner that ask for the same, and that only the room on a node and what its whole zone has hinders. */
export interface Alike {
  readonly owner: string
  readonly shape: Shape
  readonly fits: (account: NodeAccount) => boolean
  /** What speaks against a node beside what is said of its zone; it becomes less only when a pod there goes. */
  readonly aversion?: (account: NodeAccount) => number
}

/** What the zones are to one pod, each told by any of its nodes. */
export interface OfZones {
  readonly refuses: (account: NodeAccount) => boolean
  readonly liking?: (account: NodeAccount) => number
}

/** How many orders are kept; one that was forgotten is made again. */
const KEPT = 100

/**
 * The best node for each kind of pod, without looking at every node for every pod: the one it likes best, then the zone with
 * the fewest pods of the owner, in it the node with the fewest of them, then the one with the fewest pods, then by name.
 */
export function createNodeOrders(accounts: NodeAccounts): (kind: string, alike: Alike, zones?: OfZones) => NodeAccount | undefined {
  const orders = new Map<string, NodeOrder>()
  return (kind, alike, zones = ALL_ALIKE) => {
    const key = `${alike.owner}/${kind}`
    const order = orders.get(key) ?? new NodeOrder(accounts, alike)
    orders.delete(key)
    orders.set(key, order)
    if (orders.size > KEPT) orders.delete(orders.keys().next().value ?? '')
    return order.best(zones)
  }
}

const ALL_ALIKE: OfZones = { refuses: () => false }

/** The first node of a zone, with what its zone is to the pod. */
interface First {
  readonly place: Place
  readonly liking: number
  readonly count: number
}

function better(a: First, b: First): boolean {
  if (a.liking !== b.liking) return a.liking > b.liking
  return a.count === b.count ? before(a.place, b.place) : a.count < b.count
}

/**
 * Heaps by zone that are put right when they are asked: a node that became worse is found so at the top, a node that
 * became better is in the accounts' list of gains, one that is full leaves until it gains.
 */
class NodeOrder {
  readonly #accounts: NodeAccounts
  readonly #alike: Alike
  readonly #zones = new Map<string, Heap<Place>>()
  /** The one place of each node that counts; others in the heaps are husks. */
  readonly #places = new Map<NodeAccount, Place>()
  #gainsSeen: number | undefined

  constructor(accounts: NodeAccounts, alike: Alike) {
    this.#accounts = accounts
    this.#alike = alike
  }

  best({ refuses, liking }: OfZones): NodeAccount | undefined {
    this.#catchUp()
    let best: First | undefined
    for (const [zone, heap] of this.#zones) {
      const place = this.#head(heap)
      if (place === undefined || refuses(place.account)) continue
      const first = {
        place,
        liking: (liking?.(place.account) ?? 0) - place.aversion,
        count: this.#accounts.podsInZone(this.#alike.owner, zone),
      }
      if (best === undefined || better(first, best)) best = first
    }
    return best?.place.account
  }

  #aversionTo(account: NodeAccount): number {
    return this.#alike.aversion?.(account) ?? 0
  }

  #catchUp(): void {
    const gains = this.#accounts.gainsSince(this.#gainsSeen)
    this.#gainsSeen = gains.end
    for (const account of gains.accounts ?? this.#alike.shape.open.values()) this.#put(account)
  }

  #put(account: NodeAccount): void {
    const own = account.byOwner.get(this.#alike.owner) ?? 0
    const place = { account, zone: zoneOf(account.node), aversion: this.#aversionTo(account), own, pods: account.pods }
    this.#places.set(account, place)
    const heap = this.#zones.get(place.zone) ?? createHeap(before)
    this.#zones.set(place.zone, heap)
    heap.push(place)
  }

  /** The first of a zone that stands where it is, and has room. */
  #head(heap: Heap<Place>): Place | undefined {
    const { owner, shape, fits } = this.#alike
    for (let place = heap.first(); place !== undefined; place = heap.first()) {
      const { account, aversion, own, pods } = place
      const counts = this.#places.get(account) === place
      const stands = counts && shape.open.get(account.node.metadata.name) === account && fits(account)
      const same = own === (account.byOwner.get(owner) ?? 0) && pods === account.pods && aversion === this.#aversionTo(account)
      if (stands && same) return place
      heap.pop()
      if (counts) this.#places.delete(account)
      if (stands) this.#put(account)
    }
    return undefined
  }
}

function before(a: Place, b: Place): boolean {
  if (a.aversion !== b.aversion) return a.aversion < b.aversion
  if (a.own !== b.own) return a.own < b.own
  if (a.pods !== b.pods) return a.pods < b.pods
  return a.account.node.metadata.name < b.account.node.metadata.name
}
