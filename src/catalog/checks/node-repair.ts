import type { CheckDefinition } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** EKS does not replace nodes by itself while gates look at them. */
export const nodeRepair: CheckDefinition = {
  code: 'NODE_REPAIR',
  title: 'Node auto repair is off for the groups of the run',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeNodegroup'],
  notApplicable: noGroupChanges,
  prevents:
    'Nodes that vanish while their failure is being looked at: EKS replaces what is not Ready, or whose networking is not, and with it goes the evidence; the replacement fails in the same way.',
  remedy:
    '`aws eks update-nodegroup-config --cluster-name CLUSTER --nodegroup-name GROUP --node-repair-config enabled=false` for the length of the run.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/node-health.html',
  evaluate: ({ snapshot, plan, intent }) => {
    const groups = changingGroups(intent).map(({ name }) => name)
    const repaired = (snapshot.aws.nodegroups ?? [])
      .filter(({ nodegroupName, nodeRepairConfig }) => nodeRepairConfig?.enabled === true && groups.includes(nodegroupName ?? ''))
      .map(({ nodegroupName }) => nodegroupName ?? '')
    const [first] = repaired
    if (first === undefined) return foundOr([], plan, `${count(groups.length, 'node group')}, none repaired by EKS.`)
    return [
      {
        verdict: 'warn',
        subject: `Cluster/${plan.cluster.name}`,
        message: `Node auto repair is on for ${names(repaired)}: EKS replaces a node of theirs that is not Ready, or whose networking fails, while a gate still judges it.`,
        remedy: `\`aws eks update-nodegroup-config --cluster-name ${plan.cluster.name} --nodegroup-name ${first} --node-repair-config enabled=false\` for the length of the run${repaired.length > 1 ? ', likewise for the others' : ''}.`,
      },
    ]
  },
}
