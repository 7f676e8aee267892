import type { ObjectStore, StoreEvent } from '../../contract.ts'
import type { Demand } from './demand.ts'
import { demandOf, hostPortsOf } from './demand.ts'
import type { NodeAccount } from './node-account.ts'
import { newAccount, resize, sameForPlacement, take, zoneOf } from './node-account.ts'
import type { Shape } from './node-shapes.ts'
import { judge, leave, unjudged } from './node-shapes.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { controllerOf, isTerminating } from './objects.ts'
import { selects } from './placement.ts'
import type { PodDetail } from './pod-spec.ts'
import type { PodTerms, Undo } from './pod-terms.ts'
import { createPodTerms } from './pod-terms.ts'
import { priorityOf } from './priority.ts'

/** What a pod takes on its node. The zone is kept with it: the node may be gone first. */
interface Booking {
  pod: PodObject
  readonly node: string
  readonly owner: string
  readonly zone: string
  readonly demand: Demand
  readonly priority: number
  undo: Undo
}

export interface NodeAccounts {
  readonly terms: PodTerms
  handle(event: StoreEvent): void
  shapeOf(spec: PodDetail): Shape
  /** The same for one node alone; not kept. */
  shapeOn(node: string, spec: PodDetail): Shape
  /** Domains of a topology key among the nodes that pods of the shape select, tainted ones among them. */
  domainsOf(shape: Shape, topologyKey: string): ReadonlySet<string>
  podsInZone(owner: string, zone: string): number
  size(): number
  /** Whether any pod that is placed has a lower priority. */
  hasBelow(priority: number): boolean
  /** Keeps room on a node for a pod that others make way for, until it is released. */
  reserve(pod: PodObject, node: string): void
  /** The node on which room was kept for the pod, if it was. */
  release(pod: PodObject): string | undefined
  all(): Iterable<NodeAccount>
  /** Whether any node has a taint that only asks to be avoided. */
  hasPreferredTaints(): boolean
  /** Nodes that may suit a pod better than they did at `since`; without a list when that is too long ago: any node may. */
  gainsSince(since: number | undefined): { readonly accounts?: readonly NodeAccount[]; readonly end: number }
}

/** How many gains are remembered. */
const KEPT_GAINS = 20_000

/** Room on every node, kept as pods come and go. */
export class RoomKeeper implements NodeAccounts {
  readonly terms: PodTerms
  readonly #store: ObjectStore
  readonly #accounts = new Map<string, NodeAccount>()
  readonly #booked = new Map<string, Booking>()
  /** What is kept for pods that are not placed yet, by their uid. */
  readonly #reserved = new Map<string, { readonly node: string; readonly demand: Demand }>()
  readonly #priorities = new Map<number, number>()
  readonly #zones = new Map<string, number>()
  readonly #shapes = new Map<string, Shape>()
  readonly #shapeOfSpec = new WeakMap<PodDetail, Shape>()
  readonly #avoided = new Set<string>()
  #gains: NodeAccount[] = []
  #gainsBegin = 0
  /** Counts changes of nodes that matter to placement. */
  #nodesVersion = 0

  constructor(store: ObjectStore) {
    this.#store = store
    this.terms = createPodTerms(
      () => [...this.#booked.values()].map(({ pod, node }) => [pod, this.#domains(node)] as const),
      (namespace) => store.get('Namespace', undefined, namespace)?.metadata.labels,
    )
  }

  #domains(node: string): (topologyKey: string) => string | undefined {
    return (topologyKey) => this.#accounts.get(node)?.node.metadata.labels?.[topologyKey]
  }

  #book(pod: PodObject, node: string): void {
    const owner = controllerOf(pod)?.uid ?? pod.metadata.uid
    const account = this.#accounts.get(node)
    const zone = zoneKey(owner, account ? zoneOf(account.node) : '')
    const undo = this.terms.add(pod, this.#domains(node))
    const entry = { pod, node, owner, demand: demandOf(pod.spec ?? {}), priority: priorityOf(this.#store, pod.spec ?? {}), zone, undo }
    this.#booked.set(pod.metadata.uid, entry)
    this.#count(entry, 1)
  }

  #unbook(uid: string): void {
    const entry = this.#booked.get(uid)
    if (!entry) return
    this.#booked.delete(uid)
    entry.undo()
    this.#count(entry, -1)
  }

  #count({ pod, node, owner, demand, priority, zone }: Booking, sign: 1 | -1): void {
    this.#zones.set(zone, (this.#zones.get(zone) ?? 0) + sign)
    this.#priorities.set(priority, (this.#priorities.get(priority) ?? 0) + sign)
    const account = this.#accounts.get(node)
    if (!account) return
    if (sign < 0) this.#gained(account)
    take(account, demand, sign)
    account.byOwner.set(owner, (account.byOwner.get(owner) ?? 0) + sign)
    for (const port of hostPortsOf(pod.spec ?? {})) account.ports.set(port, (account.ports.get(port) ?? 0) + sign)
  }

