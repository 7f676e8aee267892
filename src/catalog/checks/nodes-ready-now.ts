import { type Condition, conditionOf, type Node } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { type NodesTogether, nodesTogether } from './reading/compute-kinds.ts'
import { nodesOf } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Every node is Ready before anything moves. */
export const nodesReadyNow: CheckDefinition = {
  code: 'NODE_NOT_READY',
  title: 'Every node is Ready before the run',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes'],
  prevents: 'Blaming the run for what was broken before, and a budget that has nothing left because a node is already away.',
  remedy: 'See why: `kubectl describe node NODE`; replace it, or take it out of the cluster.',
  source: 'https://kubernetes.io/docs/reference/node/node-status/#condition',
  evaluate: ({ snapshot, plan }) => {
    const nodes = nodesOf(snapshot)
    const unready = nodes.filter((node) => readyOf(node)?.status !== 'True')
    return foundOr(nodesTogether(unready, snapshot).map(warned), plan, `${count(nodes.length, 'node')}, every one Ready.`)
  },
}

/** Ready=Unknown is not Ready: the kubelet has not been heard of. */
function readyOf({ status }: Node): Condition | undefined {
  return conditionOf(status?.conditions, 'Ready')
}

function warned({ subject, nodes: [first, ...others], which }: NodesTogether): CheckFinding {
  const [name, ready] = [first?.metadata.name, first && readyOf(first)]
  const since = ready?.lastTransitionTime === undefined ? '' : ` since ${ready.lastTransitionTime}`
  const state =
    ready === undefined
      ? 'says nothing of Ready'
      : `is Ready=${ready.status}${since} (${ready.reason ?? 'no reason'}: ${ready.message ?? 'no message'})`
  return {
    verdict: 'warn',
    subject,
    message: `${which} not Ready. ${others.length === 0 ? 'It' : name} ${state}.`,
    remedy: `\`kubectl describe node ${name}\`; replace it, or take it out of the cluster.`,
  }
}
