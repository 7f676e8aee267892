import { automatic, matched, type Signature, says } from './definition.ts'
import { enabled, isBetween } from './reading.ts'
import { cutOff, cutOffEvidence } from './unreachable.ts'

/** The node agent denies what no policy denies. */
export const agentDenies: Signature = {
  code: 'P13',
  title: 'The network policy agent denies traffic of pods, though no policy says so',
  source: 'https://github.com/aws/aws-network-policy-agent/issues/553',
  needs: ['kubernetes:pods', 'kubernetes:events', 'kubernetes:daemonsets'],
  match(facts) {
    const cut = cutOff(facts)
    const { cni } = facts
    if (cut === undefined || cut.never.length === 0) return undefined
    if (!cni.networkPolicy || !cni.hasAgent) return { rejected: 'network policies are not enforced by vpc-cni' }
    const reported = isBetween(cni.version, '1.21.1', '1.21.1')
    return matched({
      nodes: cut.nodes,
      pods: cut.never,
      evidence: [
        ...cutOffEvidence(cut.never, 2, 'were never reached by their probes'),
        says(
          1,
          'DaemonSet/kube-system/aws-node',
          `network policies are enforced, mode ${cni.env.NETWORK_POLICY_ENFORCING_MODE ?? 'standard'}`,
        ),
        ...(reported ? [says(2, 'DaemonSet/kube-system/aws-node', `reported for ${cni.version} with agent ${cni.agentVersion}`)] : []),
        ...cut.elsewhere,
      ],
      against: enabled(facts, 'ENABLE_POD_ENI') ? [says(1, 'Cluster', 'security groups for pods also cut off probes')] : [],
    })
  },
  remedy: () => automatic('Take the add-on back to the version before.', undefined, 'serin rollback'),
}
