import { aboutPod, byPerson, matched, type Signature, says } from './definition.ts'

/** kube-proxy with nftables beside the network policy agent. */
export const nftables: Signature = {
  code: 'P14',
  title: 'Cluster addresses work by turns: kube-proxy in nftables mode beside the network policy agent',
  source: 'https://github.com/bottlerocket-os/bottlerocket/issues/4674',
  needs: ['kubernetes:pods', 'eks:ListAddons'],
  match({ cni, failedSoon, ranWell }) {
    if (cni.kubeProxyMode !== 'nftables' || !cni.networkPolicy || cni.env.NETWORK_POLICY_ENFORCING_MODE === 'strict') return undefined
    const bare = failedSoon.filter(({ owner }) => owner === undefined)
    const failing = bare.length > 0 ? bare : failedSoon
    if (failing.length < 2) return { rejected: 'kube-proxy uses nftables, and no pods fail by turns' }
    const well = ranWell.filter(({ pod }) => failing.some((bad) => bad.pod.metadata.namespace === pod.metadata.namespace))
    return matched({
      pods: failing,
      evidence: [
        says(2, 'Addon/kube-proxy', 'mode is nftables, and vpc-cni enforces network policies'),
        ...failing.slice(0, 8).map((pod) => says(1, aboutPod(pod), 'ended with exit 1 within a minute of its start')),
        ...(well.length === 0 ? [] : [says(2, aboutPod(well[0] as never), `${well.length} pods of the same kind did well in between`)]),
      ],
    })
  },
  remedy: () =>
    byPerson(
      'Take kube-proxy back to iptables.',
      'aws eks update-addon --cluster-name CLUSTER --addon-name kube-proxy --configuration-values \'{"mode":"iptables"}\' --resolve-conflicts PRESERVE',
    ),
}
