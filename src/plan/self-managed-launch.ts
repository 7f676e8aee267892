import type { AutoScalingGroup } from '../model/aws.ts'
import type { GroupSpec, IntentProblem, WayBack } from '../model/intent.ts'
import type { Node } from '../model/kubernetes.ts'
import { formatMinor, parseMinor } from '../model/kubernetes-minor.ts'
import type { LaunchFrom } from '../model/self-managed.ts'
import { launchOf, sourceOf, templateOf, withVersion } from '../model/self-managed.ts'
import { imageOf, isNumber, resolveNumber, templateName } from './launch-template.ts'
import type { SelfManagedQuestion } from './self-managed.ts'

/** What a self-managed group launches from before and after, and whether that can be taken back. */
export interface Launches {
  readonly baseline: GroupSpec
  readonly target: GroupSpec
  readonly wayBack: WayBack
  readonly problems: readonly Problem[]
}

type Problem = Omit<IntentProblem, 'subject'>

/**
 * Templates by number, launch configurations by name, mixed-instances policies as a whole.
 * Rule: what can go back is what one number or one name brings again (Auto Scaling user guide, "Roll back changes").
 */
export function resolveLaunch(question: SelfManagedQuestion): Launches {
  const launch = launchOf(question.group)
  if (launch === undefined) return unread(question)
  const launches = launch.kind === 'configuration' ? configurations(question, launch) : templates(question, launch)
  return { ...launches, problems: [...launches.problems, ...leftBehind(question, launches)] }
}

function unread({ name }: SelfManagedQuestion): Launches {
  const problem: Problem = {
    verdict: 'unknown',
    message: 'What its Auto Scaling group launches from could not be read',
    remedy: 'Allow autoscaling:DescribeAutoScalingGroups.',
  }
  return { baseline: {}, target: {}, wayBack: none(name, 'what it launches from is not known'), problems: [problem] }
}

function configurations(question: SelfManagedQuestion, launch: Extract<LaunchFrom, { kind: 'configuration' }>): Launches {
  const { name, settings, snapshot } = question
  const known = snapshot.aws.launchConfigurations ?? []
  const specOf = (configuration: string): GroupSpec => ({
    launch: { kind: 'configuration', name: configuration },
    imageId: known.find(({ LaunchConfigurationName }) => LaunchConfigurationName === configuration)?.ImageId,
  })
  const wanted = settings?.launchConfiguration ?? launch.name
  const problems: Problem[] = []
  if (!known.some(({ LaunchConfigurationName }) => LaunchConfigurationName === wanted))
    problems.push({
      verdict: snapshot.aws.launchConfigurations === undefined ? 'unknown' : 'block',
      message: `Launch configuration ${wanted} was not found`,
      remedy: 'Create it, or name one that exists in `launchConfiguration`; reading them needs autoscaling:DescribeLaunchConfigurations.',
    })
  if (settings?.launchTemplateVersion !== undefined)
    problems.push({
      verdict: 'block',
      message: `It launches from launch configuration ${launch.name}, so \`launchTemplateVersion\` means nothing`,
      remedy: 'Name the new one in `launchConfiguration`.',
    })
  const wayBack: WayBack = { exists: 'yes', how: `autoscaling:UpdateAutoScalingGroup ${name} to ${launch.name}, nodes replaced again` }
  return { baseline: specOf(launch.name), target: specOf(wanted), wayBack, problems }
}

function templates(question: SelfManagedQuestion, launch: Exclude<LaunchFrom, { kind: 'configuration' }>): Launches {
  const { group, settings, snapshot } = question
  const template = templateOf(launch)
  if (template === undefined) return unread(question)
  const follows = !isNumber(template.version)
  const name = templateName(template.id, snapshot)
  // A number in the plan is a pin as well: canary, waves and way back get the same bits.
  const pins =
    settings?.pinLaunchTemplate === true || (settings?.launchTemplateVersion !== undefined && isNumber(settings.launchTemplateVersion))
  const running = numberOnInstances(group)
  const before = follows ? running : template.version
  const answer = resolveNumber(template, settings?.launchTemplateVersion ?? template.version, snapshot)
  const after = 'number' in answer ? answer.number : undefined
  const specOf = (number: string | undefined, keep: boolean): GroupSpec => ({
    launchTemplate: { id: template.id, ...(name && { name }), version: number ?? template.version },
    launch: number === undefined || keep ? launch : withVersion(launch, number),
    imageId: number === undefined ? undefined : imageOf({ id: template.id, version: number }, snapshot),
  })
  const baseline = specOf(before, follows && !pins)
  const problems = [...('number' in answer ? [] : [answer.problem]), ...inexpressible(launch, group)]
  return {
    baseline,
    target: specOf(after, follows && !pins),
    wayBack: wayBackOf(question.name, template.version, baseline, { pins, before }),
    problems,
  }
}

