import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition } from './definition.ts'
import { addonOf, CNI, isNoAddon } from './reading/addons.ts'
import { fieldsOfOthers } from './reading/field-owners.ts'
import { awsNodeDaemonSet } from './reading/pool-settings.ts'

/** aws-node belongs to the EKS add-on, so that EKS can move it and take it back. */
export const selfManagedCni: CheckDefinition = {
  code: 'SELF_MANAGED_CNI',
  title: 'aws-node is managed as the EKS add-on vpc-cni',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'kubernetes:daemonsets'],
  prevents:
    'An UpdateAddon for something that EKS does not manage: it is refused, and there is no way back through EKS, no schema, no version listing.',
  remedy:
    'Bring it under EKS first: `aws eks create-addon --cluster-name CLUSTER --addon-name vpc-cni --addon-version VERSION --resolve-conflicts PRESERVE`, or take vpc-cni out of the plan. Do not set its image alone: rights, kinds and configuration are of its own version.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html',
  evaluate: ({ snapshot, plan }) => {
    const subject = `Addon/${CNI}`
    const addon = addonOf(snapshot, CNI)
    if (addon) return [{ verdict: 'pass', subject, message: `vpc-cni is an EKS add-on at ${addon.addonVersion}.` }]
    if (!isNoAddon(snapshot, CNI)) return [{ verdict: 'unknown', subject, message: 'Whether vpc-cni is an EKS add-on could not be read.' }]
    const targeted = plan.target.addons.some((each) => each.name === CNI)
    const image = awsNodeDaemonSet(snapshot)?.spec?.template?.spec?.containers?.find((each) => each.name === 'aws-node')?.image
    const found =
      image === undefined
        ? 'There is no aws-node DaemonSet in kube-system and no vpc-cni add-on'
        : `aws-node is self-managed (image ${image}, ${ownerOf(snapshot)})`
    if (targeted)
      return [{ verdict: 'block', subject, message: `${found}, but the plan moves the add-on: EKS would answer ResourceNotFound.` }]
    const message = `${found}: this run leaves it alone and cannot take it back; its readiness is judged all the same.`
    return [{ verdict: 'warn', subject, message }]
  },
}

/** Who would have to move it: a release of Helm, or whoever set its fields. */
function ownerOf(snapshot: ClusterSnapshot): string {
  const { metadata } = awsNodeDaemonSet(snapshot) ?? {}
  const release = metadata?.annotations?.['meta.helm.sh/release-name']
  if (release !== undefined) return `of the Helm release ${release}`
  const managers = fieldsOfOthers(metadata?.managedFields).map(({ manager }) => manager)
  return managers.length === 0 ? 'owned by nobody who says so' : `owned by ${[...new Set(managers)].join(', ')}`
}
