import { about, aboutPod, byPerson, matched, type Signature, says } from './definition.ts'
import { nodesOf } from './reading.ts'

/** The plugin asks a network policy agent that is not there. */
export const agentMissing: Signature = {
  code: 'P12',
  title: 'The plugin asks a network policy agent that does not answer',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#network_policy_enforcing_mode-v1171',
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match({ stuck, cni }) {
    const pods = stuck.filter(({ says: text }) => /failed to setup network policy/.test(text))
    if (pods.length === 0) return undefined
    const mode = cni.env.NETWORK_POLICY_ENFORCING_MODE
    const down = nodesOf(pods).filter(({ awsNode }) =>
      awsNode?.containers.some(({ name, ready }) => name === 'aws-eks-nodeagent' && !ready),
    )
    return matched({
      nodes: nodesOf(pods),
      pods,
      evidence: [
        ...pods.slice(0, 8).map((pod) => says(3, aboutPod(pod), 'failed to setup network policy')),
        ...(cni.hasAgent
          ? []
          : [
              says(
                2,
                'DaemonSet/kube-system/aws-node',
                `has no container aws-eks-nodeagent, and NETWORK_POLICY_ENFORCING_MODE is "${mode ?? ''}"`,
              ),
            ]),
        ...down.map((node) => says(1, about(node), 'aws-eks-nodeagent is not ready')),
      ],
      against: cni.hasAgent && down.length === 0 ? [says(1, 'Cluster', 'the agent runs on these nodes by now')] : [],
    })
  },
  remedy: () =>
    byPerson(
      'Have the agent run again, or take NETWORK_POLICY_ENFORCING_MODE away together with it.',
      'aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --configuration-values \'{"nodeAgent":{"enabled":"true"}}\' --resolve-conflicts PRESERVE',
    ),
}
