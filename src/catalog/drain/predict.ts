import type { BoundPod } from '../../model/bound-pod.ts'
import { type Millis, SECOND } from '../../model/instant.ts'
import type { BudgetFacts } from '../../model/seen.ts'

/** From the end of a pod until its successor is ready and its budget allows the next. Estimate. */
const SUCCESSOR: Millis = 45 * SECOND

/**
 * How long the drain of a node will take, at a guess that only has to order nodes: the longest grace of a pod, or the turns
 * that a budget lets its pods go in.
 */
export function predictDrain(pods: readonly BoundPod[], guardsOf: (pod: BoundPod) => readonly BudgetFacts[]): Millis {
  const leaving = pods.filter(({ stays }) => stays === undefined)
  const graces = leaving.map(({ grace }) => grace)
  const turns = new Map<BudgetFacts, BoundPod[]>()
  for (const pod of leaving) {
    const [budget] = guardsOf(pod)
    if (budget !== undefined) turns.set(budget, [...(turns.get(budget) ?? []), pod])
  }
  const queues = [...turns].map(([{ disruptionsAllowed }, guarded]) => {
    const rounds = Math.ceil(guarded.length / Math.max(1, disruptionsAllowed))
    return rounds * Math.max(...guarded.map(({ grace }) => grace)) + (rounds - 1) * SUCCESSOR
  })
  return Math.max(0, ...graces, ...queues)
}

/**
 * Nodes that carry what is missed at once come after the others: pods that nobody makes again, and those of StatefulSets,
 * which wait for their volumes.
 */
export function riskOf(pods: readonly BoundPod[]): 0 | 1 {
  const leaving = pods.filter(({ stays }) => stays === undefined)
  return leaving.some(({ owner }) => owner === undefined || owner.startsWith('StatefulSet/')) ? 1 : 0
}
