import type { PodSpec } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { NodeAccount, NodeAccounts, Shape } from './node-accounts.ts'
import { createNodeAccounts, zoneOf } from './node-accounts.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { controllerOf, isTerminating, keyOf, podAt, writeStatus } from './objects.ts'
import { demandOf } from './placement.ts'
import { boundStatus, dated, unboundStatus } from './pod-status.ts'

/** How long a pass waits for more to come, in milliseconds. */
const PASS_DELAY = 100

export interface Scheduler {
  handle(event: StoreEvent): void
  /** Starts binding. Until then pods wait, so that the first node of a world does not get all of them. */
  open(): void
}

/**
 * Binds pods: requests against allocatable, pod slots, taints, nodeSelector, required node affinity and cordons;
 * of the nodes that fit, first the zone with the fewest pods of the same owner, then the node with the fewest of
 * them, then the one with the fewest pods. What does not fit waits until a node changes or a pod goes.
 */
export function createScheduler(ground: Ground, events: EventRecorder): Scheduler {
  const { store, timeline } = ground
  const accounts = createNodeAccounts()
  const pending = new Set<string>()
  let isOpen = false
  const queue = ground.queue('scheduler', PASS_DELAY, pass)

  function pass(): void {
    if (!isOpen) return
    const failed = new Map<string, string>()
    for (const key of [...pending]) {
      const pod = podAt(store, key)
      if (!pod || pod.spec?.nodeName || isTerminating(pod)) pending.delete(key)
      else place(pod, pod.spec ?? {}, failed)
    }
  }

  function place(pod: PodObject, spec: PodSpec, failed: Map<string, string>): void {
    const shape = accounts.shapeOf(spec)
    const demand = demandOf(spec)
    const kind = `${shape.key}/${demand.cpu}/${demand.memory}`
    const best = failed.has(kind) ? undefined : choose(accounts, shape, pod)
    if (best) {
      bind(pod, best.node)
      return
    }
    const message = failed.get(kind) ?? whyNot(shape, spec, accounts.size())
    failed.set(kind, message)
    refuse(pod, message)
  }

  /** A pod that came through the API has no status yet. */
  function awaitPlace(pod: PodObject): void {
    pending.add(keyOf(pod))
    if (pod.status?.phase === undefined) writeStatus(store, pod, unboundStatus())
  }

  function bind(pod: PodObject, node: NodeObject): void {
    const { namespace, name } = pod.metadata
    pending.delete(keyOf(pod))
    const hostIP = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''
    store.update('Pod', namespace, name, (current) => {
      const spec = { ...(current as PodObject).spec, nodeName: node.metadata.name }
      return { ...current, spec, status: boundStatus(spec, hostIP, timeline.now()) }
    })
    const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`
    if (!ground.beginning()) events.record(pod, { type: 'Normal', reason: 'Scheduled', message, component: 'default-scheduler' })
  }

  function refuse(pod: PodObject, message: string): void {
    const before = pod.status?.conditions
    if (before?.some((condition) => condition.type === 'PodScheduled' && condition.message === message)) return
    const condition = dated({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }, before, timeline.now())
    const status = { ...pod.status, phase: 'Pending', conditions: [condition] }
    store.update('Pod', pod.metadata.namespace, pod.metadata.name, (current) => ({ ...current, status }))
    events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' })
  }

  return {
    open() {
      isOpen = true
      queue.add('pass')
    },
    handle(event) {
      accounts.handle(event)
      const { type, object } = event
      if (object.kind === 'Node' && type !== 'DELETED' && pending.size > 0) queue.add('pass')
      if (object.kind !== 'Pod') return
      const pod = object as PodObject
      if (type === 'DELETED') pending.delete(keyOf(pod))
      else if (type === 'ADDED' && !pod.spec?.nodeName) awaitPlace(pod)
      else return
      if (pending.size > 0) queue.add('pass')
    },
  }
}

function choose(accounts: NodeAccounts, shape: Shape, pod: PodObject): NodeAccount | undefined {
  const owner = controllerOf(pod)?.uid ?? pod.metadata.uid
  const demand = demandOf(pod.spec ?? {})
  const ofZone = new Map<string, number>()
  let best: { account: NodeAccount; zone: number; own: number } | undefined
  for (const account of shape.open.values()) {
    if (account.pods >= account.slots || account.cpu < demand.cpu || account.memory < demand.memory) continue
    const name = zoneOf(account.node)
    const zone = ofZone.get(name) ?? accounts.podsInZone(owner, name)
    ofZone.set(name, zone)
    const candidate = { account, zone, own: account.byOwner.get(owner) ?? 0 }
    if (best === undefined || better(candidate, best)) best = candidate
  }
  return best?.account
}

interface Candidate {
  readonly account: NodeAccount
  readonly zone: number
  readonly own: number
}

function better(a: Candidate, b: Candidate): boolean {
  if (a.zone !== b.zone) return a.zone < b.zone
  if (a.own !== b.own) return a.own < b.own
  if (a.account.pods !== b.account.pods) return a.account.pods < b.account.pods
  return a.account.node.metadata.name < b.account.node.metadata.name
}

/** The scheduler's sentence: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).` */
function whyNot(shape: Shape, spec: PodSpec, total: number): string {
  const demand = demandOf(spec)
  const counts = new Map<string, number>()
  const add = (reason: string) => counts.set(reason, (counts.get(reason) ?? 0) + 1)
  for (const hindrance of shape.obstacles.values()) {
    if (hindrance === 'selector') add("node(s) didn't match Pod's node affinity/selector")
    if (hindrance === 'taint') add('node(s) had untolerated taint(s)')
  }
  for (const account of shape.open.values()) {
    if (account.pods >= account.slots) add('Too many pods')
    if (account.cpu < demand.cpu) add('Insufficient cpu')
    if (account.memory < demand.memory) add('Insufficient memory')
  }
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return reasons.length > 0 ? `0/${total} nodes are available: ${reasons.join(', ')}.` : 'no nodes available to schedule pods'
}
