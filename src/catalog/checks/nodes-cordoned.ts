import { KEPT, type Node, RETIRED } from '../../model/kubernetes.ts'
import type { CheckDefinition } from './definition.ts'
import { namesToType, nodesTogether } from './reading/compute-kinds.ts'
import { nodesOf } from './reading/nodes.ts'
import { count } from './reading/wording.ts'

/** No node is cordoned before the run. */
export const nodesCordoned: CheckDefinition = {
  code: 'NODE_CORDONED',
  title: 'No node is cordoned before the run',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes'],
  prevents:
    'Less room than it seems, and a leftover of an earlier update taken for one of this run. ipamd does no interface work on such nodes.',
  remedy: '`kubectl uncordon NODE`, unless somebody keeps it so on purpose.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#aws_manage_enis_non_schedulable-v1126',
  evaluate: ({ snapshot, plan }) => {
    const nodes = nodesOf(snapshot)
    // What a run keeps out of service itself is told by that run.
    const isOurs = (node: Node) => node.metadata.annotations?.[RETIRED] === KEPT
    const cordoned = nodes.filter((node) => node.spec?.unschedulable === true && !isOurs(node))
    const subject = `Cluster/${plan.cluster.name}`
    if (cordoned.length === 0) return [{ verdict: 'pass', subject, message: `None of ${count(nodes.length, 'node')} is cordoned.` }]
    return nodesTogether(cordoned, snapshot).map(({ subject: where, nodes: members, which }) => ({
      verdict: 'warn',
      subject: where,
      message:
        `${which} cordoned: no pod comes there, and aws-node attaches no interfaces to them. ` +
        'They are remembered as cordoned and left so, on the way back too.',
      remedy: `\`kubectl uncordon ${namesToType(members)}\`, unless somebody keeps them so on purpose.`,
    }))
  },
}
