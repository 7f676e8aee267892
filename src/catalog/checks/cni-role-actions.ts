import { parseAddonVersion } from '../../model/addon-version.ts'
import type { IamPrincipal } from '../../model/iam.ts'
import { cniActions } from '../knowledge/cni-actions.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { CNI, isNoAddon, versionsToStart } from './reading/addons.ts'
import { awsNodeVariable } from './reading/pool-settings.ts'
import { denialsOf, principalsFor, roleName, shortName, tellDenial } from './reading/principals.ts'
import { foundOr } from './reading/verdicts.ts'

/** The credentials of aws-node allow what the versions of this run call. */
export const cniRoleActions: CheckDefinition = {
  code: 'CNI_ROLE_ACTIONS',
  title: "aws-node's role allows every EC2 action that the versions of this run call",
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'eks:DescribePodIdentityAssociation', 'iam:GetRole', 'iam:SimulatePrincipalPolicy'],
  notApplicable,
  prevents:
    'aws-node that does not start after the update, node by node through the cluster: v1.22 called an action that older policies did not allow, and the role of a hand-made policy had not been touched for years.',
  remedy: 'Allow the actions: `aws iam attach-role-policy --role-name ROLE --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3704',
  evaluate: (input) => {
    const principals = principalsFor(input.snapshot, 'vpc-cni')
    if (principals.length === 0)
      return [{ verdict: 'unknown', subject: `Addon/${CNI}`, message: 'Whose credentials aws-node has does not stand in the snapshot.' }]
    const needed = neededActions(input)
    const roles = principals.map(({ Arn }) => shortName(Arn)).join(', ')
    return foundOr(
      principals.flatMap((principal) => judge(principal, needed, input)),
      input.plan,
      `${roles} allows all ${needed.length} actions that ${CNI} ${versionsToStart(input).join(', ')} calls.`,
    )
  },
}

function neededActions(input: CheckInput): readonly string[] {
  const { snapshot } = input
  const cluster = {
    ipv6: snapshot.aws.cluster?.kubernetesNetworkConfig?.ipFamily === 'ipv6',
    discovery: awsNodeVariable(snapshot, 'ENABLE_SUBNET_DISCOVERY') !== 'false',
  }
  const versions = versionsToStart(input).flatMap((version) => parseAddonVersion(version) ?? [])
  return [...new Set(versions.flatMap((version) => cniActions(version, cluster)))].sort()
}

function judge(principal: IamPrincipal, needed: readonly string[], input: CheckInput): readonly CheckFinding[] {
  const subject = `Role/${roleName(principal.Arn)}`
  if (principal.missing) {
    const message = `${CNI} is to use ${principal.Arn}, which IAM does not know: aws-node gets no credentials at its next start.`
    return [{ verdict: 'block', subject, message, remedy: 'Make the role anew, or give the add-on one that exists.' }]
  }
  const ipv6 = input.snapshot.aws.cluster?.kubernetesNetworkConfig?.ipFamily === 'ipv6'
  return denialsOf(principal, needed, principal.evaluations ?? []).map((denial) => ({
    verdict: denial.verdict,
    subject,
    message: `${shortName(principal.Arn)} lacks what ${CNI} ${versionsToStart(input).join(', ')} calls: ${tellDenial(denial)}. aws-node may not start, or give pods no addresses, on every node in turn.`,
    remedy: ipv6
      ? `Add the actions to its policy: \`aws iam put-role-policy --role-name ${roleName(principal.Arn)} --policy-name vpc-cni-ipv6 --policy-document FILE\`.`
      : `\`aws iam attach-role-policy --role-name ${roleName(principal.Arn)} --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy\`.`,
  }))
}

function notApplicable(input: CheckInput): string | undefined {
  const { snapshot } = input
  if (isNoAddon(snapshot, CNI)) return 'aws-node is no EKS add-on here, so its role does not stand in the snapshot.'
  if (versionsToStart(input).length === 0) return 'aws-node starts nowhere anew in this run.'
  return awsNodeVariable(snapshot, 'ENABLE_IMDS_ONLY_MODE') === 'true' ? 'aws-node makes no EC2 calls in IMDS-only mode.' : undefined
}
