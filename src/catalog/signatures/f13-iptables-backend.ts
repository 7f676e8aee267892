import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { atSubjects, isBefore, isHanging, logEvidence } from './reading.ts'

/** The iptables of the image is not the one that an old CNI speaks. */
export const iptablesBackend: Signature = {
  code: 'F13',
  title: 'ipamd cannot set up the host network: the iptables of the image is not the one it speaks',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods'],
  match({ hung, cni }) {
    const logged = logEvidence(hung, /failed to set up host network|failed to create iptables|can't initialize iptables table/)
    const old = isBefore(cni.version, '1.12.1')
    if (logged.length > 0)
      return matched({
        nodes: atSubjects(hung, logged),
        evidence: [...logged, ...(old ? [says(1, 'DaemonSet/kube-system/aws-node', `${cni.version} speaks legacy iptables only`)] : [])],
      })
    const hanging = hung.filter(isHanging)
    const custom = hanging.filter(({ node }) => !/Amazon Linux 2$|Bottlerocket/.test(node.status?.nodeInfo?.osImage ?? 'Amazon Linux 2'))
    return old && custom.length > 0
      ? matched({
          nodes: custom,
          evidence: custom.map((node) =>
            says(1, about(node), `${node.node.status?.nodeInfo?.osImage} with ${cni.version}, which speaks legacy iptables only`),
          ),
        })
      : undefined
  },
  remedy: () => byPerson('Go to vpc-cni v1.12.1 or later, or to an image whose iptables is the legacy one.'),
}
