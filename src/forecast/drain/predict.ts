import type { BoundPod } from '../../model/bound-pod.ts'
import type { Millis } from '../../model/instant.ts'
import type { BudgetFacts } from '../../model/seen.ts'
import { RETRY, stopOf, USUAL } from './pace.ts'

/**
 * How long the drain of one node takes at the pace of a forecast: the pod that ends last, or the turns in which a budget lets its pods
 * go, of which each waits until the successor of the one before is ready. What orders nodes while a run goes on and what was forecast
 * for it are so of one mind; only a rehearsal knows where the successors find room.
 */
export function predictDrain(pods: readonly BoundPod[], guardsOf: (pod: BoundPod) => readonly BudgetFacts[]): Millis {
  const leaving = pods.filter(({ stays }) => stays === undefined)
  const turns = new Map<BudgetFacts, BoundPod[]>()
  for (const pod of leaving) {
    const [budget] = guardsOf(pod)
    if (budget !== undefined) turns.set(budget, [...(turns.get(budget) ?? []), pod])
  }
  const queues = [...turns].map(([{ disruptionsAllowed }, guarded]) => {
    const rounds = Math.ceil(guarded.length / Math.max(1, disruptionsAllowed))
    // A StatefulSet makes the next pod only when the one before has ended, others at once.
    const ended = Math.max(0, ...guarded.map((pod) => (pod.owner?.startsWith('StatefulSet/') ? endOf(pod) : 0)))
    return (rounds - 1) * (ended + USUAL.start + RETRY) + Math.max(...guarded.map(endOf))
  })
  return Math.max(0, ...leaving.map(endOf), ...queues)
}

function endOf({ grace }: BoundPod): Millis {
  return stopOf({ pace: USUAL }, grace)
}
