import type { MoveStep } from '../../../model/replacement-steps.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../../model/seen.ts'
import { NO_MEMORY, type StepInput, type StepMemory } from '../definition.ts'
import type { Choice } from '../replacing/choosing.ts'
import { gapOf, type Old } from '../replacing/standing.ts'

export type MoveInput = Omit<StepInput<MoveStep>, 'acceptedAt' | 'updateId'>

/** How the move of workloads from one group to another stands. */
export interface Moving extends Choice {
  readonly to: GroupFacts
  /** Undefined where there is no such group: there is nothing to move. */
  readonly from?: GroupFacts
  /** Its nodes that are empty, out of service, and kept. */
  readonly kept: readonly NodeFacts[]
  /** How many nodes of it are to be empty. */
  readonly wanted: number
}

/** Whether the group that workloads go to is new and grows; on the way back it is the old one, which has never been scaled. */
export function isForward({ sizes }: MoveStep): boolean {
  return sizes !== undefined
}

/** Why nothing can be decided, or undefined: what cannot be seen could be anything. */
export function gapInMove({ step, seen }: Pick<MoveInput, 'step' | 'seen'>): Seen['unavailable'][number] | undefined {
  const own = new Set(['eks:ListNodegroups', ...[step.group, step.from].map((name) => `eks:DescribeNodegroup/${name}`)])
  return gapOf({ seen }) ?? seen.unavailable.find(({ source }) => own.has(source))
}

/** Undefined while the groups cannot be seen. */
export function movingOf(input: MoveInput): Moving | undefined {
  const { step, seen, memory = NO_MEMORY } = input
  const [to, from] = [seen.groups[step.group], seen.groups[step.from]]
  if (to === undefined || (from === undefined && isForward(step)) || gapInMove(input) !== undefined) return undefined
  const leaving = living(from)
  const kept = leaving.filter(isKept)
  const old = leaving.filter((node) => !isKept(node)).map(asOld)
  const fresh = living(to).map(asOld)
  const all = [...old, ...fresh]
  return {
    to,
    ...(from && { from }),
    kept,
    wanted: Math.min(step.upTo ?? leaving.length, leaving.length),
    old,
    fresh,
    draining: old.flatMap((each) => (memory.draining[each.node.name] === undefined ? [] : [each])),
    available: new Set(all.filter(({ node }) => serves(node, input)).map(({ member }) => member.instanceId)),
    size: isForward(step) ? leaving.length : fresh.length,
    // Nodes that are through count as those that others terminate: they say how far the first batch is.
    memory: { ...memory, terminated: Object.fromEntries(kept.map(({ name }) => [name, 0])) } satisfies StepMemory,
  }
}

export function living(group: GroupFacts | undefined): readonly NodeFacts[] {
  return (group?.nodes ?? []).filter(({ deleting }) => !deleting)
}

/** Someone may have put it back into service, or pods that tolerate anything may have come. */
function isKept({ kept, cordoned, evictablePods }: NodeFacts): boolean {
  return kept === true && cordoned && evictablePods === 0
}

/** A node counts as an instance of its own: groups of EKS do not show theirs. */
function asOld(node: NodeFacts): Old & { readonly node: NodeFacts } {
  const member = {
    instanceId: node.instanceId ?? node.name,
    lifecycle: 'InService',
    protected: false,
    ...(node.zone && { zone: node.zone }),
  }
  return { member, node }
}

function serves(node: NodeFacts, { proven, memory = NO_MEMORY }: MoveInput): boolean {
  if (node.cordoned || memory.draining[node.name] !== undefined || node.ready !== 'True') return false
  return proven?.(node) ?? false
}
