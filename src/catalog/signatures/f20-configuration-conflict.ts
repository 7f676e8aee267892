import { byPerson, matched, type Signature, says } from './definition.ts'

/** A field of the DaemonSet belongs to somebody else, and the update did not say what to do about it. */
export const configurationConflict: Signature = {
  code: 'F20',
  title: 'The update of vpc-cni met fields that somebody else owns; nothing was rolled',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html',
  needs: ['eks:ListAddons', 'eks:ListUpdates'],
  match: ({ addonIssues }) =>
    matched({
      evidence: addonIssues
        .filter(({ code }) => code === 'ConfigurationConflict')
        .map(({ message, from }) =>
          says(4, 'Addon/vpc-cni', `${from === 'update' ? 'the newest update failed' : 'its health says'}: ${message.slice(0, 400)}`),
        ),
    }),
  remedy: () =>
    byPerson(
      'Decide whose value holds: PRESERVE keeps what stands in the cluster, OVERWRITE takes that of EKS.',
      'kubectl -n kube-system get daemonset aws-node --show-managed-fields -o yaml',
      'aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --addon-version VERSION --resolve-conflicts PRESERVE',
    ),
}
