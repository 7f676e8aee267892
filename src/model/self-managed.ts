import type { AutoScalingGroup, AutoScalingInstance } from './aws.ts'
import type { MixedInstancesPolicy } from './launch-source.ts'

/** Groups that EKS does not manage: plans name them `asg:NAME` by their Auto Scaling group. */

/** What an Auto Scaling group launches from. Versions of templates are numbers, `$Latest` or `$Default`. */
export type LaunchFrom =
  | { readonly kind: 'template'; readonly id: string; readonly version: string }
  | { readonly kind: 'configuration'; readonly name: string }
  /** The whole policy in SDK shape: the API replaces it as one. */
  | { readonly kind: 'mixed'; readonly policy: MixedInstancesPolicy }

const PREFIX = 'asg:'

/** The Auto Scaling group that `asg:NAME` stands for; undefined for a group that EKS manages. */
export function autoScalingNameOf(group: string): string | undefined {
  return group.startsWith(PREFIX) ? group.slice(PREFIX.length) : undefined
}

export function selfManagedGroup(autoScalingGroup: string): string {
  return `${PREFIX}${autoScalingGroup}`
}

/** The subnets that a group launches into, by id. */
export function subnetsOf({ VPCZoneIdentifier = '' }: AutoScalingGroup): readonly string[] {
  return VPCZoneIdentifier.split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
}

/** What a group launches from now; undefined where the API does not say enough to send it again. */
export function launchOf({ LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy }: AutoScalingGroup): LaunchFrom | undefined {
  if (MixedInstancesPolicy !== undefined) return { kind: 'mixed', policy: MixedInstancesPolicy }
  if (LaunchConfigurationName !== undefined) return { kind: 'configuration', name: LaunchConfigurationName }
  const { LaunchTemplateId: id, Version: version } = LaunchTemplate ?? {}
  return id === undefined || version === undefined ? undefined : { kind: 'template', id, version }
}

/** The template that a group launches from, also where a mixed-instances policy names it. */
export function templateOf(launch: LaunchFrom | undefined): { readonly id: string; readonly version: string } | undefined {
  if (launch?.kind === 'template') return { id: launch.id, version: launch.version }
  if (launch?.kind !== 'mixed') return undefined
  const { LaunchTemplateId: id, Version: version } = launch.policy.LaunchTemplate?.LaunchTemplateSpecification ?? {}
  return id === undefined || version === undefined ? undefined : { id, version }
}

/** The same source with another version of its template. */
export function withVersion(launch: LaunchFrom, version: string): LaunchFrom {
  if (launch.kind === 'template') return { ...launch, version }
  if (launch.kind === 'configuration') return launch
  const template = launch.policy.LaunchTemplate
  const { LaunchTemplateId } = template?.LaunchTemplateSpecification ?? {}
  const specification = { LaunchTemplateId, Version: version }
  return { kind: 'mixed', policy: { ...launch.policy, LaunchTemplate: { ...template, LaunchTemplateSpecification: specification } } }
}

/** What an instance was launched from, as its group says it: a number even where the group follows `$Latest`. */
export function sourceOf({ LaunchTemplate, LaunchConfigurationName }: AutoScalingInstance): {
  readonly template?: { readonly id: string; readonly version: string }
  readonly configuration?: string
} {
  const { LaunchTemplateId: id, Version: version } = LaunchTemplate ?? {}
  return {
    ...(id !== undefined && version !== undefined && { template: { id, version } }),
    ...(LaunchConfigurationName !== undefined && { configuration: LaunchConfigurationName }),
  }
}

/** Whether an instance was launched from what a group's spec says. The number of the template decides, whatever the group follows. */
export function isLaunchedFrom(
  source: ReturnType<typeof sourceOf>,
  { launch, launchTemplate }: { readonly launch?: LaunchFrom; readonly launchTemplate?: { readonly id: string; readonly version: string } },
): boolean {
  if (launch?.kind === 'configuration') return source.configuration === launch.name
  return launchTemplate !== undefined && source.template?.id === launchTemplate.id && source.template.version === launchTemplate.version
}
