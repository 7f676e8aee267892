import { groupOfNode } from '../../model/groups-of-nodes.ts'
import type { Node } from '../../model/kubernetes.ts'
import type { CheckDefinition } from './definition.ts'
import { KINDS, kindOf } from './reading/compute-kinds.ts'
import { changingGroups, nodesOf } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** Every node is in a group that the plan has, or in none at all on purpose. */
export const untouchedNodes: CheckDefinition = {
  code: 'UNTOUCHED_NODES',
  title: 'Every node outside managed node groups is of a kind that looks after itself',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes'],
  prevents: 'Calling an upgrade done while nodes that no managed group has still run the old version: nobody moves self-managed ones.',
  remedy:
    'Name their Auto Scaling group in a wave of the plan (`nodeGroups: ["asg:NAME"]`, with `launchTemplateVersion` in its settings), or replace them by their own means.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/eks-compute.html',
  evaluate: ({ snapshot, intent, plan }) => {
    const nodes = nodesOf(snapshot)
    const outside = Map.groupBy(
      nodes.filter((node) => groupOfNode(node, snapshot) === undefined),
      kindOf,
    )
    const alone = KINDS.flatMap(({ kind, alone: nobodyMoves }) => (nobodyMoves ? (outside.get(kind) ?? []) : []))
    const byThemselves = KINDS.filter((each) => !each.alone).flatMap(({ kind }) => tell(kind, outside.get(kind) ?? []))
    const told = byThemselves.length === 0 ? '' : ` ${byThemselves.join(', ')}, which this run does not touch.`
    const found = {
      verdict: 'warn' as const,
      subject: `Cluster/${plan.cluster.name}`,
      message: `${count(alone.length, 'node')} in no managed group (${names(alone.map(nameAndVersion))}): this run does not touch ${alone.length === 1 ? 'it' : 'them'}.${told}`,
    }
    const moved = changingGroups(intent).length
    return foundOr(
      alone.length > 0 ? [found] : [],
      plan,
      `${count(nodes.length, 'node')}, ${count(moved, 'group')} of them to be moved.${told}`,
    )
  },
}

/** `2 Karpenter (a, b)` */
function tell(kind: string, nodes: readonly Node[]): readonly string[] {
  return nodes.length === 0 ? [] : [`${nodes.length} ${kind} (${names(nodes.map(({ metadata }) => metadata.name))})`]
}

function nameAndVersion(node: Node): string {
  const windows = kindOf(node) === 'Windows' ? 'Windows, ' : ''
  return `${node.metadata.name} at ${windows}${node.status?.nodeInfo?.kubeletVersion ?? 'no version that it tells'}`
}
