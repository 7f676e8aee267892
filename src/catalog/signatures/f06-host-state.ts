import { about, automatic, matched, type Signature, says } from './definition.ts'
import type { AgentFact, ClusterFacts, NodeFact } from './facts.ts'
import { hangAlike, isFresh, isHanging, isUnread, logEvidence, missingActions, needsApiServer, reachedApiServer } from './reading.ts'

/** Words of causes that have nothing to do with what is left on a host. */
const OF_OTHERS = /UnauthorizedOperation|is forbidden|Initialization failure|panic:/
/** The API server that was reached in the end is none of them. */
const UNREACHED = /i\/o timeout/

/** aws-node was restarted in place on an old node and hangs, where new nodes of the same version are well. */
export const hostState: Signature = {
  code: 'F06',
  title: 'State left behind on the host keeps aws-node from starting; a new node is well',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3306',
  explains: ['F01', 'F19', 'P10'],
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  match(facts) {
    const { hung, serving } = facts
    const hanging = hung.filter(isHanging)
    if (hanging.length === 0) return undefined
    const old = hanging.filter((node) => !isFresh(node) && missingActions(node).length === 0)
    if (old.length === 0) return { rejected: 'the nodes that fail are new: nothing was left on them' }
    const beside = old.filter((node) => !isLetDown(node, facts))
    if (beside.length === 0) return { rejected: 'what aws-node waits for is down on the nodes that fail' }
    const telling = beside.filter(
      (node) => logEvidence([node], OF_OTHERS).length > 0 || (!reachedApiServer(node) && logEvidence([node], UNREACHED).length > 0),
    )
    const restarted = beside.filter(
      (node) => !telling.includes(node) && !(isUnread(node) && telling.some((other) => hangAlike(node, other))),
    )
    if (restarted.length === 0) return { rejected: 'ipamd says itself what it fails at' }
    const well = serving.filter((node) => restarted.some(({ awsNode }) => awsNode?.version === node.awsNode?.version))
    const newer = well.filter((node) => isFresh(node))
    if (well.length === 0) return { rejected: 'no node is well on which aws-node has the same version' }
    return matched({
      nodes: restarted,
      evidence: [
        ...restarted.map((node) => says(2, about(node), 'was there long before this aws-node pod, which hangs since its first start')),
        ...newer.slice(0, 3).map((node) => says(2, about(node), `a new node with the same version, ${node.awsNode?.version}, is well`)),
        ...(newer.length === 0
          ? well.slice(0, 3).map((node) => says(1, about(node), `is well with the same version, ${node.awsNode?.version}`))
          : []),
      ],
    })
  },
  remedy: () =>
    automatic(
      'Put new nodes in the place of these: cordon, drain, terminate through the Auto Scaling group, within a bound.',
      'rotate-nodes',
      'serin remediate PLAN',
      'serin remediate PLAN --yes',
    ),
}

/** On this node something is down that aws-node waits for: kube-proxy, or who hands out its credentials. */
function isLetDown(node: NodeFact, facts: ClusterFacts): boolean {
  const { kubeProxy, identityAgent, monitored } = node
  const isDown = (agent: AgentFact | undefined) => agent?.containers.some(({ ready }) => !ready) !== false
  if (facts.cni.podIdentity && isDown(identityAgent)) return true
  return needsApiServer(facts, node) && (isDown(kubeProxy) || monitored === 'IPAMDNotReady')
}
