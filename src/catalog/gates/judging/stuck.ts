import { type Instant, SECOND } from '../../../model/instant.ts'
import type { NodeFacts, WaitingPod } from '../../../model/seen.ts'
import type { GateInput } from '../definition.ts'
import type { Control } from './item.ts'

/** A pod that waits for an address so long is stuck. */
export const STUCK_AFTER = 120 * SECOND

/** Pods that have waited too long, by cause. */
export function stuckPods(node: NodeFacts, now: Instant, cause: WaitingPod['cause']): readonly WaitingPod[] {
  return node.waitingPods.filter((pod) => pod.cause === cause && now - pod.boundAt >= STUCK_AFTER)
}

/** How an untouched node fares with addresses. Without a pod that has one it tells nothing. */
export function addressControl(node: NodeFacts, input: GateInput<unknown>): Control['state'] | undefined {
  if (node.awsNodeExcluded !== undefined) return undefined
  if (stuckPods(node, input.now, 'cni').length > 0) return 'fails'
  return node.addressedPods > 0 ? 'fine' : 'unreadable'
}
