import type { CheckDefinition } from './definition.ts'
import { addonOf, CNI, cniStays } from './reading/addons.ts'
import { foundOr } from './reading/verdicts.ts'

/** The role of aws-node is the add-on's, so that every update of the add-on keeps it. */
export const addonRole: CheckDefinition = {
  code: 'ADDON_ROLE',
  title: 'The role that aws-node has is the one that the add-on vpc-cni knows',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'kubernetes:serviceaccounts'],
  notApplicable: cniStays,
  prevents:
    'A role that vanishes with the update: it was put on the service account by hand, EKS writes the account anew, and aws-node goes on with what the node may.',
  remedy:
    'Give the role to the add-on: `aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --service-account-role-arn ROLE`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/872',
  evaluate: ({ snapshot, plan }) => {
    const annotated = snapshot.kubernetes.awsNodeRole ?? undefined
    const addon = addonOf(snapshot, CNI)
    const known = addon?.serviceAccountRoleArn
    const associated = (addon?.podIdentityAssociations ?? []).length > 0
    const lookedAt = `aws-node has ${known ?? (associated ? 'the role of its pod identity association' : 'the role of its nodes')}.`
    if (annotated === undefined || annotated === known) return foundOr([], plan, lookedAt)
    const message = `The service account aws-node is annotated with ${annotated}, the add-on knows ${known ?? 'no role'}: the update writes the account anew and aws-node loses that role.`
    const remedy = `\`aws eks update-addon --cluster-name ${plan.cluster.name} --addon-name ${CNI} --service-account-role-arn ${annotated} --resolve-conflicts PRESERVE\` first.`
    return [{ verdict: 'block', subject: 'ServiceAccount/kube-system/aws-node', message, remedy }]
  },
}
