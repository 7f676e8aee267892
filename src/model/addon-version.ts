/**
 * Versions of EKS add-ons: `v1.18.3-eksbuild.3` is a tuple of four integers.
 * Semver libraries take `-eksbuild.3` for a pre-release and order it wrongly.
 */
export interface AddonVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** The EKS build, or undefined in the bare form `v1.18.3` of a self-managed image. */
  readonly build: number | undefined
}

/** Reads `v1.18.3-eksbuild.3`, `v1.18.3` or `1.18.3`; undefined for anything else. */
export function parseAddonVersion(text: string | undefined): AddonVersion | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-eksbuild\.(\d+))?$/.exec(text ?? '')
  if (!match) return undefined
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3]),
    build: match[4] === undefined ? undefined : Number(match[4]),
  }
}

export function formatAddonVersion(version: AddonVersion): string {
  const base = `v${version.major}.${version.minor}.${version.patch}`
  return version.build === undefined ? base : `${base}-eksbuild.${version.build}`
}

/** Orders by major, minor, patch, build. A bare version is lower than none of its builds: it compares equal to them. */
export function compareAddonVersions(a: AddonVersion, b: AddonVersion): number {
  const builds = a.build === undefined || b.build === undefined ? 0 : a.build - b.build
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || builds
}

/** `1.18`: the line that the one-minor-at-a-time rule speaks of. */
export function minorLine(version: AddonVersion): string {
  return `${version.major}.${version.minor}`
}
