import type { EksCluster, EksNodegroup } from '../../model/aws.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'
import { releaseParameter } from '../../plan/release-version.ts'
import type { NamedByPlan } from './named.ts'

/** The parameter that names the recommended release of an AMI type, and beside it the one that names its image. */
function parametersOf(amiType: string, minor: string): readonly string[] {
  const release = releaseParameter(amiType, minor)
  if (release === undefined) return []
  // The parameter of Windows is the folder of its members.
  const folder = release.endsWith('_version') ? release.slice(0, release.lastIndexOf('/')) : release
  return [release, `${folder}/image_id`]
}

/** Names of the parameters for the AMI types and minors in play: each group's own, the control plane's, and those that a plan names. */
export function releaseParameters(
  cluster: EksCluster,
  groups: readonly EksNodegroup[],
  { minors: named = [], amiTypes = [] }: Pick<NamedByPlan, 'minors' | 'amiTypes'> = {},
): readonly string[] {
  const made = amiTypes.map((amiType): EksNodegroup => ({ amiType }))
  const names = [...groups, ...made].flatMap((group) => {
    const minors = new Set([group.version, cluster.version, ...named].flatMap((version) => minorText(version)))
    return [...minors].flatMap((minor) => parametersOf(group.amiType ?? '', minor))
  })
  return [...new Set(names)].sort()
}

function minorText(version: string | undefined): readonly string[] {
  const minor = parseMinor(version)
  return minor === undefined ? [] : [formatMinor(minor)]
}
