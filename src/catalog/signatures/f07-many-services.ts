import { formatDuration } from '../../model/instant.ts'
import { about, automatic, matched, type Signature, says } from './definition.ts'
import { isFresh, needsApiServer } from './reading.ts'

/** At boot kube-proxy needs minutes for its rules, and ipamd waits that long. */
export const lateServiceNetwork: Signature = {
  code: 'F07',
  title: 'aws-node waited for kube-proxy at boot, restarted once or twice and then served',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2948',
  needs: ['kubernetes:pods'],
  match(facts) {
    const recovered = facts.nodes.filter((node) => node.awsNode?.state === 'recovered' && isFresh(node) && needsApiServer(facts, node))
    const slow = recovered.filter(({ awsNode }) =>
      awsNode?.containers.some(
        ({ name, restarts, lastExit }) => name === 'aws-node' && restarts > 0 && [2, 137].includes(lastExit?.code ?? 0),
      ),
    )
    const { services } = facts
    return matched({
      nodes: slow,
      evidence: [
        ...slow.map((node) => {
          const main = node.awsNode?.containers.find(({ name }) => name === 'aws-node')
          const took = (main?.startedAt ?? 0) - node.createdAt
          return says(
            2,
            about(node),
            `aws-node restarted ${main?.restarts} times in the first ${formatDuration(took)} of the node, and serves since`,
          )
        }),
        ...(services > 1_000 && slow.length > 0
          ? [says(2, 'Cluster', `${services} Services: kube-proxy writes rules for each of them at boot`)]
          : []),
      ],
      against: slow
        .filter(({ kubeProxy }) => kubeProxy?.containers.some(({ ready }) => !ready))
        .map((node) => says(2, about(node), 'kube-proxy is still not ready')),
    })
  },
  remedy: () =>
    automatic(
      'Nothing needs a cure now. So that the next nodes start sooner: CLUSTER_ENDPOINT in the environment of aws-node, or kube-proxy in IPVS or nftables mode; give the gate aws-node time.',
      undefined,
    ),
}
