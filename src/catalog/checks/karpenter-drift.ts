import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noControlPlaneStep } from './reading/control-plane.ts'
import { budgetsOf, budgetsPatch, forbidsDrift, imageOfPool, type NodePool, nodePools } from './reading/karpenter.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Karpenter does not replace its nodes because the control plane moves. */
export const karpenterDrift: CheckDefinition = {
  code: 'KARPENTER_DRIFT',
  title: 'No Karpenter pool replaces its nodes by itself when the control plane moves',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodepools', 'kubernetes:ec2nodeclasses'],
  notApplicable: noControlPlaneStep,
  prevents:
    'Every node of a pool rolled at once after the control plane, outside canary and gates: an AMI alias follows the minor of the control plane, a pinned one too. And nodes at the new minor close the way back.',
  remedy:
    "Let nothing drift meanwhile: a budget of `nodes: '0'` for the reason `Drifted`, or an EC2NodeClass that selects AMIs by id, name or tag.",
  source: 'https://karpenter.sh/docs/tasks/managing-amis/',
  evaluate: ({ snapshot, plan }) => {
    const pools = nodePools(snapshot)
    const found = pools.flatMap((pool) => judge(pool, snapshot))
    return foundOr(
      found,
      plan,
      pools.length === 0 ? 'There is no Karpenter pool.' : `${count(pools.length, 'Karpenter pool')}, none of which would drift.`,
    )
  },
}

function judge(pool: NodePool, snapshot: ClusterSnapshot): readonly CheckFinding[] {
  const subject = `NodePool/${pool.metadata.name}`
  if (budgetsOf(pool).some(forbidsDrift)) return []
  const image = imageOfPool(pool, snapshot)
  if (image.by === 'auto-mode') return [ofAutoMode(subject)]
  if (image.by === 'unknown') {
    const message = `Which AMIs ${pool.metadata.name} takes is not known: its EC2NodeClass ${image.nodeClass} was not found.`
    return [{ verdict: 'unknown', subject, message }]
  }
  return image.follows.length === 0 ? [] : [drifting(subject, pool, image.nodeClass, image.follows)]
}

/** They go back with the control plane, so that its way back stays open. */
function ofAutoMode(subject: string): CheckFinding {
  return {
    verdict: 'warn',
    subject,
    message: 'EKS Auto Mode replaces the nodes of this pool when the control plane has moved, at a pace of its own and outside the gates.',
    remedy: 'Nothing to do where its budgets and those of its pods fit; a rollback takes the nodes back before the control plane.',
  }
}

function drifting(subject: string, pool: NodePool, nodeClass: string, following: readonly string[]): CheckFinding {
  const { name } = pool.metadata
  // The budgets that are there stay: a merge patch replaces the whole list.
  const patch = budgetsPatch(name, [...budgetsOf(pool), { nodes: '0', reasons: ['Drifted'] }])
  return {
    verdict: 'block',
    subject,
    message: `Nodes of ${name} drift when the control plane moves: ${nodeClass} selects its AMI by ${following.join(', ')}, which follows its minor, and no budget keeps \`Drifted\` at 0.`,
    remedy: `\`${patch}\`; take it back after the run, when these nodes may follow.`,
  }
}
