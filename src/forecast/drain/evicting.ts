import type { HeldPod } from '../../model/forecast.ts'
import { MINUTE, type Millis } from '../../model/instant.ts'
import type { AddressBook } from './address-book.ts'
import type { Agenda } from './agenda.ts'
import { leave, type RehearsedNode, settle } from './nodes.ts'
import type { OpenedCluster } from './opening.ts'
import { type Course, RETRY, stopOf } from './pace.ts'
import { isMisfit, type Places } from './placing.ts'
import { type RehearsedPod, successorOf } from './pods.ts'

/** After this EKS gives up with PodEvictionFailure: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
const DRAIN_LIMIT: Millis = 15 * MINUTE

export interface Evictor {
  /** Evicts what there is to evict, as long as EKS would; then says who was held. */
  readonly drain: (node: RehearsedNode, ended: (held: readonly HeldPod[]) => void) => void
  /** There is a new node: pods that found no place try again. */
  readonly roomCame: () => void
  readonly evictions: () => ReadonlyMap<string, number>
  readonly unplaced: () => readonly { readonly owner: string; readonly pods: number; readonly because: string }[]
}

interface Waiting {
  readonly pod: RehearsedPod
  because: string
  readonly since: Millis
}

/** Shorter waits are the ordinary case: a node is on its way. */
const A_MOMENT: Millis = 2 * MINUTE

interface Evicting {
  readonly agenda: Agenda
  readonly places: Places
  readonly course: Course
  readonly book: AddressBook
  readonly evictions: Map<string, number>
  readonly waiting: Map<RehearsedPod, Waiting>
  readonly unplaced: Map<string, { readonly owner: string; readonly pods: number; readonly because: string }>
  /** Budgets that kept a pod for too long already. */
  readonly hopeless: Set<string>
  serial: number
}

export function openEvictor(agenda: Agenda, { places, pending }: OpenedCluster, course: Course, book: AddressBook): Evictor {
  const state: Evicting = {
    agenda,
    places,
    course,
    book,
    evictions: new Map(),
    waiting: new Map(),
    unplaced: new Map(),
    hopeless: new Set(),
    serial: 0,
  }
  for (const pod of pending) comeUp(state, pod)
  return {
    drain: (node, ended) => drain(state, node, ended),
    roomCame() {
      for (const { pod } of [...state.waiting.values()]) comeUp(state, pod)
    },
    evictions: () => state.evictions,
    unplaced() {
      for (const wait of [...state.waiting.values()]) endWait(state, wait)
      return [...state.unplaced.values()]
    },
  }
}

/** The pod is bound, or waits; a while after it is bound it is ready. */
function comeUp(state: Evicting, pod: RehearsedPod): void {
  const { agenda, places, course, waiting, book } = state
  const place = places.find(pod)
  const known = waiting.get(pod)
  if (isMisfit(place)) {
    if (known) known.because = place.because
    else waiting.set(pod, { pod, because: place.because, since: agenda.now() })
    return
  }
  if (known) endWait(state, known)
  settle(place, pod)
  book.grown(place)
  agenda.after(course.pace.start, () => {
    if (!place.pods.has(pod)) return
    pod.running = pod.facts.running
    if (!pod.facts.well) return
    pod.ready = true
    for (const budget of pod.budgets) budget.healthy += 1
  })
}

function endWait({ agenda, waiting, unplaced }: Evicting, { pod, because, since }: Waiting): void {
  waiting.delete(pod)
  if (agenda.now() - since < A_MOMENT) return
  const known = unplaced.get(pod.facts.owner) ?? { owner: pod.facts.owner, pods: 0, because }
  unplaced.set(pod.facts.owner, { ...known, pods: known.pods + 1 })
}

function drain(state: Evicting, node: RehearsedNode, ended: (held: readonly HeldPod[]) => void): void {
  const { agenda } = state
  const until = agenda.now() + DRAIN_LIMIT
  const going = new Set<RehearsedPod>()
  const held: HeldPod[] = []
  const attempt = () => {
    const left = [...node.pods].filter((pod) => pod.facts.evictable)
    for (const pod of left) {
      if (going.has(pod) || !(mayGo(pod) || isHopeless(state, pod))) continue
      if (!mayGo(pod)) held.push(heldPod(state, pod))
      going.add(pod)
      evict(state, pod, node)
    }
    if (left.length === 0) ended(held)
    else if (agenda.now() < until) agenda.after(RETRY, attempt)
    else ended([...held, ...giveUp(state, node, left, going)])
  }
  attempt()
}

/** The rehearsal goes on as if somebody had taken away by hand what EKS could not. */
function giveUp(state: Evicting, node: RehearsedNode, left: readonly RehearsedPod[], going: ReadonlySet<RehearsedPod>): readonly HeldPod[] {
  const held = left.filter((pod) => !going.has(pod))
  const said = held.map((pod) => heldPod(state, pod))
  for (const { budgets } of held) state.hopeless.add(namesOf(budgets))
  for (const pod of held) evict(state, pod, node)
  for (const pod of left) leave(node, pod)
  return said
}

/** Budgets that held a pod for 15 minutes are not waited for again: the group is blocked, and its length would be that of waiting. */
function isHopeless({ hopeless }: Evicting, { budgets }: RehearsedPod): boolean {
  return budgets.length > 0 && hopeless.has(namesOf(budgets))
}

function namesOf(budgets: RehearsedPod['budgets']): string {
  return budgets.map(({ key }) => key).join('+')
}

function evict(state: Evicting, pod: RehearsedPod, node: RehearsedNode): void {
  state.evictions.set(pod.facts.owner, (state.evictions.get(pod.facts.owner) ?? 0) + 1)
  if (pod.ready) for (const budget of pod.budgets) budget.healthy -= 1
  pod.ready = false
  state.serial += 1
  const successor = pod.facts.replaced ? successorOf(pod, state.serial) : undefined
  // A StatefulSet waits for the name to be free; a ReplicaSet makes the next pod at once.
  const isOrdered = pod.facts.owner.startsWith('StatefulSet/')
  if (successor && !isOrdered) comeUp(state, successor)
  state.agenda.after(stopOf(state.course, pod.facts.grace), () => {
    leave(node, pod)
    if (successor && isOrdered) comeUp(state, successor)
    // One fewer of its kind may be what a spread or an anti-affinity waited for.
    for (const { pod: other } of [...state.waiting.values()]) if (other.siblings === pod.siblings) comeUp(state, other)
  })
}

function heldPod({ waiting }: Evicting, { key, facts: { owner }, budgets }: RehearsedPod): HeldPod {
  const [first] = budgets
  const others = [...waiting.values()].filter(({ pod }) => pod.budgets.some((budget) => budgets.includes(budget)))
  return {
    pod: key,
    owner,
    budgets: budgets.map((budget) => budget.key),
    healthy: first?.healthy ?? 0,
    desired: first?.desired ?? 0,
    waiting: others.map(({ pod, because }) => ({ pod: pod.key, because })),
  }
}

/** As the eviction API answers: what does not run yet whenever it is asked, two budgets never, an unready pod where the budget stands or does not ask, a ready one while there is one to spare. */
function mayGo(pod: RehearsedPod): boolean {
  const [budget, another] = pod.budgets
  if (budget === undefined || !pod.running) return true
  if (another !== undefined) return false
  if (pod.ready) return budget.healthy > budget.desired
  return budget.sparesUnready || (budget.desired > 0 && budget.healthy >= budget.desired) || budget.healthy > budget.desired
}
