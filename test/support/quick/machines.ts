import { type Instant, type Millis, SECOND } from '../../../src/model/instant.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, KEEP_FROM_AUTOSCALER, KEPT, LEAVING_TAINT, RETIRED } from '../../../src/model/kubernetes.ts'
import type { BudgetFacts, NodeFacts } from '../../../src/model/seen.ts'
import type { Fate, WorkloadChoice } from './choice.ts'
import type { Timers } from './timers.ts'

/** An instance with its node, once it has joined. */
export interface Machine {
  readonly id: string
  readonly name: string
  /** The group as plans name it. */
  readonly group: string
  /** The group whose workloads run here. */
  readonly home: string
  readonly zone: string
  /** What it was launched from: `1` before the run, `2` after it. */
  readonly version: string
  readonly launchedAt: Instant
  readonly fate: Fate
  lifecycle: 'Pending' | 'InService' | 'Terminating'
  /** When its node became Ready; undefined while there is none. */
  joinedAt?: Instant
  protected: boolean
  cordoned: boolean
  readonly labels: Set<string>
  readonly annotations: Map<string, string>
  readonly taints: Set<string>
  unwellUntil: Instant
  hangsUntil: Instant
  recoveredAt: Instant
  readonly pods: Set<RunningPod>
  /** Changed by somebody while the run went on: whose it was cannot be told afterwards. */
  handled: boolean
  /** The run has taken it out of service at some time. */
  wasRetired: boolean
  facts?: NodeFacts
}

export interface RunningPod {
  readonly uid: string
  readonly workload: Workload
  node?: Machine
  /** When it is ready; never on a node whose network fails. */
  readyAt: Instant
  leavesAt?: Instant
}

export interface Workload extends WorkloadChoice {
  readonly name: string
  readonly homeName?: string
  readonly pods_: Set<RunningPod>
}

const STARTS: Millis = 5 * SECOND

/** Nodes, pods and budgets of a quick cluster. */
export class Machines {
  readonly all = new Map<string, Machine>()
  readonly workloads: Workload[] = []
  frozenUntil: Instant = 0
  readonly #timers: Timers
  readonly #pending = new Set<RunningPod>()
  #made = 0
  #budgets?: readonly BudgetFacts[]

  constructor(timers: Timers) {
    this.#timers = timers
  }

  get now(): Instant {
    return this.#timers.now
  }

  of(group: string): readonly Machine[] {
    return [...this.all.values()].filter((machine) => machine.group === group)
  }

  add(machine: Machine): Machine {
    this.all.set(machine.name, machine)
    return machine
  }

  /** Something about it, or about its pods, has changed. */
  touch(machine: Machine): void {
    delete machine.facts
    this.#budgets = undefined
  }

  join(machine: Machine, at: Instant = this.now): void {
    machine.joinedAt = at
    this.touch(machine)
    this.placeAll()
  }

  isReady({ joinedAt, unwellUntil, fate }: Machine): boolean {
    return joinedAt !== undefined && unwellUntil <= this.now && fate !== 'silent'
  }

  takesPods(machine: Machine): boolean {
    const { cordoned, lifecycle, taints } = machine
    const closed = [...taints].some((key) => key !== LEAVING_TAINT)
    return this.isReady(machine) && !cordoned && !closed && lifecycle !== 'Terminating'
  }

  networkFails({ fate, hangsUntil }: Machine): boolean {
    return fate === 'hangs' || hangsUntil > this.now
  }

  addWorkload(choice: WorkloadChoice, name: string, homeName: string | undefined): void {
    const workload: Workload = { ...choice, name, ...(homeName !== undefined && { homeName }), pods_: new Set() }
    this.workloads.push(workload)
    for (let count = 0; count < choice.pods; count++) this.#make(workload)
    for (const pod of workload.pods_) if (pod.node !== undefined) pod.readyAt = this.now
  }

