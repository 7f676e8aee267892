import type { NodeAccounts } from './node-accounts.ts'
import type { Shape } from './node-shapes.ts'
import type { PodObject } from './objects.ts'
import type { PodDetail } from './pod-spec.ts'
import type { Filter } from './scheduling-filters.ts'

/**
 * The scheduler's sentence, every node accounted for by the first filter that refuses it:
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: 0/3 nodes are available: …`.
 * A pod that is pinned to a node asks no other one. `unless` is a reason that holds for every node alike; `preempts` says that others
 * make way, and then the sentence about preemption is left out. Rule: FitError in k8s.io/kubernetes/pkg/scheduler/framework/types.go.
 */
export function whyNoNode(
  accounts: NodeAccounts,
  shape: Shape,
  pod: PodObject,
  filters: readonly Filter[],
  { unless, preempts = false }: { readonly unless?: string; readonly preempts?: boolean } = {},
): string {
  const total = accounts.size()
  if (total === 0) return 'no nodes available to schedule pods'
  const opening = `0/${total} nodes are available:`
  if (unless !== undefined) return `${opening} ${unless}. ${preemption(pod, total, total)}`
  const counts = new Map<string, number>()
  const add = (reason: string) => counts.set(reason, (counts.get(reason) ?? 0) + 1)
  let hopeless = 0
  for (const hindrance of shape.obstacles.values()) {
    if (hindrance === undefined) continue
    hopeless++
    add(hindrance)
  }
  const unasked = total - shape.obstacles.size
  if (unasked > 0) counts.set("node(s) didn't satisfy plugin(s) [NodeAffinity]", unasked)
  hopeless += unasked
  for (const account of shape.open.values()) {
    const refusal = firstRefusal(filters, account)
    for (const reason of refusal?.reasons ?? []) add(reason)
    if (refusal?.hopeless) hopeless++
  }
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  const sentence = `${opening} ${reasons.join(', ')}.`
  return preempts ? sentence : `${sentence} ${preemption(pod, total, hopeless)}`
}

function firstRefusal(filters: readonly Filter[], account: Parameters<Filter>[0]): ReturnType<Filter> {
  for (const filter of filters) {
    const refusal = filter(account)
    if (refusal) return refusal
  }
  return undefined
}

/** No victims were found: when some are, nothing is said of it. Rule: plugins/defaultpreemption. */
function preemption(pod: PodObject, total: number, hopeless: number): string {
  if ((pod.spec as PodDetail | undefined)?.preemptionPolicy === 'Never') return 'preemption: not eligible due to preemptionPolicy=Never.'
  const parts = [
    ...(total > hopeless ? [`${total - hopeless} No preemption victims found for incoming pod`] : []),
    ...(hopeless > 0 ? [`${hopeless} Preemption is not helpful for scheduling`] : []),
  ]
  return `preemption: 0/${total} nodes are available: ${parts.sort().join(', ')}.`
}
