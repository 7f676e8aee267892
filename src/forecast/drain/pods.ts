import { type Millis, SECOND } from '../../model/instant.ts'
import { type Container, conditionOf, type Pod, type PodDisruptionBudget, type PodSpec, selectorMatches } from '../../model/kubernetes.ts'
import { quantityOf } from '../../model/quantity.ts'
import { isEvictable } from './evictable.ts'
import type { RehearsedNode } from './nodes.ts'
import { oneCopy } from './one-copy.ts'

/** What a pod is, read from the snapshot once for all rehearsals. */
export interface PodFacts {
  /** `shop/web-6d4c-1` */
  readonly key: string
  /** `Deployment/shop/web`; its own name for a pod without a controller. */
  readonly owner: string
  /** Undefined while it waits for a place. */
  readonly node: string | undefined
  /** Made anew when it is evicted. */
  readonly replaced: boolean
  /** Goes in a drain; pods of DaemonSets and the like stay until their node ends. */
  readonly evictable: boolean
  readonly spec: PodSpec
  /** Pods of one shape fit the same classes of nodes. */
  readonly shape: string
  /** Hard rules among the pods of its owner. */
  readonly rules: readonly PlacingRule[]
  readonly cores: number
  readonly bytes: number
  readonly grace: Millis
  /** Zones its volumes are in; undefined where they are in none. */
  readonly zones: readonly string[] | undefined
  /** Those that guard it. */
  readonly guards: readonly PodDisruptionBudget[]
  /** Its containers run, or will where it waits for a place: what is Pending on a node stays so elsewhere. */
  readonly running: boolean
  readonly ready: boolean
  /** It was ready, so those in its place will be; what is not well here will not be well elsewhere. */
  readonly well: boolean
}

export interface PlacingRule {
  readonly key: string
  /** 0 stands for required anti-affinity: none beside another. */
  readonly maxSkew: number
  /** With fewer values of the topology than this each may have no more than `maxSkew`. */
  readonly minDomains?: number
}

/** A pod while a drain is rehearsed. */
export interface RehearsedPod {
  readonly facts: PodFacts
  /** Its name, or what it is called that comes in its place. */
  readonly key: string
  /** How many pods of the same owner each node has; one map for all of them. */
  readonly siblings: Map<RehearsedNode, number>
  readonly budgets: readonly RehearsedBudget[]
  running: boolean
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

const DEFAULT_GRACE = 30

type Surroundings = 'owner' | 'zones' | 'guards'

/** A pod that did not change is the same object in the next snapshot: what it says itself is read once. */
const known = new WeakMap<Pod, Omit<PodFacts, Surroundings>>()

export function factsOf(pod: Pod, surroundings: Pick<PodFacts, Surroundings>): PodFacts {
  const own = known.get(pod) ?? ownFacts(pod)
  known.set(pod, own)
  return { ...own, ...surroundings }
}

function ownFacts(pod: Pod): Omit<PodFacts, Surroundings> {
  const spec = pod.spec ?? {}
  const { namespace, name, labels = {}, ownerReferences = [] } = pod.metadata
  const ready = conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
  return {
    key: `${namespace}/${name}`,
    node: spec.nodeName,
    replaced: ownerReferences.some(({ controller }) => controller === true),
    evictable: isEvictable(pod),
    spec,
    shape: shapeOf(spec),
    rules: rulesOf(spec, labels),
    cores: requested(spec, 'cpu'),
    bytes: requested(spec, 'memory'),
    grace: (spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE) * SECOND,
    running: pod.status?.phase !== 'Pending' || spec.nodeName === undefined,
    ready,
    well: ready || spec.nodeName === undefined,
  }
}

/** The pod that the controller makes in place of another. */
export function successorOf({ facts, siblings, budgets }: RehearsedPod, serial: number): RehearsedPod {
  return { facts, key: `${facts.key} (new ${serial})`, siblings, budgets, running: false, ready: false }
}

function shapeOf({ nodeSelector, affinity, tolerations }: PodSpec): string {
  return oneCopy(JSON.stringify([nodeSelector, affinity?.nodeAffinity, tolerations]))
}

/** Required anti-affinity is a spread that allows none. */
function rulesOf(spec: PodSpec, labels: Readonly<Record<string, string>>): readonly PlacingRule[] {
  const apart = (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter(({ labelSelector }) => selectorMatches(labelSelector, labels))
    .map(({ topologyKey }) => ({ key: topologyKey, maxSkew: 0 }))
  const spread = (spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable, labelSelector }) => whenUnsatisfiable !== 'ScheduleAnyway' && selectorMatches(labelSelector, labels))
    .map(({ topologyKey = '', maxSkew = 1, minDomains = 1 }) => ({ key: topologyKey, maxSkew, minDomains }))
  return [...apart, ...spread]
}

/** The larger of what the containers ask for together and what any init container asks for alone. */
function requested({ containers = [], initContainers = [] }: PodSpec, resource: 'cpu' | 'memory'): number {
  const of = (container: Container) => quantityOf(container.resources?.requests?.[resource]) ?? 0
  const together = containers.reduce((sum, container) => sum + of(container), 0)
  return Math.max(together, ...initContainers.map(of))
}
