import type { Action } from '../../../model/command.ts'
import type { Instant } from '../../../model/instant.ts'
import type { ReplacePace } from '../../../model/intent.ts'
import { type DrainStand, type HeldPod, heldWords } from '../../drain/drain.ts'
import type { Progress, StepMemory } from '../definition.ts'

interface Pacing {
  readonly step: { readonly pace: ReplacePace }
  readonly memory?: StepMemory
  readonly now: Instant
}

/** Pods are asked to leave, at once as far as budgets allow; past them only where the plan says after how long. */
export function evicting({ node, evict, held: stay }: DrainStand, { step, memory, now }: Pacing): readonly Action[] {
  const { blocked } = step.pace
  const since = memory?.draining[node] ?? now
  const forced =
    blocked.kind === 'force' && now - since >= blocked.after ? stay.filter(({ by }) => by !== 'finalizer' && by !== 'not-going') : []
  return [
    ...evict.map(({ namespace, name: pod, uid }): Action => ({ kind: 'evict-pod', namespace, pod, uid, node })),
    ...forced.map(({ pod: { namespace, name: pod, uid } }): Action => ({ kind: 'delete-pod', namespace, pod, uid, node })),
  ]
}

/** Drains that took too long, with every pod that holds one and what keeps it. `says` goes on after the names of the nodes, `after` ends it. */
export function held(overdue: readonly DrainStand[], says: string, after = ''): Progress {
  const pods = overdue.flatMap((stand) => stand.held)
  const nodes = overdue.map(({ node }) => node)
  const first = pods[0] === undefined ? 'its pods did not end' : heldWords(pods[0])
  const message = `${nodes.join(', ')} ${says}: ${first}${after}`
  return { kind: 'failed', failure: { cause: 'eviction-blocked', message, evidence: pods.map(evidenceOf), nodes } }
}

function evidenceOf(pod: HeldPod): { readonly subject: string; readonly says: string } {
  const [budget] = pod.budgets
  return { subject: budget === undefined ? `Pod/${pod.pod.key}` : `PodDisruptionBudget/${budget}`, says: heldWords(pod) }
}
