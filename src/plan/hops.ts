import { type AddonVersion, compareAddonVersions, formatAddonVersion, minorLine, parseAddonVersion } from '../model/addon-version.ts'

export interface HopQuestion {
  readonly installed: string
  readonly target: string
  /** Versions listed for the cluster's minor. */
  readonly listed: readonly string[]
  /** Whether a version is not one to stop on. The target itself is judged by the checks, not here. */
  readonly knownBad: (version: AddonVersion) => boolean
}

export type HopAnswer =
  | { readonly kind: 'path'; readonly hops: readonly string[] }
  | { readonly kind: 'no-path'; readonly because: string; readonly remedy: string }

/**
 * The way of the VPC CNI from one version to another, up or down, one CNI minor at a time: on every minor between the two the
 * highest listed version that is not known to be bad, last the target itself. EKS has enforced this rule and still advises it:
 * https://docs.aws.amazon.com/eks/latest/userguide/vpc-add-on-update.html, https://github.com/awsdocs/amazon-eks-user-guide/issues/672
 */
export function hopPath(question: HopQuestion): HopAnswer {
  const from = parseAddonVersion(question.installed)
  const to = parseAddonVersion(question.target)
  if (!from) return unreadable(question.installed)
  if (!to) return unreadable(question.target)
  if (from.major !== to.major) {
    return { kind: 'no-path', because: `${question.installed} and ${question.target} differ in the major version`, remedy: 'Move by hand.' }
  }
  if (sameVersion(from, to)) return { kind: 'path', hops: [] }
  const hops: string[] = []
  for (const line of linesBetween(from, to)) {
    const stop = stopOn(line, question)
    if (typeof stop !== 'string') return stop
    hops.push(stop)
  }
  return { kind: 'path', hops: [...hops, question.target] }
}

function unreadable(version: string): HopAnswer {
  return {
    kind: 'no-path',
    because: `${version} is not a version of an EKS add-on`,
    remedy: 'Name a version such as `v1.22.4-eksbuild.3`.',
  }
}

/** A bare version (`v1.18.3`, self-managed) is none of its builds. */
function sameVersion(a: AddonVersion, b: AddonVersion): boolean {
  return compareAddonVersions(a, b) === 0 && a.build === b.build
}

/** The minor lines strictly between two versions, in the order of travel. */
function linesBetween(from: AddonVersion, to: AddonVersion): readonly string[] {
  const direction = Math.sign(to.minor - from.minor)
  const count = Math.max(0, Math.abs(to.minor - from.minor) - 1)
  return Array.from({ length: count }, (_, index) => `${from.major}.${from.minor + direction * (index + 1)}`)
}

function stopOn(line: string, { listed, knownBad }: HopQuestion): string | HopAnswer {
  const onLine = listed
    .map(parseAddonVersion)
    .filter((version) => version !== undefined)
    .filter((version) => minorLine(version) === line)
    .sort((a, b) => compareAddonVersions(b, a))
  const good = onLine.find((version) => !knownBad(version))
  if (good) return formatAddonVersion(good)
  const highest = onLine[0]
  if (!highest) {
    return {
      kind: 'no-path',
      because: `no version of the ${line} line is listed for this cluster`,
      remedy: 'Choose a target that is nearer.',
    }
  }
  return {
    kind: 'no-path',
    because: `every listed version of the ${line} line is known to be bad`,
    remedy: `Read about ${formatAddonVersion(highest)} first; to pass through it on purpose, make it the target of a run of its own.`,
  }
}
