import type { EksNodegroup } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Tags that tools leave on what they own; `value` narrows a tag that people use for other things too. */
const OWNERS: readonly { readonly tool: string; readonly tag: RegExp; readonly value?: RegExp; readonly change: string }[] = [
  { tool: 'eksctl', tag: /^(alpha|beta)\.eksctl\.io\/nodegroup-name$/, change: 'in the ClusterConfig file that made it' },
  { tool: 'CloudFormation', tag: /^aws:cloudformation:stack-name$/, change: 'in the template of its stack' },
  { tool: 'Crossplane', tag: /^crossplane-(kind|name)$/, change: 'in its managed resource' },
  { tool: 'Cluster API', tag: /^sigs\.k8s\.io\/cluster-api-provider-aws\//, change: 'in its MachinePool' },
  { tool: 'AWS Controllers for Kubernetes', tag: /^services\.k8s\.aws\//, change: 'in its Nodegroup resource' },
  { tool: 'Pulumi', tag: /^pulumi:/i, change: 'in its program' },
  {
    tool: 'Terraform',
    tag: /^(terraform|managed[-_]?by|provisioner)/i,
    value: /terraform|opentofu|^true$/i,
    change: 'in its configuration',
  },
]

/** Nobody else will set the groups back. */
export const infrastructureAsCode: CheckDefinition = {
  code: 'OWNED_BY_CODE',
  title: 'No node group of the run belongs to a tool that would set it back',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeNodegroup'],
  notApplicable: noGroupChanges,
  prevents:
    'An upgrade that the next run of the pipeline undoes: infrastructure as code still names the old version and sets it back, ungated.',
  remedy: 'Write the new version down there too before its next run, and have it leave the group alone until then.',
  source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html',
  evaluate: ({ snapshot, intent, plan }) => {
    const groups = changingGroups(intent)
    const found = groups.flatMap(({ name }) => judge(snapshot.aws.nodegroups?.find((each) => each.nodegroupName === name)))
    return foundOr(found, plan, `None of ${count(groups.length, 'node group')} carries the tags of infrastructure as code.`)
  },
}

function judge(group: EksNodegroup | undefined): readonly CheckFinding[] {
  const tags = Object.entries(group?.tags ?? {})
  const owner = OWNERS.map((row) => ({
    ...row,
    found: tags.find(([tag, value]) => row.tag.test(tag) && (row.value?.test(value) ?? true)),
  })).find(({ found }) => found !== undefined)
  if (group === undefined || owner?.found === undefined) return []
  const [tag, value] = owner.found
  return [
    {
      verdict: 'warn',
      subject: `NodeGroup/${group.nodegroupName}`,
      message: `${group.nodegroupName} carries the tag ${tag}=${value}: ${owner.tool} owns it, and its next run may set the group back to ${group.version ?? 'what it was'}.`,
      remedy: `Change the version ${owner.change} as well, before ${owner.tool} runs again.`,
    },
  ]
}
