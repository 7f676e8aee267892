import type { Budgets } from './budgets.ts'
import { type NodeAccount, withoutPods } from './node-account.ts'
import type { Shape } from './node-shapes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, keyOf } from './objects.ts'
import type { Filter } from './scheduling-filters.ts'

/**
 * Room for a pod by ending pods of a lower priority (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/;
 * rule: k8s.io/kubernetes/pkg/scheduler/framework/plugins/defaultpreemption). Only room and host ports are won so: what spreading and
 * affinity refuse stays refused, our simplification.
 */
export interface Preemption {
  readonly account: NodeAccount
  readonly victims: readonly PodObject[]
}

export interface PreemptionCase {
  readonly priority: number
  readonly shape: Shape
  /** What victims can change, and what they cannot. */
  readonly room: readonly Filter[]
  readonly rest: readonly Filter[]
  readonly podsOn: (node: string) => readonly PodObject[]
  readonly priorityOf: (pod: PodObject) => number
  readonly guarding: Budgets['guarding']
}

interface Candidate extends Preemption {
  readonly violations: number
  /** From the highest down. */
  readonly priorities: readonly number[]
  /** When the first of the most important ones was made. */
  readonly since: string
}

/** The node where the least is lost; undefined when there is none. */
export function findPreemption(wanted: PreemptionCase): Preemption | undefined {
  const candidates = [...wanted.shape.open.values()].flatMap((account) => candidateOn(wanted, account) ?? [])
  return candidates.sort(leastLossFirst)[0]
}

function candidateOn(wanted: PreemptionCase, account: NodeAccount): Candidate | undefined {
  const { priority, priorityOf, room } = wanted
  if (wanted.rest.some((filter) => filter(account) !== undefined)) return undefined
  const lower = wanted.podsOn(account.node.metadata.name).filter((pod) => priorityOf(pod) < priority && hasRoom(pod))
  const fitsWithout = (gone: readonly PodObject[]) => {
    const trial = withoutPods(account, gone)
    return room.every((filter) => filter(trial) === undefined)
  }
  if (lower.length === 0 || !fitsWithout(lower)) return undefined
  return spared(wanted, account, lower, fitsWithout)
}

function hasRoom({ status }: PodObject): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

/** Of the pods that could go the most important ones stay, those first whose budget would be broken. */
function spared(
  { priorityOf, guarding }: PreemptionCase,
  account: NodeAccount,
  lower: readonly PodObject[],
  fitsWithout: (gone: readonly PodObject[]) => boolean,
): Candidate {
  const ranked = [...lower].sort((a, b) => priorityOf(b) - priorityOf(a) || compare(startOf(a), startOf(b)) || compare(keyOf(a), keyOf(b)))
  const violating = violatingOf(ranked, guarding)
  const victims = new Set(ranked)
  for (const pod of [...ranked.filter((each) => violating.has(each)), ...ranked.filter((each) => !violating.has(each))]) {
    victims.delete(pod)
    if (!fitsWithout([...victims])) victims.add(pod)
  }
  const gone = ranked.filter((pod) => victims.has(pod))
  const priorities = gone.map(priorityOf)
  const highest = gone.filter((pod) => priorityOf(pod) === priorities[0])
  return {
    account,
    victims: gone,
    violations: gone.filter((pod) => violating.has(pod)).length,
    priorities,
    since: highest.map(startOf).sort(compare)[0] ?? '',
  }
}

/** Pods whose budgets do not allow that they go, counted as if they went in this order. */
function violatingOf(pods: readonly PodObject[], guarding: Budgets['guarding']): ReadonlySet<PodObject> {
  const allowed = new Map<string, number>()
  const violating = new Set<PodObject>()
  for (const pod of pods) {
    if (isTerminating(pod)) continue
    for (const budget of guarding(pod)) {
      const left = (allowed.get(keyOf(budget)) ?? budget.status?.disruptionsAllowed ?? 0) - 1
      allowed.set(keyOf(budget), left)
      if (left < 0) violating.add(pod)
    }
  }
  return violating
}

function startOf({ status, metadata }: PodObject): string {
  return (status as { readonly startTime?: string } | undefined)?.startTime ?? metadata.creationTimestamp
}

/** Fewest broken budgets, then the least important victims, the fewest, the youngest; then by name, where the real one takes any. */
function leastLossFirst(a: Candidate, b: Candidate): number {
  const sum = ({ priorities }: Candidate) => priorities.reduce((total, priority) => total + priority + 2 ** 31, 0)
  return (
    a.violations - b.violations ||
    (a.priorities[0] ?? Number.NEGATIVE_INFINITY) - (b.priorities[0] ?? Number.NEGATIVE_INFINITY) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    compare(b.since, a.since) ||
    compare(a.account.node.metadata.name, b.account.node.metadata.name)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
