import { MINUTE } from '../model/instant.ts'
import { keyedId } from '../model/keyed.ts'
import type { NodeLogPolicy } from '../model/plan.ts'
import type { ProbeSpec } from '../model/probe.ts'
import { type Context, undiagnosed } from './context.ts'

/** What a pod may take to be placed, to pull its image and to print a file. */
const DEADLINE = 2 * MINUTE

/** Pods that read ipamd.log on nodes of a failure whose cause is to be looked for; none unless the plan allows it. */
export function logReadersWanted(context: Context): readonly ProbeSpec[] {
  const { itinerary, state, batch, batchState, seen } = context
  const policy = itinerary.source.plan.diagnosis?.nodeLogs
  const failing = undiagnosed(context)?.nodes ?? []
  if (policy === undefined || batch === undefined || failing.length === 0) return []
  const nodes = new Map(
    [...Object.values(seen.groups).flatMap((group) => group.nodes), ...seen.otherNodes].map((node) => [node.name, node] as const),
  )
  const epoch = batchState.epoch ?? 0
  return failing
    .flatMap((name) => nodes.get(name) ?? [])
    .filter(({ deleting, awsNodeExcluded }) => !deleting && awsNodeExcluded === undefined)
    .slice(0, policy.maxNodes)
    .map(({ name, uid }) =>
      logReader(policy, name, { run: state.run, batch: batch.id, epoch, id: keyedId(12, state.run, batch.id, uid, epoch) }),
    )
}

interface For {
  readonly run: string
  readonly batch: string
  readonly epoch: number
  readonly id: string
}

/** A pod that prints the end of ipamd.log of a node. */
export function logReader({ namespace, image }: NodeLogPolicy, node: string, { id, ...of }: For): ProbeSpec {
  const role = 'log-reader'
  return {
    ...of,
    name: `serin-log-${id}`,
    gate: 'diagnosis',
    namespace,
    image,
    node,
    role,
    attempt: 1,
    taints: [],
    checks: [],
    lasting: 0,
    deadline: DEADLINE,
  }
}
