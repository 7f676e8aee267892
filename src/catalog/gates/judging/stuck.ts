import type { Allocation } from '../../../model/allocation.ts'
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

/** `requested → branch created, not annotated: BranchENIAnnotationFailed: …`; undefined where nothing is known of its way. */
export function allocationWords(allocation: Allocation | undefined): string | undefined {
  if (allocation === undefined) return undefined
  const steps: readonly string[] = allocation.own ? OWN_STEPS : POOL_STEPS
  const at = steps.indexOf(allocation.reached)
  const why =
    allocation.stoppedBy === undefined
      ? ''
      : `: ${allocation.stoppedBy.startsWith('Branch') ? begun(allocation.stoppedBy) : shortened(allocation.stoppedBy)}`
  return `${steps.slice(0, at + 1).join(' → ')}, not ${steps[at + 1]}${why}`
}

/** With an interface of its own, and from the pool of the node. */
const OWN_STEPS = ['bound', 'requested', 'branch created', 'annotated', 'assigned'] as const
const POOL_STEPS = ['bound', 'requested', 'assigned'] as const

const LONGEST = 160

/** The kubelet says the cause last, behind the id of a sandbox that is gone by now. */
export function shortened(message: string): string {
  const told = message.replace(/sandbox "[0-9a-f]{12,}"/, 'its sandbox')
  return told.length > LONGEST ? `…${told.slice(-LONGEST)}` : told
}

/** The API server says first why it refuses, and shows the whole of what it refused behind that. */
function begun(message: string): string {
  return message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message
}

/**
 * How an untouched node fares with addresses. Without a pod that has one it tells nothing. Its pods have had theirs for long: a probe that
 * got none there says that any new pod gets none.
 */
export function addressControl(node: NodeFacts, input: GateInput<unknown>): Control['state'] | undefined {
  if (node.awsNodeExcluded !== undefined) return undefined
  const probes = input.probing.probes.filter(
    ({ spec, report }) => spec.node === node.name && spec.role === 'control' && report !== undefined,
  )
  if (stuckPods(node, input.now, 'cni').length > 0 || probes.at(-1)?.report?.kind === 'no-address') return 'fails'
  return node.addressedPods > 0 ? 'fine' : 'unreadable'
}
