import { MINUTE } from '../../../model/instant.ts'
import { ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import type { Budgets } from './budgets.ts'
import { type Claims, createClaims } from './claims.ts'
import { deletePod } from './deletion.ts'
import { demandOf } from './demand.ts'
import type { EventRecorder } from './events.ts'
import { isForFargate } from './fargate.ts'
import type { Ground } from './ground.ts'
import { type NodeAccount, zoneOf } from './node-account.ts'
import { type NodeAccounts, RoomKeeper } from './node-accounts.ts'
import { createNodeOrders } from './node-order.ts'
import type { Shape } from './node-shapes.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { controllerOf, isTerminating, keyOf, podAt, stillThere, writeStatus } from './objects.ts'
import { pinnedNode } from './pinned.ts'
import type { PodDetail } from './pod-spec.ts'
import { boundStatus, dated, unboundStatus } from './pod-status.ts'
import { findPreemption, type Preemption } from './preemption.ts'
import { priorityOf } from './priority.ts'
import type { Filter } from './scheduling-filters.ts'
import { filtersOf, roomFilters } from './scheduling-filters.ts'
import { preferencesOf } from './scheduling-preferences.ts'
import { whyNoNode } from './unschedulable.ts'

/** How long a pass waits for more to come, in milliseconds. */
const PASS_DELAY = 100

/** What stays pending is tried again at least so often, and says so. Source: podMaxInUnschedulablePodsDuration, scheduling_queue.go. */
const RETRY = 5 * MINUTE

/** Kinds whose changes may make room for a pod that waits, besides nodes and pods. */
const VOLUME_KINDS = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass'])

const COMPONENT = 'default-scheduler'

const MAKE_WAY = `${COMPONENT}: preempting to accommodate a higher priority pod`

/**
 * Binds pods, those of the highest priority first: filters, then the pod's own preferences; of the nodes that are left
 * the zone with the fewest pods of the same owner, then the node with the fewest of them, then the one with the
 * fewest pods. What does not fit has pods of a lower priority make way, or waits until a node, a volume or a pod changes.
 */
export class Scheduler {
  readonly #ground: Ground
  readonly #events: EventRecorder
  readonly #accounts: NodeAccounts
  readonly #bestOf: ReturnType<typeof createNodeOrders>
  readonly #claims: Claims
  readonly #guarding: Budgets['guarding']
  readonly #pending = new Set<string>()
  readonly #queue: { readonly add: (key: string) => void }
  #isOpen = false

  constructor(ground: Ground, events: EventRecorder, budgets: Pick<Budgets, 'guarding'>) {
    this.#ground = ground
    this.#guarding = (pod) => budgets.guarding(pod)
    this.#events = events
    this.#accounts = new RoomKeeper(ground.store)
    this.#bestOf = createNodeOrders(this.#accounts)
    this.#claims = createClaims(ground, events)
    this.#queue = ground.queue('scheduler', PASS_DELAY, () => this.#pass())
  }

  #pass(): void {
    if (!this.#isOpen) return
    const failed = new Map<string, string>()
    for (const pod of this.#waiting()) this.#place(pod, failed)
  }

  /** By priority, then in the order in which they came. */
  #waiting(): readonly PodObject[] {
    const { store } = this.#ground
    const pods: PodObject[] = []
    for (const key of [...this.#pending]) {
      const pod = podAt(store, key)
      if (!pod || pod.spec?.nodeName || isTerminating(pod)) this.#pending.delete(key)
      else pods.push(pod)
    }
    const priorities = new Map(pods.map((pod) => [pod, priorityOf(store, pod.spec ?? {})]))
    return pods.sort((a, b) => (priorities.get(b) ?? 0) - (priorities.get(a) ?? 0))
  }

  #place(pod: PodObject, failed: Map<string, string>): void {
    const accounts = this.#accounts
    const pinned = pinnedNode(pod.spec)
    const shape = pinned === undefined ? accounts.shapeOf(pod.spec ?? {}) : accounts.shapeOn(pinned, pod.spec ?? {})
    const volumes = this.#claims.filterOf(pod)
    if (typeof volumes === 'string') {
      this.#refuse(pod, whyNoNode(accounts, shape, pod, [], { unless: volumes }))
      return
    }
    const filters = [...filtersOf(accounts, shape, pod), ...(volumes ? [volumes] : [])]
    const kind = kindOf(shape, pod)
    const failsAs = isPlain(filters) && pinned === undefined ? kind : keyOf(pod)
    const kept = accounts.release(pod)
    const best = promised(shape, filters, kept) ?? (failed.has(failsAs) ? undefined : this.#choose(kind, shape, pod, filters))
    if (best) this.#bind(pod, best.node)
    else if (kept !== undefined && this.#makesWay(pod, kept)) accounts.reserve(pod, kept)
    else if (failed.has(failsAs)) this.#refuse(pod, failed.get(failsAs) ?? '')
    else if (!this.#preempts(pod, shape, filters)) {
      const message = whyNoNode(accounts, shape, pod, filters)
      failed.set(failsAs, message)
      this.#refuse(pod, message)
    }
  }

  /** Whether pods of a lower priority make way for it, from now on. */
  #preempts(pod: PodObject, shape: Shape, filters: readonly Filter[]): boolean {
    const preemption = this.#preemptionFor(pod, shape, filters)
    if (preemption === undefined) return false
    this.#refuse(pod, whyNoNode(this.#accounts, shape, pod, filters, { preempts: true }), preemption.account.node.metadata.name)
    this.#preempt(pod, preemption)
    return true
  }

  #preemptionFor(pod: PodObject, shape: Shape, filters: readonly Filter[]): Preemption | undefined {
    const { store } = this.#ground
    const { spec = {} } = pod
    const priority = priorityOf(store, spec)
    if ((spec as PodDetail).preemptionPolicy === 'Never' || !this.#accounts.hasBelow(priority)) return undefined
    const room = roomFilters(spec)
    return findPreemption({
      ...{ priority, shape, room, rest: filters.slice(room.length), guarding: this.#guarding },
      podsOn: (node) => store.podsOnNode(node) as readonly PodObject[],
      priorityOf: (other) => priorityOf(store, other.spec ?? {}),
    })
  }

  /** Whether pods of a lower priority are still on their way from the node that the pod was promised. */
  #makesWay(pod: PodObject, node: string): boolean {
    const { store } = this.#ground
    const priority = priorityOf(store, pod.spec ?? {})
    const others = store.podsOnNode(node) as readonly PodObject[]
    return others.some((other) => isTerminating(other) && priorityOf(store, other.spec ?? {}) < priority)
  }

  /** Ends the victims, and keeps the room that they leave. Words: prepareCandidate in pkg/scheduler/framework/preemption. */
  #preempt(pod: PodObject, { account, victims }: Preemption): void {
    const { store, timeline } = this.#ground
    const node = account.node.metadata.name
    for (const victim of victims) {
      if (isTerminating(victim)) continue
      const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`
      this.#events.record(victim, { type: 'Normal', reason: 'Preempted', message, component: COMPONENT })
      const target = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: MAKE_WAY }
      const conditions = [...(victim.status?.conditions ?? []), dated(target, victim.status?.conditions, timeline.now())]
      writeStatus(store, victim, { ...victim.status, conditions })
      deletePod(this.#ground, victim.metadata.namespace ?? '', victim.metadata.name)
    }
    this.#accounts.reserve(pod, node)
  }

  #choose(kind: string, shape: Shape, pod: PodObject, filters: readonly Filter[]): NodeAccount | undefined {
    const preferences = preferencesOf(this.#accounts, pod)
    const [room, ...others] = filters
    const split = preferences?.split
    if ((preferences && !split) || !room || !others.every(isOfZone) || pinnedNode(pod.spec) !== undefined)
      return choose(this.#accounts, shape, pod, filters, preferences)
    const fits = (account: NodeAccount): boolean => room(account) === undefined
    const alike = { owner: ownerOf(pod), shape, fits, ...(split && { aversion: split.aversion }) }
    const refuses = (account: NodeAccount): boolean => others.some((filter) => filter(account) !== undefined)
    return this.#bestOf(`${kind} ${split?.key ?? ''}`, alike, { refuses, ...(split && { liking: split.zone }) })
  }

  #bind(pod: PodObject, node: NodeObject): void {
    const { store, timeline } = this.#ground
    const { namespace, name } = pod.metadata
    this.#pending.delete(keyOf(pod))
    this.#claims.bind(pod, node)
    const hostIP = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''
    store.update('Pod', namespace, name, (current) => {
      const spec = { ...(current as PodObject).spec, nodeName: node.metadata.name }
      return { ...current, spec, status: boundStatus(spec, hostIP, timeline.now()) }
    })
    const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`
    if (!this.#ground.beginning()) this.#events.record(pod, { type: 'Normal', reason: 'Scheduled', message, component: COMPONENT })
  }

  #refuse(pod: PodObject, message: string, nominatedNodeName?: string): void {
    const before = pod.status?.conditions
    if (messageOf(pod) === message && nominatedNodeName === undefined) return
    const { store, timeline } = this.#ground
    const condition = dated({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }, before, timeline.now())
    writeStatus(store, pod, { ...pod.status, phase: 'Pending', conditions: [condition], ...(nominatedNodeName && { nominatedNodeName }) })
    this.#say(pod, message)
  }

  #say(pod: PodObject, message: string): void {
    const { store, timeline } = this.#ground
    this.#events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: COMPONENT })
    const key = `k8s/unschedulable/${keyOf(pod)}`
    timeline.cancel(key)
    timeline.after(RETRY, key, () => {
      const current = stillThere(store, pod)
      if (current && this.#pending.has(keyOf(pod))) this.#say(current, messageOf(current) ?? message)
    })
  }

  /** Whether a change of a pod may let a waiting one be placed. A pod that came through the API has no status yet. */
  #seePod(type: StoreEvent['type'], pod: PodObject): boolean {
    if (type === 'DELETED') this.#pending.delete(keyOf(pod))
    if (type === 'DELETED') return true
    if (type !== 'ADDED' || pod.spec?.nodeName || isForFargate(pod)) return false
    this.#pending.add(keyOf(pod))
    if (pod.status?.phase === undefined) writeStatus(this.#ground.store, pod, unboundStatus())
    return true
  }

  #stirs({ type, object }: StoreEvent): boolean {
    if (object.kind === 'Pod') return this.#seePod(type, object as PodObject)
    return object.kind === 'Node' ? type !== 'DELETED' : VOLUME_KINDS.has(object.kind)
  }

  /** Whether a node has the ports and the room for a pod. */
  hasRoom(node: string, spec: PodDetail): boolean {
    const [account] = this.#accounts.shapeOn(node, spec).open.values()
    return account !== undefined && roomFilters(spec).every((filter) => filter(account) === undefined)
  }

  /** Starts binding. Until then pods wait, so that the first node of a world does not get all of them. */
  open(): void {
    this.#isOpen = true
    this.#queue.add('pass')
  }

  handle(event: StoreEvent): void {
    this.#accounts.handle(event)
    if (this.#stirs(event) && this.#pending.size > 0) this.#queue.add('pass')
  }
}

function messageOf(pod: PodObject): string | undefined {
  return pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message
}

/** The node on which room was kept, if the pod fits there now. */
function promised({ open }: Shape, filters: readonly Filter[], kept: string | undefined): NodeAccount | undefined {
  const account = kept === undefined ? undefined : open.get(kept)
  return account && filters.every((filter) => filter(account) === undefined) ? account : undefined
}

/** Only the room on the node decides: then pods that ask for the same fail alike. */
function isPlain(filters: readonly Filter[]): boolean {
  return filters.length === 1
}

/** All nodes of a zone fare alike. */
function isOfZone({ keys }: Filter): boolean {
  return keys?.every((key) => key === ZONE_LABEL) ?? false
}

function kindOf(shape: Shape, pod: PodObject): string {
  const { cpu, memory, others } = demandOf(pod.spec ?? {})
  return `${shape.key}/${cpu}/${memory}/${[...others].join()}/${(pod.spec as PodDetail | undefined)?.preemptionPolicy ?? ''}`
}

function ownerOf(pod: PodObject): string {
  return controllerOf(pod)?.uid ?? pod.metadata.uid
}

function choose(
  accounts: NodeAccounts,
  shape: Shape,
  pod: PodObject,
  filters: readonly Filter[],
  preferences: ReturnType<typeof preferencesOf>,
): NodeAccount | undefined {
  const feasible: NodeAccount[] = []
  for (const account of shape.open.values()) if (filters.every((filter) => filter(account) === undefined)) feasible.push(account)
  const likings = feasible.length > 1 ? preferences?.likings(feasible) : undefined
  const owner = ownerOf(pod)
  const ofZone = new Map<string, number>()
  let best: Candidate | undefined
  for (const [at, account] of feasible.entries()) {
    const name = zoneOf(account.node)
    const zone = ofZone.get(name) ?? accounts.podsInZone(owner, name)
    ofZone.set(name, zone)
    const candidate = { account, liking: likings?.[at] ?? 0, zone, own: account.byOwner.get(owner) ?? 0 }
    if (best === undefined || better(candidate, best)) best = candidate
  }
  return best?.account
}

interface Candidate {
  readonly account: NodeAccount
  readonly liking: number
  readonly zone: number
  readonly own: number
}

function better(a: Candidate, b: Candidate): boolean {
  if (a.liking !== b.liking) return a.liking > b.liking
  if (a.zone !== b.zone) return a.zone < b.zone
  if (a.own !== b.own) return a.own < b.own
  if (a.account.pods !== b.account.pods) return a.account.pods < b.account.pods
  return a.account.node.metadata.name < b.account.node.metadata.name
}
