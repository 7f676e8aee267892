import type { EksNodegroup, LaunchTemplateVersion } from '../model/aws.ts'
import type { GroupSpec } from '../model/intent.ts'
import { type Node, TEMPLATE_VERSION_LABEL } from '../model/kubernetes.ts'
import type { GroupSettings } from '../model/plan.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

export interface TemplateAnswer {
  readonly baseline?: GroupSpec['launchTemplate']
  readonly target?: GroupSpec['launchTemplate']
  readonly unresolved?: { readonly because: string; readonly remedy: string; readonly verdict: 'block' | 'unknown' }
}

/**
 * The launch template of a group before and after, by number: `$Latest` and `$Default` are resolved, so that canary, waves and way
 * back get the same bits. The baseline stays `$Latest` where the group says so, unless the plan pins it to the number its nodes run.
 */
export function resolveTemplate(
  group: EksNodegroup,
  settings: GroupSettings | undefined,
  nodes: readonly Node[],
  snapshot: ClusterSnapshot,
): TemplateAnswer {
  const template = group.launchTemplate
  if (!template) return settings?.launchTemplateVersion === undefined ? {} : { unresolved: noTemplate(group) }
  const versions = versionsOf(template, snapshot)
  const id = template.id ?? versions[0]?.LaunchTemplateId
  if (id === undefined || template.version === undefined) return { unresolved: unreadable(group) }
  const running = settings?.pinLaunchTemplate === true ? versionOnNodes(nodes) : undefined
  const current = isNumber(template.version) ? template.version : (running ?? template.version)
  const wanted = settings?.launchTemplateVersion ?? current
  const number = numberOf(wanted, versions)
  const name = template.name ?? versions[0]?.LaunchTemplateName
  const baseline = { id, name, version: current }
  if (number === undefined) return { baseline, unresolved: unknownVersion(wanted, name ?? id, versions) }
  return { baseline, target: { id, name, version: number } }
}

/** The number that `$Latest`, `$Default` or a number stands for, or why there is none. */
export function resolveNumber(
  template: { readonly id: string; readonly name?: string },
  wanted: string,
  snapshot: ClusterSnapshot,
):
  | { readonly number: string }
  | { readonly problem: { readonly message: string; readonly remedy: string; readonly verdict: 'block' | 'unknown' } } {
  const versions = versionsOf(template, snapshot)
  const number = numberOf(wanted, versions)
  if (number !== undefined) return { number }
  const { because, remedy, verdict } = unknownVersion(wanted, template.name ?? versions[0]?.LaunchTemplateName ?? template.id, versions)
  return { problem: { message: `Its launch template is not known: ${because}`, remedy, verdict } }
}

export function templateName(id: string, snapshot: ClusterSnapshot): string | undefined {
  return versionsOf({ id }, snapshot)[0]?.LaunchTemplateName
}

/** The image that a template version brings, as EC2 knows it; `resolve:ssm:…` where it is looked up at launch. */
export function imageOf(template: GroupSpec['launchTemplate'], snapshot: ClusterSnapshot): string | undefined {
  return (
    template && versionsOf(template, snapshot).find((each) => String(each.VersionNumber) === template.version)?.LaunchTemplateData?.ImageId
  )
}

export function isNumber(version: string): boolean {
  return /^\d+$/.test(version)
}

function versionsOf(
  template: { readonly id?: string; readonly name?: string },
  snapshot: ClusterSnapshot,
): readonly LaunchTemplateVersion[] {
  return (snapshot.aws.launchTemplateVersions ?? []).filter((each) =>
    template.id === undefined ? each.LaunchTemplateName === template.name : each.LaunchTemplateId === template.id,
  )
}

function numberOf(wanted: string, versions: readonly LaunchTemplateVersion[]): string | undefined {
  if (isNumber(wanted)) return versions.length === 0 || versions.some((each) => String(each.VersionNumber) === wanted) ? wanted : undefined
  const number = wanted === '$Default' ? versions.find((each) => each.DefaultVersion)?.VersionNumber : highest(versions)
  return number === undefined ? undefined : String(number)
}

function highest(versions: readonly LaunchTemplateVersion[]): number | undefined {
  const numbers = versions.flatMap((each) => each.VersionNumber ?? [])
  return numbers.length > 0 ? Math.max(...numbers) : undefined
}

/** The number that all nodes of the group carry, when they agree. */
function versionOnNodes(nodes: readonly Node[]): string | undefined {
  const numbers = new Set(nodes.map((node) => node.metadata.labels?.[TEMPLATE_VERSION_LABEL]))
  const [only] = numbers
  return numbers.size === 1 && only !== undefined && isNumber(only) ? only : undefined
}

function noTemplate(group: EksNodegroup): TemplateAnswer['unresolved'] {
  return {
    verdict: 'block',
    because: `${group.nodegroupName} has no launch template, so \`launchTemplateVersion\` means nothing`,
    remedy: 'Remove `launchTemplateVersion`: EKS cannot give a template to a group that has none.',
  }
}

function unreadable(group: EksNodegroup): TemplateAnswer['unresolved'] {
  return {
    verdict: 'unknown',
    because: `the launch template of ${group.nodegroupName} could not be read completely`,
    remedy: 'Allow eks:DescribeNodegroup and ec2:DescribeLaunchTemplateVersions.',
  }
}

function unknownVersion(
  wanted: string,
  name: string,
  versions: readonly LaunchTemplateVersion[],
): NonNullable<TemplateAnswer['unresolved']> {
  if (versions.length === 0) {
    return {
      verdict: 'unknown',
      because: `\`${wanted}\` of launch template ${name} cannot be turned into a number: its versions could not be read`,
      remedy: 'Allow ec2:DescribeLaunchTemplateVersions, or write the number.',
    }
  }
  const listed = versions
    .flatMap((each) => each.VersionNumber ?? [])
    .sort((a, b) => b - a)
    .slice(0, 5)
  return {
    verdict: 'block',
    because: `launch template ${name} has no version ${wanted}`,
    remedy: `Its newest versions are ${listed.join(', ')}.`,
  }
}
