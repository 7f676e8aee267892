import type { GroupSpec } from '../../model/intent.ts'

/** Whether a group's spec is what is wanted: only the members that the wanted spec names are compared. */
export function specMatches(wanted: GroupSpec, actual: GroupSpec): boolean {
  return (
    (wanted.version === undefined || wanted.version === actual.version) &&
    (wanted.releaseVersion === undefined || wanted.releaseVersion === actual.releaseVersion) &&
    (wanted.launchTemplate === undefined || wanted.launchTemplate.version === actual.launchTemplate?.version)
  )
}

/** `1.33 (release 1.33.5-20261101)`, or the template of a group whose template brings the AMI: `template web v7, image ami-…`. */
export function describeSpec(spec: GroupSpec): string {
  const { launchTemplate: template } = spec
  if (spec.launch?.kind === 'configuration') return `launch configuration ${spec.launch.name}`
  const parts = [
    spec.releaseVersion && `release ${spec.releaseVersion}`,
    template && `template ${template.name ?? template.id} v${template.version}`,
    spec.imageId && `image ${spec.imageId}`,
  ].filter(Boolean)
  const inside = parts.join(', ')
  if (!spec.version) return inside || 'unknown'
  return inside ? `${spec.version} (${inside})` : spec.version
}
