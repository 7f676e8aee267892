import { parseAddonVersion } from '../../model/addon-version.ts'
import type { Intent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { cniKnowsFamily, familyKnownSince } from '../knowledge/cni-instance-families.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { addonOf, CNI } from './reading/addons.ts'
import { changingGroups } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** The line whose ipamd was seen to panic on a type that its table lacks. */
const PANICS = '1.20'

/** Every version of the CNI that the run passes through knows the instance types that it starts on. */
export const cniInstanceTypes: CheckDefinition = {
  code: 'CNI_INSTANCE_TYPES',
  title: 'Every version of vpc-cni that the run passes through knows the instance types of the nodes',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'eks:DescribeNodegroup'],
  notApplicable: ({ intent }) =>
    changingGroups(intent).length === 0 && hopsOf(intent).length === 0
      ? 'Neither vpc-cni nor a node group changes in this run.'
      : undefined,
  prevents:
    'aws-node that panics on the nodes of a new instance family (index out of range in its network cards), or that cannot start there because its role may not ask EC2 for what its table lacks.',
  remedy: 'Choose a version of vpc-cni that knows the family, or keep the group on another one.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3431',
  evaluate: ({ snapshot, intent, plan }) => {
    const versions = versionsOf(snapshot, intent)
    const types = typesOf(snapshot)
    const found = [...Map.groupBy(types, familyOf)].flatMap(([family, all]) => judge(family, all, versions))
    return foundOr(found, plan, `${count(types.length, 'instance type')} in ${names(versions)}, all known there.`)
  },
}

function hopsOf({ addons }: Intent): readonly string[] {
  return addons.filter(({ name }) => name === CNI).flatMap(({ hops }) => hops)
}

/** What new nodes may start under: each hop, or what is installed where the add-on does not move. */
function versionsOf(snapshot: ClusterSnapshot, intent: Intent): readonly string[] {
  const hops = hopsOf(intent)
  return hops.length > 0 ? hops : [addonOf(snapshot, CNI)?.addonVersion].flatMap((version) => version ?? [])
}

/** Of all groups: those that stay get the add-on too. */
function typesOf({ aws }: ClusterSnapshot): readonly string[] {
  return [...new Set((aws.nodegroups ?? []).flatMap(({ instanceTypes = [] }) => instanceTypes))].sort()
}

function familyOf(type: string): string {
  return type.split('.')[0] ?? ''
}

function judge(family: string, types: readonly string[], versions: readonly string[]): readonly CheckFinding[] {
  const subject = `InstanceFamily/${family}`
  const since = familyKnownSince(family)
  if (since === undefined)
    return [
      {
        verdict: 'unknown',
        subject,
        message: `Whether vpc-cni knows ${names(types)} is not known: the table here, of August 2026, lacks the family.`,
        remedy: 'Look for it in misc/eni-max-pods.txt of the CNI repository at the tag of the version; then waive with `verdict: unknown`.',
      },
    ]
  const lacking = versions.filter((version) => {
    const parsed = parseAddonVersion(version)
    return parsed !== undefined && cniKnowsFamily(parsed, family) === false
  })
  const [first] = lacking
  if (first === undefined) return []
  const panics = lacking.some((version) => version.startsWith(`v${PANICS}.`))
  const consequence = panics
    ? 'ipamd of that line panics on types it does not know, so that no pod on such nodes gets an address.'
    : 'There aws-node starts only if its role may call ec2:DescribeInstanceTypes.'
  return [
    {
      verdict: panics ? 'block' : 'warn',
      subject,
      message: `vpc-cni ${names(lacking)} does not know ${names(types)}, which it knows since ${since}. ${consequence}`,
      remedy: `Name a version from ${since} on as the target of vpc-cni, or exclude the group and move it to another family.`,
    },
  ]
}
