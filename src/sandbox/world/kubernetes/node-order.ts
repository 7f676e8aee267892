import type { Heap } from '../heap.ts'
import { createHeap } from '../heap.ts'
import type { NodeAccount, NodeAccounts, Shape } from './node-accounts.ts'
import { zoneOf } from './node-accounts.ts'

/** Where a node stood in the order when it was last looked at. */
interface Place {
  readonly account: NodeAccount
  readonly zone: string
  readonly own: number
  readonly pods: number
}

/** Pods of one owner that ask for the same, and that only the room on a node hinders. */
export interface Alike {
  readonly owner: string
  readonly shape: Shape
  readonly fits: (account: NodeAccount) => boolean
}

/** How many orders are kept; one that was forgotten is made again. */
const KEPT = 100

/**
 * The best node for each kind of pod, without looking at every node for every pod: the zone with the fewest pods of the
 * owner, in it the node with the fewest of them, then the one with the fewest pods, then by name.
 */
export function createNodeOrders(accounts: NodeAccounts): (kind: string, alike: Alike) => NodeAccount | undefined {
  const orders = new Map<string, NodeOrder>()
  return (kind, alike) => {
    const key = `${alike.owner}/${kind}`
    const order = orders.get(key) ?? new NodeOrder(accounts, alike)
    orders.delete(key)
    orders.set(key, order)
    for (const oldest of [...orders.keys()].slice(0, Math.max(0, orders.size - KEPT))) orders.delete(oldest)
    return order.best()
  }
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

  best(): NodeAccount | undefined {
    this.#catchUp()
    const { owner } = this.#alike
    const zones = [...this.#zones].map(([zone, heap]) => ({ heap, count: this.#accounts.podsInZone(owner, zone) }))
    zones.sort((a, b) => a.count - b.count)
    let best: Place | undefined
    let among = 0
    for (const { heap, count } of zones) {
      if (best !== undefined && count > among) break
      const head = this.#head(heap)
      if (head === undefined || (best !== undefined && !before(head, best))) continue
      best = head
      among = count
    }
    return best?.account
  }

  #catchUp(): void {
    const gains = this.#accounts.gainsSince(this.#gainsSeen)
    this.#gainsSeen = gains.end
    for (const account of gains.accounts ?? this.#alike.shape.open.values()) this.#put(account)
  }

  #put(account: NodeAccount): void {
    const place = { account, zone: zoneOf(account.node), own: account.byOwner.get(this.#alike.owner) ?? 0, pods: account.pods }
    this.#places.set(account, place)
    const heap = this.#zones.get(place.zone) ?? createHeap(before)
    this.#zones.set(place.zone, heap)
    heap.push(place)
  }

  /** The first of a zone that stands where it is, and has room. */
  #head(heap: Heap<Place>): Place | undefined {
    const { owner, shape, fits } = this.#alike
    for (let place = heap.first(); place !== undefined; place = heap.first()) {
      const { account, own, pods } = place
      const counts = this.#places.get(account) === place
      const stands = counts && shape.open.get(account.node.metadata.name) === account && fits(account)
      if (stands && own === (account.byOwner.get(owner) ?? 0) && pods === account.pods) return place
      heap.pop()
      if (counts) this.#places.delete(account)
      if (stands) this.#put(account)
    }
    return undefined
  }
}

function before(a: Place, b: Place): boolean {
  if (a.own !== b.own) return a.own < b.own
  if (a.pods !== b.pods) return a.pods < b.pods
  return a.account.node.metadata.name < b.account.node.metadata.name
}
