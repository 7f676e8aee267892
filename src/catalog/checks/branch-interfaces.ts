import type { GroupIntent } from '../../model/intent.ts'
import type { Node } from '../../model/kubernetes.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { branchInterfacesOf } from '../knowledge/branch-interfaces.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, groupNameOf, nodesOf } from './reading/nodes.ts'
import { BRANCH_RESOURCE } from './reading/pod-network.ts'
import { unlessUsed } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'
import { branchesPerNode } from './reading/zone-needs.ts'

/** Pods with a security group of their own find branch interfaces on the new nodes. */
export const branchInterfaces: CheckDefinition = {
  code: 'BRANCH_INTERFACES',
  title: 'Where security groups for pods are in use, new nodes have branch interfaces for as many pods as the old ones',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:daemonsets'],
  notApplicable: unlessUsed(({ podEni }) =>
    podEni ? undefined : 'Security groups for pods are not in use: ENABLE_POD_ENI is not "true".',
  ),
  prevents:
    'Pods that stay Pending with "Insufficient vpc.amazonaws.com/pod-eni" after their drain: the new instance type has no trunk, or room for fewer branch interfaces; those just given back rest for a minute.',
  remedy: 'Use an instance type that carries a trunk with enough branch interfaces; no t type does.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html',
  evaluate: ({ snapshot, plan, intent }) => {
    const groups = changingGroups(intent)
    const found = groups.flatMap((group) => judge(snapshot, group))
    return foundOr(found, plan, `${count(groups.length, 'node group')}, each with branch interfaces for the pods that its nodes carry.`)
  },
}

function judge(snapshot: ClusterSnapshot, group: GroupIntent): readonly CheckFinding[] {
  const subject = `NodeGroup/${group.name}`
  const needed = branchesPerNode(snapshot, group)
  if (needed === 0) return trunkless(snapshot, group)
  const limits = group.instanceTypes.map((type) => ({ type, branches: branchInterfacesOf(type) }))
  const unknown = limits.filter(({ branches }) => branches === undefined)
  const short = limits.filter(({ branches = needed }) => branches < needed)
  const asked = `Nodes of ${group.name} carry ${count(needed, 'pod')} with a branch interface on average`
  return [
    ...short.map(
      ({ type, branches = 0 }): CheckFinding => ({
        verdict: branches === 0 ? 'block' : 'warn',
        subject,
        message: branches === 0 ? `${asked}; ${type} has no trunk, so none of them could run there.` : `${asked}; ${type} has ${branches}.`,
      }),
    ),
    ...(unknown.length === 0
      ? []
      : [
          {
            verdict: 'unknown' as const,
            subject,
            message: `${asked}; how many ${names(unknown.map(({ type }) => type))} has is not known: EC2 does not tell, and the table here lacks it.`,
            remedy:
              'Compare with `kubectl get nodes -o custom-columns=NAME:.metadata.name,BRANCH:.status.allocatable.vpc\\.amazonaws\\.com/pod-eni`.',
          },
        ]),
    ...trunkless(snapshot, group),
  ]
}

/** Nodes whose type has a trunk, and that never showed one. */
function trunkless(snapshot: ClusterSnapshot, group: GroupIntent): readonly CheckFinding[] {
  const nodes = nodesOf(snapshot).filter((node) => groupNameOf(node) === group.name)
  const without = nodes.filter((node) => Number(node.status?.allocatable?.[BRANCH_RESOURCE] ?? 0) === 0)
  const capable = group.instanceTypes.every((type) => (branchInterfacesOf(type) ?? 0) > 0)
  if (!capable || without.length === 0) return []
  const shown = names(without.map(({ metadata }: Node) => metadata.name))
  return [
    {
      verdict: 'warn',
      subject: `NodeGroup/${group.name}`,
      message: `${without.length} of ${count(nodes.length, 'node')} of ${group.name} (${shown}) show no ${BRANCH_RESOURCE}: their trunk never came, so pods with a security group of their own do not run there.`,
      remedy: 'See why: `kubectl get events -A --field-selector reason=TrunkENICreationFailed`; new nodes would fail alike.',
    },
  ]
}
