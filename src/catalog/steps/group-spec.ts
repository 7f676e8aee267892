import type { GroupSpec } from '../../model/intent.ts'

/** Whether a group's spec is what is wanted: only the members that the wanted spec names are compared. */
export function specMatches(wanted: GroupSpec, actual: GroupSpec): boolean {
  return (
    (wanted.version === undefined || wanted.version === actual.version) &&
    (wanted.releaseVersion === undefined || wanted.releaseVersion === actual.releaseVersion) &&
    (wanted.launchTemplate === undefined || wanted.launchTemplate.version === actual.launchTemplate?.version)
  )
}

/** `1.33, release 1.33.5-20260915, template web 7` */
export function describeSpec(spec: GroupSpec): string {
  const parts = [
    spec.version,
    spec.releaseVersion === undefined ? undefined : `release ${spec.releaseVersion}`,
    spec.launchTemplate === undefined
      ? undefined
      : `template ${spec.launchTemplate.name ?? spec.launchTemplate.id} version ${spec.launchTemplate.version}`,
    spec.imageId === undefined ? undefined : `image ${spec.imageId}`,
  ]
  return parts.filter((part) => part !== undefined).join(', ') || 'unknown'
}
