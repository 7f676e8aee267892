import type { AutoScalingGroup, EksNodegroup } from '../../model/aws.ts'
import { globMatches } from '../../model/glob.ts'
import { launchOf, selfManagedGroup, sourceOf, templateOf } from '../../model/self-managed.ts'
import type { TemplateVersions } from './named.ts'

/**
 * Which versions of which launch templates to ask for: the numbers in use, and what `$Latest` and `$Default` of people's own
 * templates are now. Versions that a plan names are asked apart: one that does not exist makes EC2 refuse the whole question.
 */
export function templatesWanted(
  groups: readonly EksNodegroup[],
  own: readonly AutoScalingGroup[],
  scaling: readonly AutoScalingGroup[],
  named: TemplateVersions,
): readonly (readonly [id: string, versions: readonly string[]])[] {
  const wanted = new Map<string, Set<string>>()
  const want = (id: string | undefined, ...versions: readonly (string | undefined)[]): void => {
    if (id === undefined) return
    const known = wanted.get(id) ?? new Set<string>()
    for (const version of versions) if (version !== undefined) known.add(version)
    wanted.set(id, known)
  }
  for (const { launchTemplate } of groups) want(launchTemplate?.id, launchTemplate?.version, '$Latest', '$Default')
  for (const { LaunchTemplate } of scaling) want(LaunchTemplate?.LaunchTemplateId, LaunchTemplate?.Version)
  for (const group of own) {
    const template = templateOf(launchOf(group))
    want(template?.id, template?.version, '$Latest', '$Default')
    for (const instance of group.Instances ?? []) want(sourceOf(instance).template?.id, sourceOf(instance).template?.version)
  }
  const inUse = [...wanted].filter(([, versions]) => versions.size > 0).map(([id, versions]) => [id, [...versions]] as const)
  return [...inUse, ...namedByPlan(groups, own, named)]
}

function namedByPlan(groups: readonly EksNodegroup[], own: readonly AutoScalingGroup[], named: TemplateVersions) {
  const templates = [
    ...groups.map(({ nodegroupName = '', launchTemplate }) => ({ name: nodegroupName, id: launchTemplate?.id })),
    ...own.map((group) => ({ name: selfManagedGroup(group.AutoScalingGroupName ?? ''), id: templateOf(launchOf(group))?.id })),
  ]
  return templates.flatMap(({ name, id }) => {
    const version = named.find(({ match }) => globMatches(match, name))?.version
    return id === undefined || version === undefined || version.startsWith('$') ? [] : [[id, [version]] as const]
  })
}
