import { type Pod, type PodDisruptionBudget, selectorMatches } from '../../model/kubernetes.ts'
import type { BudgetFacts } from '../../model/seen.ts'
import type { Changes } from './changes.ts'
import { KeyedSets } from './keyed-sets.ts'
import { podFacts } from './pod-facts.ts'
import { sameOr } from './same-list.ts'
import { SortedList } from './sorted-list.ts'
import { budgetFacts } from './workloads.ts'

type GuardedPod = BudgetFacts['pods'][number]

interface Guard {
  budget: PodDisruptionBudget
  readonly selector: string
  readonly pods: SortedList<GuardedPod>
  facts?: BudgetFacts
}

/** Budgets and the pods they guard; looks only at what changed. */
export class BudgetIndex {
  readonly #workloadOf: (pod: Pod) => string | undefined
  readonly #podsOf = new KeyedSets<Pod>()
  readonly #guards = new Map<string, Map<string, Guard>>()
  /** By namespace, then by the labels of pods; forgotten when a budget of the namespace comes, goes or asks for others. */
  readonly #matching = new Map<string, WeakMap<Labels, readonly Guard[]>>()
  #list: readonly BudgetFacts[] = []

  /** @param workloadOf the workload behind a pod, `Deployment/shop/web` */
  constructor(workloadOf: (pod: Pod) => string | undefined) {
    this.#workloadOf = workloadOf
  }

  takePods({ removed, added }: Changes<Pod>): void {
    const stays = new Map(added.map((pod) => [podFacts(pod).key, pod]))
    for (const pod of removed) {
      this.#podsOf.remove(namespaceOf(pod), pod)
      const { key } = podFacts(pod)
      const after = stays.get(key)
      const still = after === undefined ? NOBODY : this.#guarding(after)
      for (const guard of this.#guarding(pod)) if (!still.includes(guard)) guard.pods.remove(key)
    }
    for (const pod of added) {
      this.#podsOf.add(namespaceOf(pod), pod)
      for (const guard of this.#guarding(pod)) this.#put(guard, pod)
    }
  }

  /** Those whose selectors match. Pods of one owner share their labels, and a pod keeps its own: most are not looked for again. */
  #guarding({ metadata }: Pod): readonly Guard[] {
    const { namespace = '', labels = NO_LABELS } = metadata
    const known = this.#matching.get(namespace) ?? new WeakMap<Labels, readonly Guard[]>()
    this.#matching.set(namespace, known)
    const found = known.get(labels) ?? matching(this.#guards.get(namespace), labels)
    known.set(labels, found)
    return found
  }

  #guardsIn(namespace: string): Map<string, Guard> {
    const known = this.#guards.get(namespace)
    if (known !== undefined) return known
    const made = new Map<string, Guard>()
    this.#guards.set(namespace, made)
    return made
  }

  #put({ pods }: Guard, pod: Pod): void {
    const { key, ended } = podFacts(pod)
    if (ended) return void pods.remove(key)
    const [node, owner] = [pod.spec?.nodeName, this.#workloadOf(pod)]
    const before = pods.get(key)
    if (before === undefined || before.node !== node || before.owner !== owner) pods.put(key, { pod: key, node, owner })
  }

  /** @param ownersChanged whether the workload behind any pod may be another one now */
  renew(budgets: readonly PodDisruptionBudget[], ownersChanged: boolean): readonly BudgetFacts[] {
    const list = budgets.map((budget) => this.#renewed(budget, ownersChanged))
    this.#podsOf.settle()
    this.#forgetAllBut(budgets)
    this.#list = sameOr(this.#list, list)
    return this.#list
  }

  #renewed(budget: PodDisruptionBudget, ownersChanged: boolean): BudgetFacts {
    const guard = this.#guardOf(budget, ownersChanged)
    const pods = guard.pods.values()
    if (guard.facts !== undefined && guard.budget === budget && guard.facts.pods === pods) return guard.facts
    guard.budget = budget
    guard.facts = budgetFacts(budget, pods)
    return guard.facts
  }

  #guardOf(budget: PodDisruptionBudget, ownersChanged: boolean): Guard {
    const guards = this.#guardsIn(namespaceOf(budget))
    const known = guards.get(budget.metadata.name)
    const selector = JSON.stringify(budget.spec?.selector ?? null)
    if (known?.selector === selector && !ownersChanged) return known
    const made: Guard = { budget, selector, pods: known?.selector === selector ? known.pods : new SortedList(), facts: known?.facts }
    guards.set(budget.metadata.name, made)
    this.#matching.delete(namespaceOf(budget))
    for (const pod of this.#podsOf.of(namespaceOf(budget)))
      if (selectorMatches(budget.spec?.selector, pod.metadata.labels)) this.#put(made, pod)
    return made
  }

  /** A run lasts for days, and budgets come and go. */
  #forgetAllBut(budgets: readonly PodDisruptionBudget[]): void {
    const total = [...this.#guards.values()].reduce((sum, guards) => sum + guards.size, 0)
    if (total === budgets.length) return
    const there = new Set(budgets.map((budget) => `${namespaceOf(budget)}/${budget.metadata.name}`))
    for (const [namespace, guards] of this.#guards) {
      for (const name of guards.keys()) if (!there.has(`${namespace}/${name}`)) guards.delete(name)
      if (guards.size === 0) this.#guards.delete(namespace)
      this.#matching.delete(namespace)
    }
  }
}

type Labels = Readonly<Record<string, string>>

const NO_LABELS: Labels = {}
const NOBODY: readonly Guard[] = []

function matching(guards: ReadonlyMap<string, Guard> | undefined, labels: Labels): readonly Guard[] {
  return [...(guards?.values() ?? [])].filter(({ budget }) => selectorMatches(budget.spec?.selector, labels))
}

function namespaceOf({ metadata }: Pod | PodDisruptionBudget): string {
  return metadata.namespace ?? ''
}
