import { about, automatic, matched, type Signature, says } from './definition.ts'
import { isHanging, logEvidence, needsApiServer, reachedApiServer } from './reading.ts'

/** ipamd waits for the API server through an address that kube-proxy on the node does not lead anywhere. */
export const kubeProxyOnNode: Signature = {
  code: 'F05',
  title: 'kube-proxy on the node does not lead to the API server, and ipamd waits for it',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/865',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods'],
  match(facts) {
    const waiting = facts.hung.filter(
      (node) => isHanging(node) && needsApiServer(facts, node) && (facts.cni.env.CLUSTER_ENDPOINT ?? '') === '',
    )
    if (waiting.length === 0)
      return facts.hung.length === 0 ? undefined : { rejected: `ipamd of ${facts.cni.version} does not wait for the API server` }
    const hanging = waiting.filter((node) => !reachedApiServer(node))
    if (hanging.length === 0) return { rejected: 'ipamd says that it reached the API server on every node that fails' }
    const down = hanging.filter(({ kubeProxy }) => kubeProxy === undefined || kubeProxy.containers.some(({ ready }) => !ready))
    const evidence = down.map((node) =>
      says(4, about(node), `kube-proxy ${node.kubeProxy === undefined ? 'has no pod' : 'is not ready'} on the same node`),
    )
    const logged = logEvidence(hanging, /Unable to reach API Server|dial tcp [\d.]+:443: i\/o timeout/)
    const monitored = hanging.filter(({ monitored: reason }) => reason === 'IPAMDNotReady')
    const all = [
      ...evidence,
      ...logged,
      ...monitored.map((node) => says(3, about(node), 'NetworkingReady is False: IPAMDNotReady, ipamd does not reach the API server')),
    ]
    if (all.length === 0) return { rejected: 'kube-proxy runs and is ready on every node that fails' }
    const nodes = hanging.filter((node) => all.some(({ subject }) => subject === about(node)))
    const healthy = facts.serving.filter(({ kubeProxy }) => kubeProxy?.containers.some(({ ready }) => !ready))
    return matched({
      nodes,
      evidence: all,
      against: healthy.map((node) => says(1, about(node), 'kube-proxy is not ready here either, and aws-node serves')),
    })
  },
  remedy: ({ nodes }) =>
    automatic(
      'Put a new node in the place of each, once. If its kube-proxy fails too, go back; CLUSTER_ENDPOINT in the environment of aws-node takes kube-proxy out of the way.',
      'rotate-nodes',
      `kubectl -n kube-system logs ${nodes[0]?.kubeProxy?.name ?? '-l k8s-app=kube-proxy'}`,
      'serin remediate PLAN',
    ),
}
