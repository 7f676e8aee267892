import type { EksNodegroup } from '../model/aws.ts'
import type { GroupForm, GroupSpec, IntentProblem, WayBack } from '../model/intent.ts'
import type { Node } from '../model/kubernetes.ts'
import { compareMinors, formatMinor, parseMinor } from '../model/kubernetes-minor.ts'
import type { GroupSettings, UpgradePlan } from '../model/plan.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { imageOf, isNumber, resolveTemplate } from './launch-template.ts'
import { resolveRelease } from './release-version.ts'

/** What a group is, what it is to become, and whether that can be taken back. */
export interface ResolvedSpec {
  readonly form: GroupForm
  readonly baseline: GroupSpec
  readonly target: GroupSpec
  readonly wayBack: WayBack
  readonly problems: readonly IntentProblem[]
}

export interface SpecQuestion {
  readonly group: EksNodegroup
  readonly name: string
  readonly settings?: GroupSettings
  readonly nodes: readonly Node[]
  readonly plan: UpgradePlan
  readonly snapshot: ClusterSnapshot
}

/** The form follows from the group: a template with an AMI shows as AMI type CUSTOM. */
function formOf(group: EksNodegroup): GroupForm {
  if (group.amiType === 'CUSTOM') return 'custom-ami'
  return group.launchTemplate ? 'template' : 'optimised'
}

export function resolveSpec(question: SpecQuestion): ResolvedSpec {
  return formOf(question.group) === 'custom-ami' ? customSpec(question) : optimisedSpec(question)
}

/** EKS takes neither version nor release for a custom AMI: the template number says all. */
function customSpec({ group, name, settings, nodes, plan, snapshot }: SpecQuestion): ResolvedSpec {
  const template = resolveTemplate(group, settings, nodes, snapshot)
  const baseline: GroupSpec = {
    launchTemplate: template.baseline,
    imageId: imageOf(template.baseline, snapshot) ?? amiId(group.releaseVersion),
  }
  const target: GroupSpec = template.target
    ? {
        launchTemplate: template.target,
        imageId: template.target.version === template.baseline?.version ? baseline.imageId : imageOf(template.target, snapshot),
      }
    : baseline
  const problems = [...templateProblems(name, template.unresolved), ...leftBehind(name, settings, nodes, plan)]
  return { form: 'custom-ami', baseline, target, wayBack: wayBackOfTemplate(name, baseline) ?? backByTemplate(name, baseline), problems }
}

/** EKS shows the AMI id of a custom AMI as its release version. */
function amiId(release: string | undefined): string | undefined {
  return release?.startsWith('ami-') ? release : undefined
}

/** A custom AMI whose nodes run another minor than the plan asks for moves only by a template version that the plan names. */
function leftBehind(
  name: string,
  settings: GroupSettings | undefined,
  nodes: readonly Node[],
  plan: UpgradePlan,
): readonly IntentProblem[] {
  const wanted = plan.target.kubernetesVersion
  if (wanted === undefined || settings?.launchTemplateVersion !== undefined) return []
  const minors = new Set(nodes.map((node) => minorOf(node.status?.nodeInfo?.kubeletVersion)).filter((minor) => minor !== undefined))
  const others = [...minors].filter((minor) => minor !== wanted)
  if (others.length === 0) return []
  return [
    {
      subject: `NodeGroup/${name}`,
      verdict: 'block',
      message: `Its nodes run ${others.join(', ')} from a custom AMI, and the plan names no launch template version that brings ${wanted}`,
      remedy: 'Set `launchTemplateVersion` for it under `nodeGroups`, or exclude it with a reason.',
    },
  ]
}

function minorOf(version: string | undefined): string | undefined {
  const minor = parseMinor(version)
  return minor && formatMinor(minor)
}

