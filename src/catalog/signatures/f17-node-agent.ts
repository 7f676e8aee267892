import { about, automatic, matched, type Signature, says } from './definition.ts'
import type { NodeFact } from './facts.ts'
import { commonScope, logEvidence, podsOn } from './reading.ts'

const AGENT = 'aws-eks-nodeagent'

/** The network policy agent crashes beside an aws-node that is well. */
export const nodeAgent: Signature = {
  code: 'F17',
  title: 'The network policy agent crash-loops; aws-node beside it is well',
  source: 'https://github.com/aws/aws-network-policy-agent/issues/91',
  explains: ['P12', 'F19'],
  needs: ['kubernetes:pods'],
  match({ nodes, serving, stuck }) {
    const crashing = nodes.filter(crashes)
    const type =
      crashing.length === 0
        ? undefined
        : commonScope(
            crashing,
            serving.filter((node) => !crashing.includes(node)),
            'group',
          )
    return matched({
      nodes: crashing,
      pods: podsOn(stuck, crashing),
      evidence: [
        ...crashing.map((node) =>
          says(
            4,
            about(node),
            `container ${AGENT} restarted ${agentOf(node)?.restarts} times, last exit ${agentOf(node)?.lastExit?.code}; aws-node is ready`,
          ),
        ),
        ...logEvidence(crashing, /BPF|bpf|panic:|unable to init network policy agent|address already in use/, AGENT).map((line) => ({
          ...line,
          weight: 2 as const,
        })),
        ...(type === undefined ? [] : [says(1, `NodeGroup/${type}`, 'only nodes of this group have it')]),
      ],
    })
  },
  remedy: ({ nodes }) =>
    automatic(
      'Take image or add-on back to what ran before. The agent needs a kernel of 5.10 or later and the BPF file system; pods are refused while it is away.',
      undefined,
      `kubectl -n kube-system logs ${nodes[0]?.awsNode?.name ?? 'POD'} -c ${AGENT} --previous`,
    ),
}

function agentOf({ awsNode }: NodeFact) {
  return awsNode?.containers.find(({ name }) => name === AGENT)
}

function crashes(node: NodeFact): boolean {
  const agent = agentOf(node)
  const main = node.awsNode?.containers.find(({ name }) => name === 'aws-node')
  return agent !== undefined && main?.ready === true && !agent.ready && agent.restarts >= 2
}
