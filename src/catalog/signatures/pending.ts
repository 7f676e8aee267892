import type { ClusterFacts, PodFact } from './facts.ts'

/** Pods that the scheduler turns away for want of branch interfaces. */
export function pendingForBranch({ unscheduled }: ClusterFacts): readonly PodFact[] {
  return unscheduled.filter(({ asksForBranch, says }) => asksForBranch && /Insufficient vpc\.amazonaws\.com\/pod-eni/.test(says))
}
