import type { CheckDefinition } from './definition.ts'
import { changingGroups } from './reading/nodes.ts'
import { describeUpdate, openUpdates } from './reading/updates.ts'

/** Nobody else updates a node group now. */
export const nodegroupUpdate: CheckDefinition = {
  code: 'NODEGROUP_UPDATE',
  title: 'No node group update is in progress',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListUpdates'],
  prevents:
    'A managed update cannot be stopped: a second one gets 409, and nodes replaced by somebody else look like the work of this run.',
  remedy: 'Wait for it: `aws eks describe-update --name CLUSTER --nodegroup-name GROUP --update-id ID`.',
  source: 'https://github.com/aws/containers-roadmap/issues/1531',
  evaluate: ({ snapshot, intent, plan }) => {
    const ours = new Set(changingGroups(intent).map((group) => group.name))
    const open = openUpdates(snapshot).filter((update) => update.nodegroupName !== undefined)
    if (open.length === 0)
      return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: 'No node group update is in progress.' }]
    return open.map((update) => {
      const group = update.nodegroupName ?? ''
      const inPlan = ours.has(group)
      const consequence = inPlan
        ? 'EKS would refuse ours with 409.'
        : 'The run does not touch this group, but its nodes are no steady control.'
      return {
        verdict: inPlan ? 'block' : 'warn',
        subject: `NodeGroup/${group}`,
        message: `EKS updates ${group} already: ${describeUpdate(update)}. ${consequence}`,
        remedy: `Wait for it: \`aws eks describe-update --name ${plan.cluster.name} --nodegroup-name ${group} --update-id ${update.id}\`.`,
      }
    })
  },
}
