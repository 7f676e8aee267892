import type { LabelSelector, PodSpec, Taint } from '../../../model/kubernetes.ts'
import { selectorMatches } from '../../../model/kubernetes.ts'
import type { NodeObject } from './objects.ts'
import { quantity } from './quantity.ts'

/** Which nodes a pod may stand on by labels and taints: the part of scheduling that does not change with load. */

export type Obstacle = 'selector' | 'taint' | undefined

type Toleration = NonNullable<PodSpec['tolerations']>[number]

export function obstacle(spec: PodSpec, node: NodeObject): Obstacle {
  if (!selects(spec, node)) return 'selector'
  return (node.spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(spec, taint)) ? undefined : 'taint'
}

/** `nodeSelector` and required node affinity. */
export function selects(spec: PodSpec, node: NodeObject): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const terms = requiredTerms(spec.affinity)
  return terms === undefined || terms.some((term) => selectorMatches({ matchExpressions: term.matchExpressions ?? [] }, labels))
}

interface NodeAffinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: LabelSelector['matchExpressions'] }[]
    }
  }
}

function requiredTerms(affinity: unknown) {
  return (affinity as NodeAffinity | undefined)?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
}

export function tolerates(spec: PodSpec, taint: Taint): boolean {
  return (spec.tolerations ?? []).some((toleration) => matches(toleration, taint))
}

function matches({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key === undefined || key === '') return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}

export interface Demand {
  readonly cpu: number
  readonly memory: number
}

const demands = new WeakMap<PodSpec, Demand>()

/** What a pod asks for: the sum over its containers, or its largest init container. In cores and bytes. */
export function demandOf(spec: PodSpec): Demand {
  const known = demands.get(spec)
  if (known) return known
  const demand = { cpu: requested(spec, 'cpu'), memory: requested(spec, 'memory') }
  demands.set(spec, demand)
  return demand
}

function requested(spec: PodSpec, resource: string): number {
  const of = (container: NonNullable<PodSpec['containers']>[number]) => quantity(container.resources?.requests?.[resource])
  const together = (spec.containers ?? []).reduce((sum, container) => sum + of(container), 0)
  return Math.max(together, ...(spec.initContainers ?? []).map(of))
}
