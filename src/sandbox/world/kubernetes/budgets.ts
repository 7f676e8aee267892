import { selectorMatches } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import { budgetCounts } from './budget-rule.ts'
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
}

/** Keeps the status of PodDisruptionBudgets: at once, since the next eviction of the same instant asks it. */
export function createBudgets(ground: Ground): Budgets {
  const { store } = ground
  const namespaces = new Map<string, Namespace>()
  const replicas = new Map<string, number | undefined>()

  function of(namespace = ''): Namespace {
    const here = namespaces.get(namespace) ?? { budgets: new Map(), matching: new WeakMap() }
    namespaces.set(namespace, here)
    return here
  }

  function matching(pod: PodObject): readonly GuardedPods[] {
    const here = of(pod.metadata.namespace)
    const labels = pod.metadata.labels ?? NO_LABELS
    const known = here.matching.get(labels)
    if (known) return known
    const found = [...here.budgets.values()].filter(({ budget }) => selectorMatches(budget.spec?.selector, labels))
    here.matching.set(labels, found)
    return found
  }

  function seeBudget({ type, object }: StoreEvent): void {
    const budget = object as BudgetObject
    const here = of(object.metadata.namespace)
    const known = here.budgets.get(keyOf(object))
    if (type !== 'DELETED' && known?.budget.metadata.generation === budget.metadata.generation && known) {
      known.budget = budget
      return
    }
    here.matching = new WeakMap()
    here.budgets.delete(keyOf(object))
    if (type === 'DELETED') return
    const guarded = createGuardedPods(budget)
    here.budgets.set(keyOf(object), guarded)
    for (const pod of store.list('Pod') as PodObject[]) if (matching(pod).includes(guarded)) guarded.put(pod)
    assess(guarded)
  }

  function seePod({ type, object }: StoreEvent): void {
    const pod = object as PodObject
    for (const guarded of matching(pod)) recount(guarded, type, pod)
  }

  function recount(guarded: GuardedPods, type: StoreEvent['type'], pod: PodObject): void {
    const [healthy, size] = [guarded.healthy(), guarded.size()]
    if (type === 'DELETED') guarded.take(keyOf(pod))
    else guarded.put(pod)
    if (healthy !== guarded.healthy() || size !== guarded.size()) assess(guarded)
  }

  /** A workload was scaled: budgets that count what controllers ask for change with it. */
  function seeWorkload({ type, object }: StoreEvent): void {
    const wanted = type === 'DELETED' ? undefined : (object as WorkloadObject).spec?.replicas
    if (replicas.get(object.metadata.uid) === wanted) return
    replicas.set(object.metadata.uid, wanted)
    for (const guarded of of(object.metadata.namespace).budgets.values()) assess(guarded)
  }

  function assess(guarded: GuardedPods): void {
    const { budget } = guarded
    const subjects = { pods: guarded.size(), healthy: guarded.healthy(), scale: scaleOf(guarded.owners()) }
    const counts = budgetCounts(budget.spec ?? {}, subjects)
    const allowed = counts.disruptionsAllowed > 0
    const condition = {
      type: 'DisruptionAllowed',
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    }
    store.update('PodDisruptionBudget', budget.metadata.namespace, budget.metadata.name, (current) => {
      const before = (current.status as { conditions?: never } | undefined)?.conditions
      const conditions = [dated(condition, before, ground.timeline.now())]
      return { ...current, status: { ...counts, observedGeneration: current.metadata.generation, conditions } }
    })
  }

  function scaleOf(owners: Iterable<PodObject>): number {
    const scales = new Map<string, number>()
    for (const pod of owners) {
      const root = rootOf(pod)
      scales.set((root ?? pod).metadata.uid, root ? (root.spec?.replicas ?? 1) : 1)
    }
    return [...scales.values()].reduce((sum, scale) => sum + scale, 0)
  }

  /** The object with the scale of a pod: its controller, or the Deployment above its ReplicaSet. */
  function rootOf(pod: PodObject): WorkloadObject | undefined {
    const { namespace } = pod.metadata
    const owner = controllerOf(pod)
    const controller = owner && (store.get(owner.kind, namespace, owner.name) as WorkloadObject | undefined)
    const above = controller && controllerOf(controller)
    const deployment = above && (store.get(above.kind, namespace, above.name) as WorkloadObject | undefined)
    return deployment ?? controller
  }

  return {
    handle(event) {
      const { kind } = event.object
      if (kind === 'PodDisruptionBudget') seeBudget(event)
      else if (kind === 'Pod') seePod(event)
      else if (kind === 'Deployment' || kind === 'StatefulSet') seeWorkload(event)
    },
    guarding: (pod) =>
      matching(pod).flatMap(({ budget: { metadata } }) => {
        const budget = store.get('PodDisruptionBudget', metadata.namespace, metadata.name) as BudgetObject | undefined
        return budget ?? []
      }),
  }
}

const NO_LABELS = {}
