import { z } from 'zod'
import { formatDuration } from '../../model/instant.ts'
import type { NodeFacts } from '../../model/seen.ts'
import type { Judgement } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { judgeAgent } from './judging/agent.ts'
import { agentControl, STABLE } from './judging/agent-state.ts'
import type { Control } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  judge: (node, input) => judgeAgent('kube-proxy', node, node.kubeProxy, input),
  control,
  failedBefore: ({ kubeProxy }) => kubeProxy?.ready === false,
  passed: (nodes) => `kube-proxy runs and is ready on ${nodes} for ${formatDuration(STABLE)} without a restart`,
}

export const kubeProxy: GateDefinition = {
  kind: 'kube-proxy',
  summary: 'kube-proxy, which makes cluster addresses lead anywhere, runs stably on every node that was changed.',
  rule: {
    pass: 'On each subject node every container of kube-proxy has been running and ready for 180 s without a restart; or the cluster has no kube-proxy pods at all.',
    fail: 'A container restarted for the third time, or kube-proxy is not ready 6 min after its pod was bound, while it is healthy on untouched nodes.',
    unknown: 'The pod or its status cannot be read, no node was changed, or untouched nodes fail too.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  provesNode: true,
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/865',
  judge: (input) => (standsNowhere(input) ? elsewhere(input) : judgeNodes(input, RULE)),
}

function control(node: NodeFacts, { now, baseline }: GateInput<unknown>): Control['state'] | undefined {
  if (node.awsNodeExcluded !== undefined) return undefined
  const known = baseline.nodes[node.name]
  return agentControl(node.kubeProxy, known?.uid === node.uid ? (known.kubeProxy?.restarts ?? 0) : 0, now)
}

/** No pod of it on any node, now or when the batch began: whatever stands in for it here is not Serin's to judge. */
function standsNowhere({ seen, subjects, controls, baseline }: GateInput<unknown>): boolean {
  if (subjects.length === 0 || RULE.needs.some((need) => seen.unavailable.some(({ source }) => source === need))) return false
  return (
    [...subjects, ...controls].every((node) => node.kubeProxy === undefined) &&
    !Object.values(baseline.nodes).some((node) => node.kubeProxy)
  )
}

function elsewhere({ settledAt }: GateInput<unknown>): Judgement {
  const reason = 'no node runs a kube-proxy pod, nor did one when the batch began: something else programs Services here'
  return { verdict: settledAt === undefined ? 'pending' : 'pass', reason, evidence: [] }
}
