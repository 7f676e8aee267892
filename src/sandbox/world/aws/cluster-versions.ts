import type { Instant } from '../../../model/instant.ts'
import { DAY, instantOf } from '../../../model/instant.ts'
import { dateOf, type Input, numberOf, pageOf, textOf, textsOf } from './answers.ts'
import { invalidParameter } from './eks-errors.ts'

export type Support = 'STANDARD_SUPPORT' | 'EXTENDED_SUPPORT' | 'UNSUPPORTED'

interface Lifetime {
  readonly minor: string
  readonly released: Instant
  readonly standardEnds: Instant
  readonly extendedEnds: Instant
}

/**
 * Release and end dates from https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html. The release day of 1.36 is our
 * assumption; standard support lasts 14 months, extended support 12 more.
 */
const LIFETIMES: readonly Lifetime[] = (
  [
    ['1.28', '2023-09-26', '2024-11-26', '2025-11-26'],
    ['1.29', '2024-01-23', '2025-03-23', '2026-03-23'],
    ['1.30', '2024-05-23', '2025-07-23', '2026-07-23'],
    ['1.31', '2024-09-26', '2025-11-26', '2026-11-26'],
    ['1.32', '2025-01-23', '2026-03-23', '2027-03-23'],
    ['1.33', '2025-05-29', '2026-07-29', '2027-07-29'],
    ['1.34', '2025-10-02', '2026-12-02', '2027-12-02'],
    ['1.35', '2026-01-27', '2027-03-27', '2028-03-27'],
    ['1.36', '2026-05-26', '2027-07-26', '2028-07-26'],
  ] as const
).map(([minor, ...days]) => {
  const [released = 0, standardEnds = 0, extendedEnds = 0] = days.map((day) => instantOf(day) ?? 0)
  return { minor, released, standardEnds, extendedEnds }
})

/** Our assumption: EKS makes a minor its default once it has been out so long. */
const DEFAULT_AFTER = 60 * DAY
/** Our assumption: so often a minor gets a new platform version. */
const PLATFORM_EVERY = 30 * DAY

function lifetimeOf(minor: string): Lifetime | undefined {
  return LIFETIMES.find((each) => each.minor === minor)
}

/** Whether EKS offers a minor at an instant, and with which support; undefined for one that is not out, or not known. */
export function supportOf(minor: string, now: Instant): Support | undefined {
  const lifetime = lifetimeOf(minor)
  if (lifetime === undefined || now < lifetime.released) return undefined
  if (now < lifetime.standardEnds) return 'STANDARD_SUPPORT'
  return now < lifetime.extendedEnds ? 'EXTENDED_SUPPORT' : 'UNSUPPORTED'
}

/** The newest platform version of a minor at an instant: numbered by month since its release. */
export function latestPlatformVersion(minor: string, now: Instant): string {
  const released = lifetimeOf(minor)?.released ?? now
  return `eks.${1 + Math.max(0, Math.floor((now - released) / PLATFORM_EVERY))}`
}

function patchOf(minor: string, now: Instant): string {
  const released = lifetimeOf(minor)?.released ?? now
  return `${minor}.${Math.max(0, Math.floor((now - released) / (2 * PLATFORM_EVERY)))}`
}

function defaultMinor(now: Instant): string | undefined {
  return LIFETIMES.findLast(({ released }) => now >= released + DEFAULT_AFTER)?.minor
}

/** DescribeClusterVersions, newest first. Unsupported ones only with `includeAll`, or when they are named or filtered for. */
export function describeClusterVersions(input: Input, now: Instant): Record<string, unknown> {
  const wanted = textsOf(input, 'clusterVersions')
  const status = statusWanted(input)
  const rows = [...LIFETIMES].reverse().filter(({ minor }) => {
    const support = supportOf(minor, now)
    if (support === undefined) return false
    if (wanted.length > 0) return wanted.includes(minor)
    if (status !== undefined) return support === status
    if (input.defaultOnly === true) return minor === defaultMinor(now)
    return input.includeAll === true || support !== 'UNSUPPORTED'
  })
  const page = pageOf(rows, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
  return { clusterVersions: page.items.map((row) => describeVersion(row, now)), nextToken: page.next }
}

function statusWanted(input: Input): Support | undefined {
  const text = textOf(input, 'versionStatus') ?? textOf(input, 'status')?.replace('-', '_').toUpperCase()
  return text as Support | undefined
}

function describeVersion({ minor, released, standardEnds, extendedEnds }: Lifetime, now: Instant): Record<string, unknown> {
  const versionStatus = supportOf(minor, now)
  return {
    clusterVersion: minor,
    clusterType: 'eks',
    defaultPlatformVersion: latestPlatformVersion(minor, now),
    defaultVersion: minor === defaultMinor(now),
    releaseDate: dateOf(released),
    endOfStandardSupportDate: dateOf(standardEnds),
    endOfExtendedSupportDate: dateOf(extendedEnds),
    status: versionStatus?.toLowerCase().replace('_', '-'),
    versionStatus,
    kubernetesPatchVersion: patchOf(minor, now),
  }
}
