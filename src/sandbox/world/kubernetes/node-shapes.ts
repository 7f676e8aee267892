import type { NodeAccount } from './node-account.ts'
import type { Obstacle } from './placement.ts'
import { obstacle } from './placement.ts'
import type { PodDetail } from './pod-spec.ts'

/** Pods that may stand on the same nodes, as far as labels and taints say. */
export interface Shape {
  readonly key: string
  readonly spec: PodDetail
  readonly open: Map<string, NodeAccount>
  readonly obstacles: Map<string, Obstacle>
  /** Domains of a topology key among the nodes that the pods select, as of a state of the nodes. */
  readonly domains: Map<string, { readonly nodes: number; readonly names: ReadonlySet<string> }>
}

export function unjudged(): Pick<Shape, 'open' | 'obstacles' | 'domains'> {
  return { open: new Map(), obstacles: new Map(), domains: new Map() }
}

export function judge(shape: Shape, account: NodeAccount): void {
  const { name } = account.node.metadata
  const hindrance = obstacle(shape.spec, account.node)
  shape.obstacles.set(name, hindrance)
  if (hindrance === undefined) shape.open.set(name, account)
  else shape.open.delete(name)
}

export function leave(shape: Shape, name: string): void {
  shape.obstacles.delete(name)
  shape.open.delete(name)
}
