import type { PodSpec } from '../../../model/kubernetes.ts'
import { ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { controllerOf } from './objects.ts'
import type { Demand, Obstacle } from './placement.ts'
import { demandOf, obstacle } from './placement.ts'
import { quantity } from './quantity.ts'

/** What the scheduler knows of a node. */
export interface NodeAccount {
  node: NodeObject
  cpu: number
  memory: number
  slots: number
  pods: number
  readonly byOwner: Map<string, number>
}

/** What a pod takes on its node. The zone is kept with it: the node may be gone first. */
interface Booking {
  readonly node: string
  readonly owner: string
  readonly zone: string
  readonly demand: Demand
}

/** Pods that may stand on the same nodes, as far as labels and taints say. */
export interface Shape {
  readonly key: string
  readonly spec: PodSpec
  readonly open: Map<string, NodeAccount>
  readonly obstacles: Map<string, Obstacle>
}

export interface NodeAccounts {
  handle(event: StoreEvent): void
  shapeOf(spec: PodSpec): Shape
  podsInZone(owner: string, zone: string): number
  size(): number
}

export function zoneOf(node: NodeObject): string {
  return node.metadata.labels?.[ZONE_LABEL] ?? ''
}

/** Room on every node, kept as pods come and go. */
export function createNodeAccounts(): NodeAccounts {
  const accounts = new Map<string, NodeAccount>()
  const booked = new Map<string, Booking>()
  const zones = new Map<string, number>()
  const shapes = new Map<string, Shape>()
  const shapeOfSpec = new WeakMap<PodSpec, Shape>()

  function book(pod: PodObject, node: string): void {
    const owner = controllerOf(pod)?.uid ?? pod.metadata.uid
    const account = accounts.get(node)
    const entry = { node, owner, demand: demandOf(pod.spec ?? {}), zone: zoneKey(owner, account ? zoneOf(account.node) : '') }
    booked.set(pod.metadata.uid, entry)
    count(entry, 1)
  }

  function unbook(uid: string): void {
    const entry = booked.get(uid)
    if (!entry) return
    booked.delete(uid)
    count(entry, -1)
  }

  function count({ node, owner, demand, zone }: Booking, sign: 1 | -1): void {
    zones.set(zone, (zones.get(zone) ?? 0) + sign)
    const account = accounts.get(node)
    if (!account) return
    account.cpu -= sign * demand.cpu
    account.memory -= sign * demand.memory
    account.pods += sign
    account.byOwner.set(owner, (account.byOwner.get(owner) ?? 0) + sign)
  }

  function seeNode({ type, object }: StoreEvent): void {
    const node = object as NodeObject
    const { name } = node.metadata
    if (type === 'DELETED') {
      accounts.delete(name)
      for (const shape of shapes.values()) leave(shape, name)
      return
    }
    const known = accounts.get(name)
    const account = known ?? newAccount(node)
    if (known && sameForPlacement(known.node, node)) {
      known.node = node
      return
    }
    account.node = node
    accounts.set(name, account)
    for (const shape of shapes.values()) judge(shape, account)
  }

  function seePod({ type, object }: StoreEvent): void {
    const pod = object as PodObject
    const ended = type === 'DELETED' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (ended) unbook(pod.metadata.uid)
    else if (pod.spec?.nodeName && !booked.has(pod.metadata.uid)) book(pod, pod.spec.nodeName)
  }

  function shapeOf(spec: PodSpec): Shape {
    const known = shapeOfSpec.get(spec)
    if (known) return known
    const key = JSON.stringify([spec.nodeSelector ?? null, spec.affinity ?? null, spec.tolerations ?? null])
    const shape = shapes.get(key) ?? { key, spec, open: new Map(), obstacles: new Map() }
    if (!shapes.has(key)) for (const account of accounts.values()) judge(shape, account)
    shapes.set(key, shape)
    shapeOfSpec.set(spec, shape)
    return shape
  }

  return {
    handle(event) {
      if (event.object.kind === 'Node') seeNode(event)
      else if (event.object.kind === 'Pod') seePod(event)
    },
    shapeOf,
    podsInZone: (owner, zone) => zones.get(zoneKey(owner, zone)) ?? 0,
    size: () => accounts.size,
  }
}

function zoneKey(owner: string, zone: string): string {
  return `${owner}\u0000${zone}`
}

function newAccount(node: NodeObject): NodeAccount {
  const { cpu, memory, pods } = node.status?.allocatable ?? {}
  return { node, cpu: quantity(cpu), memory: quantity(memory), slots: quantity(pods), pods: 0, byOwner: new Map() }
}

function sameForPlacement(a: NodeObject, b: NodeObject): boolean {
  return a.metadata.labels === b.metadata.labels && a.spec === b.spec
}

function judge(shape: Shape, account: NodeAccount): void {
  const { name } = account.node.metadata
  const hindrance = obstacle(shape.spec, account.node)
  shape.obstacles.set(name, hindrance)
  if (hindrance === undefined) shape.open.set(name, account)
  else shape.open.delete(name)
}

function leave(shape: Shape, name: string): void {
  shape.obstacles.delete(name)
  shape.open.delete(name)
}
