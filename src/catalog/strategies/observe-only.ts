import { HOUR } from '../../model/instant.ts'
import type { ObservedPool } from '../../model/intent.ts'
import type { ObserveStep } from '../../model/observe-step.ts'
import type { StrategyDefinition } from './definition.ts'

/** Compute that others move: it is said what happens and what a person has to do, it is watched, and its nodes are gated like any. */
export const observeOnly: StrategyDefinition = {
  kind: 'observe-only',
  fits: 'observed',
  summary:
    'For Karpenter, EKS Auto Mode, Fargate and hybrid nodes, which a wave names as `karpenter:POOL`, `auto-mode:POOL`, `fargate:all` or `hybrid:all`: Serin says what will happen by itself and what a person has to do, waits for it, and gates the nodes that come. It never acts on them.',
  rollback: 'Nothing is changed, so nothing is taken back: what leads back is said, and is done by those who own the nodes.',
  waysBack: [
    {
      what: 'Karpenter',
      image: 'by the owner: an earlier alias or an AMI by id in the EC2NodeClass, at the pace of the budgets',
      minor: 'by the owner: an AMI by id, name or tag before the control plane goes back; an alias follows by itself after it',
      call: 'none',
      restrictions: '`nodes: "0"` budgets, `karpenter.sh/do-not-disrupt` and PodDisruptionBudgets hold it.',
      otherwise: 'A gate that fails on such nodes holds the run and takes nothing back.',
    },
    {
      what: 'EKS Auto Mode',
      image: 'no: EKS chooses',
      minor: 'with the control plane: its nodes go back first, by themselves',
      call: 'none',
      restrictions: 'Budgets, PodDisruptionBudgets and do-not-disrupt are honoured, with `force` too.',
      otherwise: 'As for Karpenter.',
    },
    {
      what: 'Fargate',
      image: 'no: EKS chooses',
      minor: 'by the owner: pods made anew after the control plane has gone back',
      call: 'none',
      restrictions: 'Pods at the new minor block the way back of the control plane.',
      otherwise: 'As for Karpenter.',
    },
    {
      what: 'Hybrid nodes',
      image: 'by the owner',
      minor: 'by the owner, with `nodeadm`, before the control plane',
      call: 'none',
      restrictions: 'None of EKS.',
      otherwise: 'As for Karpenter.',
    },
  ],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/eks-compute.html',
  move: ({ name, zones }) => ({ group: name, maxUnavailable: 1, surge: 0, updateStrategy: 'MINIMAL', zones }),
  // No group is moved by it: pools have steps of their own.
  steps: () => [],
}

/** How long nodes may take to come to their version before a person is asked, unless the plan says. */
const WITHIN = 4 * HOUR

export function observeStep(pool: ObservedPool, batchId: string): ObserveStep {
  const { name, minor, behind, there, happens, person, timeout = WITHIN } = pool
  return {
    kind: 'observe-nodes',
    id: `${batchId}/${name}`,
    title: `${name}: ${behind.length} of ${there.length} nodes have to come to ${minor}`,
    group: name,
    minor,
    behind,
    there,
    happens,
    person,
    timeout,
    wayBack: { exists: 'yes', how: 'nothing is changed by it' },
    forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
  }
}
