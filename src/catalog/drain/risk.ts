import type { BoundPod } from '../../model/bound-pod.ts'

/**
 * Nodes that carry what is missed at once come after the others: pods that nobody makes again, and those of StatefulSets,
 * which wait for their volumes.
 */
export function riskOf(pods: readonly BoundPod[]): 0 | 1 {
  const leaving = pods.filter(({ stays }) => stays === undefined)
  return leaving.some(({ owner }) => owner === undefined || owner.startsWith('StatefulSet/')) ? 1 : 0
}
