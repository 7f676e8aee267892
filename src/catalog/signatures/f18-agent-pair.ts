import { byPerson, matched, type Signature, says } from './definition.ts'
import { atLeast, isBefore, logEvidence } from './reading.ts'

const AGENT = 'aws-eks-nodeagent'

/** ipamd moved from a port to a socket in v1.23.0; an older agent looks for it where it no longer is. */
export const agentPair: Signature = {
  code: 'F18',
  title: 'The network policy agent is of another version than vpc-cni, and does not find ipamd',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/CHANGELOG.md',
  explains: ['P12', 'P13'],
  needs: ['kubernetes:daemonsets'],
  match({ nodes, cni: { version, agentVersion } }) {
    const socket = atLeast(version, '1.23.0') && isBefore(agentVersion, '1.4.1')
    const port = isBefore(version, '1.23.0') && atLeast(agentVersion, '1.4.1')
    const logged = logEvidence(nodes, /^Failed to connect to ipamd/, AGENT)
    if (!socket && !port) return undefined
    return matched({
      nodes,
      evidence: [
        says(
          3,
          'DaemonSet/kube-system/aws-node',
          `vpc-cni ${version} beside agent ${agentVersion}: from v1.23.0 on ipamd listens on a socket, which agents know from v1.4.1 on`,
        ),
        ...logged,
      ],
    })
  },
  remedy: () =>
    byPerson(
      'Give the DaemonSet the pair of images that EKS ships, by updating the add-on with OVERWRITE.',
      'aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --resolve-conflicts OVERWRITE',
    ),
}