  #seeNode(node: NodeObject): void {
    const { name } = node.metadata
    const known = this.#accounts.get(name)
    if (known && sameForPlacement(known.node, node)) {
      known.node = node
      return
    }
    this.#nodesVersion++
    const account = known ?? newAccount(node)
    const moved = account.node.metadata.labels !== node.metadata.labels
    resize(account, node)
    account.node = node
    this.#accounts.set(name, account)
    if (node.spec?.taints?.some(({ effect }) => effect === 'PreferNoSchedule')) this.#avoided.add(name)
    else this.#avoided.delete(name)
    if (moved) this.#recount(name)
    this.#gained(account)
    for (const shape of this.#shapes.values()) judge(shape, account)
  }

  #gained(account: NodeAccount): void {
    this.#gains.push(account)
    if (this.#gains.length < KEPT_GAINS) return
    this.#gains = this.#gains.slice(KEPT_GAINS / 2)
    this.#gainsBegin += KEPT_GAINS / 2
  }

  #forgetNode(name: string): void {
    this.#nodesVersion++
    this.#accounts.delete(name)
    this.#avoided.delete(name)
    for (const [uid, { node }] of this.#reserved) if (node === name) this.#reserved.delete(uid)
    for (const shape of this.#shapes.values()) leave(shape, name)
  }

  /** A node got other labels: its pods may be in other domains now. */
  #recount(node: string): void {
    for (const { metadata } of this.#store.podsOnNode(node)) {
      const entry = this.#booked.get(metadata.uid)
      if (!entry) continue
      entry.undo()
      entry.undo = this.terms.add(entry.pod, this.#domains(node))
    }
  }

  /** It keeps its room until it is gone, and counts no more for spreading. */
  #seeLeaving(pod: PodObject): void {
    const entry = this.#booked.get(pod.metadata.uid)
    if (!entry || isTerminating(entry.pod)) return
    entry.undo()
    entry.pod = pod
    entry.undo = this.terms.add(pod, this.#domains(entry.node))
    const account = this.#accounts.get(entry.node)
    if (account) this.#gained(account)
  }

  #seePod({ type, object }: StoreEvent): void {
    const pod = object as PodObject
    const { uid } = pod.metadata
    if (type === 'DELETED') this.release(pod)
    if (type === 'DELETED' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') this.#unbook(uid)
    else if (pod.spec?.nodeName && !this.#booked.has(uid)) this.#book(pod, pod.spec.nodeName)
    else if (isTerminating(pod)) this.#seeLeaving(pod)
  }

  shapeOf(spec: PodDetail): Shape {
    const known = this.#shapeOfSpec.get(spec)
    if (known) return known
    const key = JSON.stringify([spec.nodeSelector ?? null, spec.affinity?.nodeAffinity ?? null, spec.tolerations ?? null])
    const shape = this.#shapes.get(key) ?? { key, spec, ...unjudged() }
    if (!this.#shapes.has(key)) for (const account of this.#accounts.values()) judge(shape, account)
    this.#shapes.set(key, shape)
    this.#shapeOfSpec.set(spec, shape)
    return shape
  }

  shapeOn(node: string, spec: PodDetail): Shape {
    const shape = { key: node, spec, ...unjudged() }
    const account = this.#accounts.get(node)
    if (account) judge(shape, account)
    return shape
  }

  handle(event: StoreEvent): void {
    if (event.object.kind === 'Pod') this.#seePod(event)
    else if (event.object.kind !== 'Node') return
    else if (event.type === 'DELETED') this.#forgetNode(event.object.metadata.name)
    else this.#seeNode(event.object as NodeObject)
  }

  domainsOf(shape: Shape, topologyKey: string): ReadonlySet<string> {
    const known = shape.domains.get(topologyKey)
    if (known?.nodes === this.#nodesVersion) return known.names
    const names = new Set<string>()
    for (const { node } of this.#accounts.values()) {
      const domain = node.metadata.labels?.[topologyKey]
      if (domain !== undefined && selects(shape.spec, node)) names.add(domain)
    }
    shape.domains.set(topologyKey, { nodes: this.#nodesVersion, names })
    return names
  }

  podsInZone(owner: string, zone: string): number {
    return this.#zones.get(zoneKey(owner, zone)) ?? 0
  }

  size(): number {
    return this.#accounts.size
  }

  hasBelow(priority: number): boolean {
    return [...this.#priorities].some(([each, count]) => count > 0 && each < priority)
  }

  reserve(pod: PodObject, node: string): void {
    const demand = demandOf(pod.spec ?? {})
    this.#reserved.set(pod.metadata.uid, { node, demand })
    const account = this.#accounts.get(node)
    if (account) take(account, demand, 1)
  }

  release({ metadata }: PodObject): string | undefined {
    const kept = this.#reserved.get(metadata.uid)
    if (!kept) return undefined
    this.#reserved.delete(metadata.uid)
    const account = this.#accounts.get(kept.node)
    if (account) {
      take(account, kept.demand, -1)
      this.#gained(account)
    }
    return kept.node
  }

  all(): Iterable<NodeAccount> {
    return this.#accounts.values()
  }

  hasPreferredTaints(): boolean {
    return this.#avoided.size > 0
  }

  gainsSince(since: number | undefined): { accounts?: readonly NodeAccount[]; end: number } {
    const end = this.#gainsBegin + this.#gains.length
    return since === undefined || since < this.#gainsBegin ? { end } : { accounts: this.#gains.slice(since - this.#gainsBegin), end }
  }
}

function zoneKey(owner: string, zone: string): string {
  return `${owner}\u0000${zone}`
}
