import type { EksNodegroup } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingManaged, noGroupChanges } from './reading/nodes.ts'

/** Every group that moves is ACTIVE and EKS has nothing against it. */
export const nodegroupActive: CheckDefinition = {
  code: 'NODEGROUP_ACTIVE',
  title: 'Every node group of the run is ACTIVE without health issues',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeNodegroup'],
  notApplicable: noGroupChanges,
  prevents: 'EKS refuses to update a group that is not ACTIVE, and a group with health issues fails for reasons of its own.',
  remedy: 'See `aws eks describe-nodegroup --cluster-name CLUSTER --nodegroup-name GROUP --query nodegroup.health`.',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupHealth.html',
  evaluate: ({ snapshot, intent, plan }) => {
    const groups = changingManaged(intent)
    const found = groups.flatMap(({ name }) => {
      const group = snapshot.aws.nodegroups?.find((each) => each.nodegroupName === name)
      return judge(name, group, plan.cluster.name)
    })
    if (found.length > 0) return found
    return [
      { verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: `All ${groups.length} node groups of the run are ACTIVE.` },
    ]
  },
}

function judge(name: string, group: EksNodegroup | undefined, cluster: string): readonly CheckFinding[] {
  const subject = `NodeGroup/${name}`
  if (!group) return [{ verdict: 'unknown', subject, message: `Node group ${name} was not described.` }]
  const remedy = `See \`aws eks describe-nodegroup --cluster-name ${cluster} --nodegroup-name ${name} --query nodegroup.health\`.`
  const status: readonly CheckFinding[] =
    group.status === 'ACTIVE'
      ? []
      : [
          {
            verdict: 'block',
            subject,
            message: `${name} is ${group.status ?? 'in no state that EKS named'}, not ACTIVE: EKS would refuse its update.`,
            remedy,
          },
        ]
  const issues = (group.health?.issues ?? []).map((issue): CheckFinding => {
    const where = issue.resourceIds?.length ? ` (${issue.resourceIds.join(', ')})` : ''
    return {
      verdict: 'block',
      subject,
      message: `${name} has the health issue ${issue.code}${where}: ${issue.message ?? 'no message'}.`,
      remedy,
    }
  })
  return [...status, ...issues]
}
