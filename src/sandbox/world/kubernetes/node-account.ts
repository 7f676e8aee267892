import { ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { Demand } from './demand.ts'
import { demandOf, hostPortsOf } from './demand.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { quantity } from './quantity.ts'

/** What the scheduler knows of a node: what is free, and who is there. */
export interface NodeAccount {
  node: NodeObject
  /** Free millicores. */
  cpu: number
  /** Free bytes. */
  memory: number
  slots: number
  pods: number
  /** Free amounts of every other resource that the node has. */
  readonly others: Map<string, number>
  readonly byOwner: Map<string, number>
  readonly ports: Map<string, number>
}

export function zoneOf(node: NodeObject): string {
  return node.metadata.labels?.[ZONE_LABEL] ?? ''
}

export function newAccount(node: NodeObject): NodeAccount {
  const account = { node, cpu: 0, memory: 0, slots: 0, pods: 0, others: new Map(), byOwner: new Map(), ports: new Map() }
  grow(account, node, 1)
  return account
}

/** What a node offers changed, such as when an extended resource appears: what is taken stays taken. */
export function resize(account: NodeAccount, node: NodeObject): void {
  if (account.node.status?.allocatable === node.status?.allocatable) return
  grow(account, account.node, -1)
  grow(account, node, 1)
}

function grow(account: NodeAccount, { status }: NodeObject, sign: 1 | -1): void {
  const { cpu, memory, pods, ...others } = status?.allocatable ?? {}
  account.cpu += sign * Math.round(quantity(cpu) * 1000)
  account.memory += sign * quantity(memory)
  account.slots += sign * quantity(pods)
  for (const [name, amount] of Object.entries(others)) account.others.set(name, (account.others.get(name) ?? 0) + sign * quantity(amount))
}

export function take(account: NodeAccount, demand: Demand, sign: 1 | -1): void {
  account.cpu -= sign * demand.cpu
  account.memory -= sign * demand.memory
  account.pods += sign
  for (const [name, amount] of demand.others) account.others.set(name, (account.others.get(name) ?? 0) - sign * amount)
}

/** A node as it would be without some of its pods. */
export function withoutPods(account: NodeAccount, pods: readonly PodObject[]): NodeAccount {
  const trial = { ...account, others: new Map(account.others), ports: new Map(account.ports) }
  for (const { spec = {} } of pods) {
    take(trial, demandOf(spec), -1)
    for (const port of hostPortsOf(spec)) trial.ports.set(port, (trial.ports.get(port) ?? 0) - 1)
  }
  return trial
}

export function sameForPlacement(a: NodeObject, b: NodeObject): boolean {
  return a.metadata.labels === b.metadata.labels && a.spec === b.spec && a.status?.allocatable === b.status?.allocatable
}