function wayBackOf(
  name: string,
  follows: string,
  { imageId }: GroupSpec,
  { pins, before }: { readonly pins: boolean; readonly before: string | undefined },
): WayBack {
  if (before === undefined)
    return none(name, 'its nodes come from several versions of its launch template, so none is the one to go back to')
  if (!isNumber(follows) && !pins)
    return none(
      name,
      `the group follows ${follows} of its launch template; \`pinLaunchTemplate: true\` pins it to the number its nodes run`,
    )
  if (imageId?.startsWith('resolve:ssm:'))
    return none(name, `template version ${before} looks its image up at launch (${imageId}), so it may bring another one`)
  const pinned = isNumber(follows) ? '' : `, pinned to it instead of ${follows}`
  return {
    exists: 'yes',
    how: `autoscaling:UpdateAutoScalingGroup ${name} to launch template version ${before}${pinned}, nodes replaced again`,
  }
}

function none(name: string, how: string): WayBack {
  return { exists: 'none', how, acceptToken: `no-way-back/${name}` }
}

/** The number that all its instances come from, when they agree. */
function numberOnInstances({ Instances = [] }: SelfManagedQuestion['group']): string | undefined {
  const [only, ...others] = new Set(Instances.map((instance) => sourceOf(instance).template?.version))
  return others.length === 0 ? only : undefined
}

/**
 * What a mixed-instances policy may say and one template number with a size in instances cannot. An override with a template has
 * versions of its own, one with an image brings that whatever the template says, and weights make the size one of units: a node
 * launched ahead may be several of them, so the size could not be put back exactly
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups-instance-weighting.html).
 */
function inexpressible(launch: LaunchFrom, { DesiredCapacityType: counted = 'units' }: AutoScalingGroup): readonly Problem[] {
  const overrides = launch.kind === 'mixed' ? (launch.policy.LaunchTemplate?.Overrides ?? []) : []
  const uncounted: Problem = {
    verdict: 'block',
    message: `Its size counts ${counted} and not nodes`,
    remedy: 'Let its size count units, or leave the group out (`exclude` with a reason).',
  }
  const problems = overrides.flatMap(({ InstanceType: type = 'an override', LaunchTemplateSpecification, ImageId, WeightedCapacity }) => {
    const gives = (what: string, remedy: string): Problem => ({
      verdict: 'block',
      message: `Its mixed-instances policy gives ${type} ${what}`,
      remedy: `${remedy}, or leave the group out (\`exclude\` with a reason).`,
    })
    return [
      ...(LaunchTemplateSpecification === undefined
        ? []
        : [gives('a launch template of its own, and one version cannot say both', 'Move that override into a group of its own')]),
      ...(ImageId === undefined ? [] : [gives(`the image ${ImageId}, whatever its template brings`, 'Let the template name the image')]),
      ...(WeightedCapacity === undefined || WeightedCapacity === '1'
        ? []
        : [gives(`a weight of ${WeightedCapacity}, so its size counts units and not nodes`, 'Give all its types a weight of 1')]),
    ]
  })
  return counted === 'units' ? problems : [...problems, uncounted]
}

/** Nodes of another minor than the plan asks for move only by a template version or configuration that the plan names. */
function leftBehind({ nodes, minor, settings }: SelfManagedQuestion, { baseline, target }: Launches): readonly Problem[] {
  const named = settings?.launchTemplateVersion ?? settings?.launchConfiguration
  if (minor === undefined || named !== undefined || baseline.launchTemplate?.version !== target.launchTemplate?.version) return []
  const others = [...minorsOf(nodes)].filter((each) => each !== minor)
  if (others.length === 0) return []
  return [
    {
      verdict: 'block',
      message: `Its nodes run ${others.join(', ')}, and the plan names no launch template version or launch configuration that brings ${minor}`,
      remedy: 'Set `launchTemplateVersion` or `launchConfiguration` for it under `nodeGroups`, or exclude it with a reason.',
    },
  ]
}

function minorsOf(nodes: readonly Node[]): ReadonlySet<string> {
  const minors = nodes.map((node) => parseMinor(node.status?.nodeInfo?.kubeletVersion)).filter((each) => each !== undefined)
  return new Set(minors.map(formatMinor))
}
