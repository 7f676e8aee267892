import { parseMinor } from '../model/kubernetes-minor.ts'
import { type ClusterSnapshot, whyUnavailable } from '../model/snapshot.ts'

/**
 * The SSM parameter that names the recommended AMI release of an image type and minor; undefined where AWS publishes none that EKS
 * takes as a release version (custom). That of Windows has no member for the release: its own value is a JSON text that names it.
 * https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html
 */
export function releaseParameter(amiType: string, minor: string): string | undefined {
  const path = AMAZON_LINUX[amiType]
  if (path) return `/aws/service/eks/optimized-ami/${minor}/${path}/recommended/release_version`
  const [, option, year] = /^WINDOWS_(CORE|FULL)_(\d{4})_x86_64$/.exec(amiType) ?? []
  if (option !== undefined) return `${WINDOWS}Windows_Server-${year}-English-${option === 'CORE' ? 'Core' : 'Full'}-EKS_Optimized-${minor}`
  const bottlerocket = /^BOTTLEROCKET_(x86_64|ARM_64)((?:_NVIDIA)?(?:_FIPS)?)$/.exec(amiType)
  if (!bottlerocket) return undefined
  const [, architecture, flavour = ''] = bottlerocket
  const variant = `aws-k8s-${minor}${flavour.toLowerCase().replaceAll('_', '-')}`
  return `/aws/service/bottlerocket/${variant}/${architecture === 'ARM_64' ? 'arm64' : 'x86_64'}/latest/image_version`
}

const AMAZON_LINUX: Readonly<Record<string, string>> = {
  AL2023_x86_64_STANDARD: 'amazon-linux-2023/x86_64/standard',
  AL2023_x86_64_NVIDIA: 'amazon-linux-2023/x86_64/nvidia',
  AL2023_x86_64_NEURON: 'amazon-linux-2023/x86_64/neuron',
  AL2023_ARM_64_STANDARD: 'amazon-linux-2023/arm64/standard',
  AL2023_ARM_64_NVIDIA: 'amazon-linux-2023/arm64/nvidia',
  AL2_x86_64: 'amazon-linux-2',
  AL2_x86_64_GPU: 'amazon-linux-2-gpu',
  AL2_ARM_64: 'amazon-linux-2-arm64',
}

const WINDOWS = '/aws/service/ami-windows-latest/'

/** What a parameter of releases says; undefined where its text is not what it was taken for. */
function releaseIn(name: string, value: string | undefined): string | undefined {
  if (!name.startsWith(WINDOWS)) return value?.trim()
  return /"release_version"\s*:\s*"([^"]+)"/.exec(value ?? '')?.[1]
}

export interface ReleaseQuestion {
  readonly amiType: string
  /** `latest`, `keep` or a release. */
  readonly wanted: string
  /** The minor the group is to run. */
  readonly minor: string
  readonly current: { readonly minor?: string; readonly release?: string }
}

export type ReleaseAnswer =
  | { readonly kind: 'release'; readonly release: string | undefined }
  | { readonly kind: 'unresolved'; readonly verdict: 'block' | 'unknown'; readonly because: string; readonly remedy: string }

/** The exact release a group is to run. `latest` never goes below what the group runs on the same minor. */
export function resolveRelease(question: ReleaseQuestion, snapshot: ClusterSnapshot): ReleaseAnswer {
  if (question.wanted === 'keep') return kept(question)
  if (question.wanted !== 'latest') return named(question)
  const name = releaseParameter(question.amiType, question.minor)
  const remedy = 'Name a release: `releaseVersion` under `nodeGroups`, or `target.images`.'
  if (!name) return { kind: 'unresolved', verdict: 'block', because: `no latest release is published for ${question.amiType}`, remedy }
  const found = releaseIn(name, snapshot.aws.ssmParameters?.find((parameter) => parameter.Name === name)?.Value)
  if (found) return { kind: 'release', release: atLeastCurrent(found, question) }
  const gap = whyUnavailable(snapshot, 'ssm:*')
  const because = `the SSM parameter ${name} ${gap ? `could not be read (${gap.reason})` : 'is not in the snapshot'}`
  return { kind: 'unresolved', verdict: 'unknown', because, remedy }
}

function kept({ current, minor }: ReleaseQuestion): ReleaseAnswer {
  if (current.minor === minor) return { kind: 'release', release: current.release }
  const because = `a release belongs to one minor, so ${current.release ?? 'the present one'} cannot be kept on ${minor}`
  return { kind: 'unresolved', verdict: 'block', because, remedy: 'Write `images: latest`, or name a release of that minor.' }
}

/** Amazon Linux releases begin with their Kubernetes version; Bottlerocket's do not. */
function named({ wanted, minor, amiType }: ReleaseQuestion): ReleaseAnswer {
  const of = parseMinor(wanted)
  const mismatch = amiType.startsWith('AL2') && of && `${of.major}.${of.minor}` !== minor
  if (!mismatch) return { kind: 'release', release: wanted }
  return {
    kind: 'unresolved',
    verdict: 'block',
    because: `release ${wanted} is not one of ${minor}`,
    remedy: 'Name a release of that minor, or write `latest`.',
  }
}

function atLeastCurrent(found: string, { current, minor }: ReleaseQuestion): string {
  if (current.minor !== minor || current.release === undefined) return found
  return compareReleases(found, current.release) < 0 ? current.release : found
}

/** By the numbers in front: `1.33.5-20261101` as (1, 33, 5, 20261101), `1.52.0-943d9a41` as (1, 52, 0). */
function compareReleases(a: string, b: string): number {
  const [first, second] = [numbersOf(a), numbersOf(b)]
  for (const [index, value] of first.entries()) {
    const difference = value - (second[index] ?? value)
    if (difference !== 0) return difference
  }
  return 0
}

function numbersOf(release: string): readonly number[] {
  const [version = '', build = ''] = release.split('-')
  const numbers = version.split('.').map(Number)
  return /^\d{8}$/.test(build) ? [...numbers, Number(build)] : numbers
}
