import { byPerson, matched, type Signature, says } from './definition.ts'
import { isBefore } from './reading.ts'
import { cutOff, cutOffEvidence } from './unreachable.ts'

/** systemd gives the host's end of a pod's link another MAC address. */
export const macPolicy: Signature = {
  code: 'P16',
  title: 'Pods never reach their gateway: systemd of the image changes the MAC address of their link',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  needs: ['kubernetes:pods', 'kubernetes:events', 'kubernetes:daemonsets'],
  collect: ({ nodes }) => [
    `\`ip link | grep -A1 eni\` on ${nodes[0]?.name} twice, a pod's start between: the address of the host's end changes.`,
  ],
  match(facts) {
    const cut = cutOff(facts)
    if (cut === undefined || cut.never.length === 0) return undefined
    if (!isBefore(facts.cni.version, '1.20.1')) return { rejected: `${facts.cni.version} sets the address of the link itself` }
    return matched({
      nodes: cut.nodes,
      pods: cut.never,
      evidence: [
        ...cutOffEvidence(cut.never, 2, 'were never reached by their probes'),
        says(2, 'DaemonSet/kube-system/aws-node', `${facts.cni.version} is before v1.20.1, which mends it`),
        ...cut.elsewhere,
      ],
    })
  },
  remedy: () =>
    byPerson('Go to vpc-cni v1.20.1 or later, or set `MACAddressPolicy=none` in the image (/etc/systemd/network/99-default.link).'),
}
