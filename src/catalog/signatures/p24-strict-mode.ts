import { aboutPod, byPerson, matched, type Signature, says } from './definition.ts'

/** In strict mode a pod that starts reaches nothing until a policy allows it. */
export const strictMode: Signature = {
  code: 'P24',
  title: 'Network policies are enforced strictly: pods that start reach nothing until a policy allows it',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html',
  needs: ['kubernetes:pods', 'kubernetes:daemonsets'],
  match({ cni, failedSoon, ranWell }) {
    if (cni.env.NETWORK_POLICY_ENFORCING_MODE !== 'strict' || !cni.networkPolicy) return undefined
    const bare = failedSoon.filter(({ owner }) => owner === undefined)
    const failing = bare.length > 0 ? bare : failedSoon
    if (failing.length < 3) return { rejected: 'strict mode is on, and no pods fail at their start' }
    const well = ranWell.filter(({ pod }) => failing.some((bad) => bad.pod.metadata.namespace === pod.metadata.namespace))
    return matched({
      pods: failing,
      evidence: [
        says(2, 'DaemonSet/kube-system/aws-node', 'NETWORK_POLICY_ENFORCING_MODE is strict'),
        ...failing.slice(0, 8).map((pod) => says(1, aboutPod(pod), 'ended with exit 1 within a minute of its start')),
        ...(well.length === 0 ? [says(1, 'Cluster', 'no pod beside them did well')] : []),
      ],
      against: well.slice(0, 3).map((pod) => says(2, aboutPod(pod), 'did well in the same mode')),
    })
  },
  remedy: () =>
    byPerson(
      'Give these namespaces policies that allow what their pods need at their start (DNS first), or go to standard mode.',
      'kubectl get networkpolicies -A',
    ),
}
