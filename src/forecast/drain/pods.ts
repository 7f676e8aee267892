import { type Millis, SECOND } from '../../model/instant.ts'
import { type Container, conditionOf, type Pod, type PodDisruptionBudget, type PodSpec } from '../../model/kubernetes.ts'
import { quantityOf } from '../../model/quantity.ts'
import { isEvictable } from './evictable.ts'
import type { RehearsedNode } from './nodes.ts'

/** A pod while a drain is rehearsed. */
export interface RehearsedPod {
  /** `shop/web-6d4c-1` */
  readonly key: string
  /** `Deployment/shop/web`; its own name for a pod without a controller. */
  readonly owner: string
  /** How many pods of the same owner each node has; one map for all of them. */
  readonly siblings: Map<RehearsedNode, number>
  /** Made anew when it is evicted. */
  readonly replaced: boolean
  /** Goes in a drain; pods of DaemonSets and the like stay until their node ends. */
  readonly evictable: boolean
  readonly spec: PodSpec
  readonly labels: Readonly<Record<string, string>>
  /** Pods of one shape fit the same classes of nodes. */
  readonly shape: string
  readonly cores: number
  readonly bytes: number
  readonly grace: Millis
  /** Zones its volumes are in; undefined where they are in none. */
  readonly zones: readonly string[] | undefined
  readonly budgets: readonly RehearsedBudget[]
  /** It was ready, so those in its place will be; what is not well here will not be well elsewhere. */
  readonly well: boolean
  ready: boolean
}

/** A budget with what it may spare, kept up while pods go and come. */
export interface RehearsedBudget {
  /** `shop/db` */
  readonly key: string
  readonly desired: number
  /** AlwaysAllow lets pods go that are not ready, whatever the budget says. */
  readonly sparesUnready: boolean
  healthy: number
}

/** Budgets as their status has them; one whose controller has not caught up is left out, since nobody knows what it allows. */
export function rehearsedBudgets(budgets: readonly PodDisruptionBudget[]): ReadonlyMap<PodDisruptionBudget, RehearsedBudget> {
  return new Map(
    budgets.flatMap((budget) => {
      const { desiredHealthy: desired, currentHealthy: healthy, observedGeneration = 0 } = budget.status ?? {}
      if (desired === undefined || healthy === undefined || observedGeneration < (budget.metadata.generation ?? 0)) return []
      const key = `${budget.metadata.namespace}/${budget.metadata.name}`
      return [[budget, { key, desired, healthy, sparesUnready: budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' }]]
    }),
  )
}

export interface PodFacts {
  readonly owner: string
  readonly siblings: Map<RehearsedNode, number>
  readonly zones: readonly string[] | undefined
  /** Those that guard it. */
  readonly budgets: readonly RehearsedBudget[]
}

const DEFAULT_GRACE = 30

export function rehearsedPod(pod: Pod, { owner, siblings, zones, budgets }: PodFacts): RehearsedPod {
  const spec = pod.spec ?? {}
  const { namespace, name, labels = {}, ownerReferences = [] } = pod.metadata
  const ready = conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
  return {
    key: `${namespace}/${name}`,
    owner,
    siblings,
    replaced: ownerReferences.some(({ controller }) => controller === true),
    evictable: isEvictable(pod),
    spec,
    labels,
    shape: shapeOf(spec),
    cores: requested(spec, 'cpu'),
    bytes: requested(spec, 'memory'),
    grace: (spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE) * SECOND,
    zones,
    budgets,
    well: ready || spec.nodeName === undefined,
    ready,
  }
}

/** The pod that the controller makes in place of another. */
export function successorOf(pod: RehearsedPod, serial: number): RehearsedPod {
  return { ...pod, key: `${pod.key} (new ${serial})`, ready: false }
}

function shapeOf({ nodeSelector, affinity, tolerations }: PodSpec): string {
  return JSON.stringify([nodeSelector, affinity?.nodeAffinity, tolerations])
}

/** The larger of what the containers ask for together and what any init container asks for alone. */
function requested({ containers = [], initContainers = [] }: PodSpec, resource: 'cpu' | 'memory'): number {
  const of = (container: Container) => quantityOf(container.resources?.requests?.[resource]) ?? 0
  const together = containers.reduce((sum, container) => sum + of(container), 0)
  return Math.max(together, ...initContainers.map(of))
}