function optimisedSpec(question: SpecQuestion): ResolvedSpec {
  const { group, name, settings, nodes, plan, snapshot } = question
  const form = formOf(group)
  const template = resolveTemplate(group, settings, nodes, snapshot)
  const current = minorOf(group.version)
  const minor = plan.target.kubernetesVersion ?? current
  const baseline: GroupSpec = { version: current, releaseVersion: group.releaseVersion, launchTemplate: template.baseline }
  if (minor === undefined) {
    const unread = {
      subject: `NodeGroup/${name}`,
      verdict: 'unknown' as const,
      message: 'Its Kubernetes version could not be read',
      remedy: 'Allow eks:DescribeNodegroup.',
    }
    return { form, baseline, target: baseline, wayBack: backByVersion(name, baseline, minor), problems: [unread] }
  }
  const release = resolveRelease(
    {
      amiType: group.amiType ?? '',
      wanted: settings?.releaseVersion ?? plan.target.images,
      minor,
      current: { minor: current, release: group.releaseVersion },
    },
    snapshot,
  )
  const target: GroupSpec = {
    version: minor,
    releaseVersion: release.kind === 'release' ? release.release : undefined,
    launchTemplate: template.target ?? template.baseline,
  }
  const problems = [...templateProblems(name, template.unresolved)]
  if (release.kind === 'unresolved')
    problems.push(problem(name, release.verdict, `Its AMI release is not known: ${release.because}`, release.remedy))
  return { form, baseline, target, wayBack: wayBackOfTemplate(name, baseline) ?? backByVersion(name, baseline, minor), problems }
}

function problem(name: string, verdict: 'block' | 'unknown', message: string, remedy: string): IntentProblem {
  return { subject: `NodeGroup/${name}`, verdict, message, remedy }
}

function templateProblems(name: string, unresolved: ReturnType<typeof resolveTemplate>['unresolved']): readonly IntentProblem[] {
  if (!unresolved) return []
  return [problem(name, unresolved.verdict, `Its launch template is not known: ${unresolved.because}`, unresolved.remedy)]
}

/**
 * No way back through a template that is not one number with one image.
 * https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
 */
function wayBackOfTemplate(name: string, baseline: GroupSpec): WayBack | undefined {
  const acceptToken = `no-way-back/${name}`
  const version = baseline.launchTemplate?.version
  if (version !== undefined && !isNumber(version)) {
    return { exists: 'none', how: `the group follows ${version} of its launch template, which names no version to go back to`, acceptToken }
  }
  if (baseline.imageId?.startsWith('resolve:ssm:')) {
    return {
      exists: 'none',
      how: `template version ${version} looks its image up at launch (${baseline.imageId}), so it may bring another one`,
      acceptToken,
    }
  }
  return undefined
}

function backByTemplate(name: string, baseline: GroupSpec): WayBack {
  const version = baseline.launchTemplate?.version
  if (version === undefined) return { exists: 'none', how: 'its launch template version is not known', acceptToken: `no-way-back/${name}` }
  return { exists: 'yes', how: `eks:UpdateNodegroupVersion ${name} to launch template version ${version}` }
}

/**
 * The earlier release of the same minor: yes. The earlier minor: the API text denies it, the rollback guide of 2026 documents it.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html,
 * https://github.com/awsdocs/amazon-eks-user-guide/pull/340
 */
function backByVersion(name: string, baseline: GroupSpec, targetMinor: string | undefined): WayBack {
  if (baseline.version === undefined || baseline.releaseVersion === undefined) {
    return { exists: 'none', how: 'its version and AMI release are not known', acceptToken: `no-way-back/${name}` }
  }
  const template = baseline.launchTemplate ? ` and launch template version ${baseline.launchTemplate.version}` : ''
  const how = `eks:UpdateNodegroupVersion ${name} to ${baseline.version}, release ${baseline.releaseVersion}${template}`
  const [from, to] = [parseMinor(baseline.version), parseMinor(targetMinor)]
  return { exists: from && to && compareMinors(from, to) < 0 ? 'disputed' : 'yes', how }
}
