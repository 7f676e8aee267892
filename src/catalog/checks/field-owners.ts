import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { CNI, cniStays } from './reading/addons.ts'
import { fieldsOfOthers, type Owned } from './reading/field-owners.ts'
import { awsNodeDaemonSet } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { names } from './reading/wording.ts'

/** What others than EKS have set on aws-node, and what the update makes of it. */
export const fieldOwners: CheckDefinition = {
  code: 'FIELD_OWNERS',
  title: 'No setting of aws-node that somebody else owns stands in the way of the update or is wiped by it',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:daemonsets'],
  notApplicable: cniStays,
  prevents:
    'An update refused with ConfigurationConflict, or one that silently takes back what somebody set with kubectl, Helm or Argo CD: warm targets, custom networking, resources.',
  remedy: 'Move the settings into `configurationValues` of the add-on, or take PRESERVE in the plan, which keeps them.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-field-management.html',
  evaluate: (input) => {
    const daemonSet = awsNodeDaemonSet(input.snapshot)
    const owned = fieldsOfOthers(daemonSet?.metadata.managedFields)
    const mode = input.intent.addons.find(({ name }) => name === CNI)?.resolveConflicts ?? 'NONE'
    const [lookedAt] = owned.map(({ manager, fields }) => `${manager} owns ${names(fields)}, which PRESERVE keeps`)
    return foundOr(
      mode === 'PRESERVE' ? [] : owned.map((each) => judge(each, mode, input)),
      input.plan,
      `${lookedAt ?? 'Only EKS owns settings of aws-node'}.`,
    )
  },
}

function judge({ manager, fields }: Owned, mode: 'OVERWRITE' | 'NONE', { plan }: CheckInput): CheckFinding {
  const what = `${manager} owns ${fields.length} of aws-node's settings: ${names(fields, 8)}`
  const message =
    mode === 'OVERWRITE'
      ? `${what}. OVERWRITE takes back each that EKS has a value of its own for.`
      : `${what}. With NONE EKS refuses the update with ConfigurationConflict where it wants another value.`
  return {
    verdict: mode === 'OVERWRITE' ? 'warn' : 'block',
    subject: 'DaemonSet/kube-system/aws-node',
    message,
    remedy: `Keep them by \`resolveConflicts: PRESERVE\` in the plan, or put them into the add-on: \`aws eks update-addon --cluster-name ${plan.cluster.name} --addon-name ${CNI} --configuration-values FILE\`.`,
  }
}
