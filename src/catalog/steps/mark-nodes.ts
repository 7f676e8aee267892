import type { MarkStep } from '../../model/itinerary.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'

/** Serin's own taint; whatever carries its prefix is removed when the run ends. */
const FAILING_TAINT = 'serin.dev/aws-node-failing'

/**
 * Keeps new pods away from nodes on which aws-node fails, until it has gone back. A taint of ours and never a cordon:
 * ipamd does no ENI work on unschedulable nodes (amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go).
 */
export const markNodes: StepDefinition<'mark-nodes'> = {
  kind: 'mark-nodes',
  title: 'Keep new pods away from nodes on which aws-node fails',
  reversibility: 'reversible',
  call: (step) => `kubernetes:PATCH nodes ${step.nodes.join(', ')} (taint ${FAILING_TAINT}:NoSchedule)`,
  actions: ({ step, seen }) => unmarked(step, seen).map(({ name }) => ({ kind: 'taint-node', node: name, key: FAILING_TAINT })),
  progress: ({ step, seen }) =>
    unmarked(step, seen).length === 0 ? { kind: 'done' } : { kind: 'in-progress', because: 'failing nodes are being tainted' },
  compensate: () => undefined,
}

/** Nodes of the step that still exist and do not carry the taint. */
function unmarked(step: MarkStep, seen: Seen): readonly NodeFacts[] {
  const nodes = [...Object.values(seen.groups).flatMap((group) => group.nodes), ...seen.otherNodes]
  return nodes.filter((node) => step.nodes.includes(node.name) && !node.deleting && !node.ourTaints.includes(FAILING_TAINT))
}