  #make(workload: Workload): void {
    this.#made += 1
    const pod: RunningPod = { uid: `${workload.name}-${this.#made}`, workload, readyAt: Number.POSITIVE_INFINITY }
    workload.pods_.add(pod)
    this.#pending.add(pod)
    this.#budgets = undefined
    this.#place(pod)
  }

  placeAll(): void {
    for (const pod of [...this.#pending]) this.#place(pod)
  }

  /** On the emptiest node that takes it, those that nobody prefers others to first. */
  #place(pod: RunningPod): void {
    const { homeName } = pod.workload
    let best: Machine | undefined
    for (const machine of this.all.values()) {
      if ((homeName !== undefined && machine.home !== homeName) || !this.takesPods(machine)) continue
      if (best === undefined || rank(machine) < rank(best)) best = machine
    }
    if (best === undefined) return
    this.#pending.delete(pod)
    pod.node = best
    best.pods.add(pod)
    pod.readyAt = this.networkFails(best) ? Number.POSITIVE_INFINITY : this.now + STARTS
    this.touch(best)
    this.#timers.after(STARTS, () => pod.node !== undefined && this.touch(pod.node))
  }

  isHealthy({ node, readyAt, leavesAt }: RunningPod): boolean {
    return node !== undefined && leavesAt === undefined && readyAt <= this.now && node.unwellUntil <= this.now
  }

  healthyOf({ pods_ }: Workload): number {
    let count = 0
    for (const pod of pods_) if (this.isHealthy(pod)) count += 1
    return count
  }

  budgets(): readonly BudgetFacts[] {
    this.#budgets ??= this.workloads.flatMap((workload) => (workload.budget === undefined ? [] : [this.#budgetOf(workload)]))
    return this.#budgets
  }

  #budgetOf(workload: Workload): BudgetFacts {
    const { pods, budget = 0, name, pods_ } = workload
    const currentHealthy = this.healthyOf(workload)
    const desiredHealthy = pods - budget
    const disruptionsAllowed = this.now < this.frozenUntil ? 0 : Math.max(0, currentHealthy - desiredHealthy)
    const guarded = [...pods_].map(({ uid, node }) => ({ pod: `shop/${uid}`, ...(node && { node: node.name }) }))
    return { key: `shop/${name}`, disruptionsAllowed, currentHealthy, desiredHealthy, pods: guarded }
  }

  freezeBudgets(span: Millis): void {
    this.frozenUntil = this.now + span
    this.#budgets = undefined
    this.#timers.after(span, () => {
      this.#budgets = undefined
    })
  }

  /** What the API server answers to an eviction. */
  evict(uid: string): 'gone' | 'held' | 'accepted' {
    const pod = this.find(uid)
    if (pod?.node === undefined) return 'gone'
    if (pod.leavesAt !== undefined) return 'accepted'
    const { workload } = pod
    if (workload.budget !== undefined) {
      const { disruptionsAllowed, currentHealthy, desiredHealthy } = this.#budgetOf(workload)
      const sick = !this.isHealthy(pod) && desiredHealthy > 0 && currentHealthy >= desiredHealthy
      if (!sick && disruptionsAllowed < 1) return 'held'
    }
    this.#leave(pod)
    return 'accepted'
  }

  find(uid: string): RunningPod | undefined {
    for (const { pods_ } of this.workloads) for (const pod of pods_) if (pod.uid === uid) return pod
    return undefined
  }

  /** It ends after its grace; its successor is made at once. */
  #leave(pod: RunningPod): void {
    pod.leavesAt = this.now + pod.workload.grace
    if (pod.node !== undefined) this.touch(pod.node)
    this.#make(pod.workload)
    this.#timers.after(pod.workload.grace, () => this.#forget(pod))
  }

  #forget(pod: RunningPod): void {
    pod.workload.pods_.delete(pod)
    this.#pending.delete(pod)
    pod.node?.pods.delete(pod)
    if (pod.node !== undefined) this.touch(pod.node)
  }

  /** Whatever a budget says. */
  deletePod(uid: string): void {
    const pod = this.find(uid)
    if (pod?.node !== undefined && pod.leavesAt === undefined) this.#leave(pod)
  }

  /** Its pods end with it; their successors find another place. */
  remove(machine: Machine): void {
    if (!this.all.delete(machine.name)) return
    for (const pod of [...machine.pods]) {
      this.#forget(pod)
      if (pod.leavesAt === undefined) this.#make(pod.workload)
    }
  }

  ail(machine: Machine, span: Millis): void {
    machine.unwellUntil = this.now + span
    this.touch(machine)
    this.#timers.after(span, () => {
      machine.recoveredAt = this.now
      this.touch(machine)
      this.placeAll()
    })
  }

  hang(machine: Machine, span: Millis): void {
    machine.hangsUntil = this.now + span
    this.touch(machine)
    this.#timers.after(span, () => {
      machine.recoveredAt = this.now
      this.touch(machine)
    })
  }

  cordon(machine: Machine, closed: boolean): void {
    machine.cordoned = closed
    this.touch(machine)
    if (!closed) this.placeAll()
  }
}

function rank({ taints, pods }: Machine): number {
  return (taints.has(LEAVING_TAINT) ? 1_000 : 0) + pods.size
}

/** Taken out of service by the run: to be emptied, being so, or emptied and kept. */
export function isRetired({ annotations }: Machine): boolean {
  return annotations.has(RETIRED)
}

export function isKept({ annotations }: Machine): boolean {
  return annotations.get(RETIRED) === KEPT
}

/** What of a node's cordon, labels, annotations and taints a person can see. */
export function marksOf({ cordoned, labels, annotations, taints }: Machine): readonly string[] {
  return [
    ...(cordoned ? ['cordoned'] : []),
    ...(labels.has(EXCLUDE_FROM_BALANCERS_LABEL) ? ['excluded'] : []),
    ...(annotations.has(KEEP_FROM_AUTOSCALER) ? ['kept from the autoscaler'] : []),
    ...(annotations.has(RETIRED) ? ['retired'] : []),
    ...[...taints].map((key) => `taint ${key}`),
  ].sort()
}
