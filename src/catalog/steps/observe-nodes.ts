import { MINUTE } from '../../model/instant.ts'
import type { ObserveStep } from '../../model/observe-step.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'

/** Waits until nodes that nobody moves have come to the minor by their own means, and does nothing to them. */
export const observeNodes: StepDefinition<'observe-nodes'> = {
  kind: 'observe-nodes',
  title: 'Watch nodes that come to their version by themselves, or by somebody else',
  reversibility: 'reversible',
  call: ({ happens, person }) => `none. By itself: ${happens}. By a person: ${person}`,
  actions: () => [],
  repeats: { every: MINUTE },
  progress: ({ step, seen }) => {
    const gap = seen.unavailable.find(({ source }) => source === 'kubernetes:nodes')
    if (gap !== undefined) return { kind: 'in-progress', because: `${gap.source} cannot be read (${gap.reason})` }
    const behind = nodesOfPool(step, seen).filter(({ kubeletMinor }) => kubeletMinor !== step.minor)
    return behind.length === 0 ? { kind: 'done' } : { kind: 'in-progress', because: words(step, behind, seen) }
  },
  tells: ({ step, seen }) =>
    words(
      step,
      nodesOfPool(step, seen).filter(({ kubeletMinor }) => kubeletMinor !== step.minor),
      seen,
    ),
  compensate: () => undefined,
}

function words(step: ObserveStep, behind: readonly NodeFacts[], seen: Seen): string {
  const all = nodesOfPool(step, seen).length
  return `${step.group}: ${all - behind.length} of ${all} nodes run ${step.minor}. By itself: ${step.happens}. By a person: ${step.person}`
}

function nodesOfPool({ group }: ObserveStep, { otherNodes }: Seen): readonly NodeFacts[] {
  return otherNodes.filter(({ pool, deleting }) => pool === group && !deleting)
}

/** The nodes that have come to their version since the run was planned: what gates judge. */
export function isObserved(node: NodeFacts, { group, minor, behind, there }: ObserveStep): boolean {
  return node.pool === group && node.kubeletMinor === minor && (behind.includes(node.name) || !there.includes(node.name))
}
