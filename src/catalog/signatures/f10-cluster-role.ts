import { byPerson, matched, type Signature } from './definition.ts'
import { atSubjects, logEvidence } from './reading.ts'

/** The ClusterRole of aws-node does not fit its image. */
export const clusterRole: Signature = {
  code: 'F10',
  title: 'The ClusterRole of aws-node does not fit its image: Kubernetes refuses what it asks',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2947',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods'],
  match({ hung }) {
    const evidence = logEvidence(hung, /is forbidden: User \\?"system:serviceaccount:kube-system:aws-node\\?" cannot/)
    if (hung.length > 0 && evidence.length === 0)
      return { rejected: 'no log says that Kubernetes refused aws-node anything (ipamd.log goes to a file on the node by default)' }
    return matched({ nodes: atSubjects(hung, evidence), evidence })
  },
  remedy: () =>
    byPerson(
      'Apply the whole manifest of this version, or let EKS manage the add-on: an image alone is not an upgrade.',
      'kubectl auth can-i list cninodes.vpcresources.k8s.aws --as=system:serviceaccount:kube-system:aws-node',
    ),
}
