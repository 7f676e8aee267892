import { selectorMatches } from '../../../model/kubernetes.ts'
import type { ObjectStore, StoreEvent } from '../../contract.ts'
import { type BudgetCounts, budgetCounts } from './budget-rule.ts'
import type { Ground } from './ground.ts'
import type { GuardedPods } from './guarded-pods.ts'
import { createGuardedPods } from './guarded-pods.ts'
import type { BudgetObject, PodObject, WorkloadObject } from './objects.ts'
import { controllerOf, keyOf } from './objects.ts'
import { dated } from './pod-status.ts'

/** The budgets of one namespace. Which of them match is remembered per labels object: the pods of a template share it. */
interface Namespace {
  readonly budgets: Map<string, GuardedPods>
  matching: WeakMap<object, readonly GuardedPods[]>
}

export interface Budgets {
  handle(event: StoreEvent): void
  /** Budgets whose selector matches a pod, with their status as of now. */
  guarding(pod: PodObject): readonly BudgetObject[]
  /** Writes their status as of now. */
  settle(pod: PodObject): void
}

/** How long a status waits for more pods to change, in milliseconds: thousands do in a minute. */
const STATUS_DELAY = 1_000

/**
 * Keeps the status of PodDisruptionBudgets. Evictions go by what they count at any moment; what is written follows within a second, after an
 * eviction through the API at once.
 */
export class BudgetKeeper implements Budgets {
  readonly #ground: Ground
  readonly #store: ObjectStore
  readonly #namespaces = new Map<string, Namespace>()
  readonly #guarding = new Map<string, readonly GuardedPods[]>()
  readonly #replicas = new Map<string, number | undefined>()
  /** Budgets whose status is behind. */
  readonly #behind = new Map<string, GuardedPods>()
  readonly #queue: { readonly add: (key: string) => void }

  constructor(ground: Ground) {
    this.#ground = ground
    this.#store = ground.store
    this.#queue = ground.queue('disruption', STATUS_DELAY, (uid) => this.#catchUp(uid))
  }

  #of(namespace = ''): Namespace {
    const here = this.#namespaces.get(namespace) ?? { budgets: new Map(), matching: new WeakMap() }
    this.#namespaces.set(namespace, here)
    return here
  }

  #matching(pod: PodObject): readonly GuardedPods[] {
    const here = this.#of(pod.metadata.namespace)
    const labels = pod.metadata.labels ?? NO_LABELS
    const known = here.matching.get(labels)
    if (known) return known
    const found = [...here.budgets.values()].filter(({ budget }) => selectorMatches(budget.spec?.selector, labels))
    here.matching.set(labels, found)
    return found
  }

  #seeBudget({ type, object }: StoreEvent): void {
    const budget = object as BudgetObject
    const here = this.#of(object.metadata.namespace)
    const known = here.budgets.get(keyOf(object))
    if (type !== 'DELETED' && known?.budget.metadata.generation === budget.metadata.generation && known) {
      known.budget = budget
      return
    }
    here.matching = new WeakMap()
    here.budgets.delete(keyOf(object))
    this.#behind.delete(object.metadata.uid)
    if (type === 'DELETED') return
    const guarded = createGuardedPods(budget)
    here.budgets.set(keyOf(object), guarded)
    for (const pod of this.#store.list('Pod') as PodObject[]) if (this.#matching(pod).includes(guarded)) guarded.put(pod)
    this.#assess(guarded)
  }

  #seePod({ type, object }: StoreEvent): void {
    const pod = object as PodObject
    const { uid } = pod.metadata
    const [before, now] = [this.#guarding.get(uid), this.#matching(pod)]
    if (type === 'DELETED') this.#guarding.delete(uid)
    else if (before !== now) this.#guarding.set(uid, now)
    // A pod that got other labels leaves the budgets it belonged to.
    if (before !== now) for (const guarded of before ?? []) if (!now.includes(guarded)) this.#recount(guarded, 'DELETED', pod)
    for (const guarded of now) this.#recount(guarded, type, pod)
  }

  #recount(guarded: GuardedPods, type: StoreEvent['type'], pod: PodObject): void {
    const [healthy, size] = [guarded.healthy(), guarded.size()]
    if (type === 'DELETED') guarded.take(pod.metadata.uid)
    else guarded.put(pod)
    if (healthy === guarded.healthy() && size === guarded.size()) return
    const { uid } = guarded.budget.metadata
    this.#behind.set(uid, guarded)
    this.#queue.add(uid)
  }

  #catchUp(uid: string): void {
    const guarded = this.#behind.get(uid)
    if (guarded) this.#assess(guarded)
  }

  /** A workload was scaled: budgets that count what controllers ask for change with it. */
  #seeWorkload({ type, object }: StoreEvent): void {
    const wanted = type === 'DELETED' ? undefined : (object as WorkloadObject).spec?.replicas
    if (this.#replicas.get(object.metadata.uid) === wanted) return
    this.#replicas.set(object.metadata.uid, wanted)
    for (const guarded of this.#of(object.metadata.namespace).budgets.values()) this.#assess(guarded)
  }

  #assess(guarded: GuardedPods): void {
    const { budget } = guarded
    this.#behind.delete(budget.metadata.uid)
    // A budget that goes with its namespace is gone before this keeper is told, and its pods may be told of first.
    if (this.#store.get('PodDisruptionBudget', budget.metadata.namespace, budget.metadata.name) === undefined) return
    const counts = this.#countsOf(guarded)
    const allowed = counts.disruptionsAllowed > 0
    const condition = {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    }
    this.#store.update('PodDisruptionBudget', budget.metadata.namespace, budget.metadata.name, (current) => {
      const before = (current.status as { conditions?: never } | undefined)?.conditions
      const conditions = [dated(condition, before, this.#ground.timeline.now())]
      return { ...current, status: { ...counts, observedGeneration: current.metadata.generation, conditions } }
    })
  }

  #countsOf(guarded: GuardedPods): BudgetCounts {
    const subjects = { pods: guarded.size(), healthy: guarded.healthy(), scale: this.#scaleOf(guarded.owners()) }
    return budgetCounts(guarded.budget.spec ?? {}, subjects)
  }

  #scaleOf(owners: Iterable<PodObject>): number {
    const scales = new Map<string, number>()
    for (const pod of owners) {
      const root = this.#rootOf(pod)
      scales.set((root ?? pod).metadata.uid, root ? (root.spec?.replicas ?? 1) : 1)
    }
    return [...scales.values()].reduce((sum, scale) => sum + scale, 0)
  }

  /** The object with the scale of a pod: its controller, or the Deployment above its ReplicaSet. */
  #rootOf(pod: PodObject): WorkloadObject | undefined {
    const { namespace } = pod.metadata
    const owner = controllerOf(pod)
    const controller = owner && (this.#store.get(owner.kind, namespace, owner.name) as WorkloadObject | undefined)
    const above = controller && controllerOf(controller)
    const deployment = above && (this.#store.get(above.kind, namespace, above.name) as WorkloadObject | undefined)
    return deployment ?? controller
  }

  handle(event: StoreEvent): void {
    const { kind } = event.object
    if (kind === 'PodDisruptionBudget') this.#seeBudget(event)
    else if (kind === 'Pod') this.#seePod(event)
    else if (kind === 'Deployment' || kind === 'StatefulSet') this.#seeWorkload(event)
  }

  guarding(pod: PodObject): readonly BudgetObject[] {
    return this.#matching(pod).flatMap((guarded) => {
      const { metadata } = guarded.budget
      const budget = this.#store.get('PodDisruptionBudget', metadata.namespace, metadata.name) as BudgetObject | undefined
      if (budget === undefined) return []
      return this.#behind.has(metadata.uid) ? { ...budget, status: { ...budget.status, ...this.#countsOf(guarded) } } : budget
    })
  }

  settle(pod: PodObject): void {
    for (const { budget } of this.#matching(pod)) this.#catchUp(budget.metadata.uid)
  }
}

const NO_LABELS = {}
