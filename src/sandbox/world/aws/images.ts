import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { LaunchTemplateSpec, ReleaseSpec } from '../world-spec.ts'
import { isAmazonLinux2, isWindows, knownMinors, releasesOf } from './releases.ts'

/** An AMI and what boots from it. */
export interface Image {
  readonly imageId: string
  readonly name: string
  readonly amiType: string
  readonly kubernetesVersion: string
  /** The AMI release; absent for a custom AMI. */
  readonly release?: string
  /** `v1.33.4-eks-113cf36` */
  readonly kubeletVersion: string
  readonly architecture: 'amd64' | 'arm64'
  readonly osImage: string
  /** The build that Windows nodes carry as a label; absent for Linux. */
  readonly windowsBuild?: string
}

export interface Images {
  get(imageId: string): Image | undefined
  /** The AMI of a release, or undefined when that release does not exist for the type and minor. */
  ofRelease(amiType: string, kubernetesVersion: string, release: string): Image | undefined
  /** Newest first, as known now. */
  releases(amiType: string, kubernetesVersion: string): readonly Image[]
}

/** Image types that EKS builds, with the path of their SSM parameters (EKS user guide, "retrieve-ami-id" and "retrieve-ami-id-bottlerocket"). */
export const AMI_TYPES: Readonly<Record<string, { readonly architecture: 'amd64' | 'arm64'; readonly variant: string }>> = {
  AL2023_x86_64_STANDARD: { architecture: 'amd64', variant: 'standard' },
  AL2023_ARM_64_STANDARD: { architecture: 'arm64', variant: 'standard' },
  AL2023_x86_64_NVIDIA: { architecture: 'amd64', variant: 'nvidia' },
  AL2023_ARM_64_NVIDIA: { architecture: 'arm64', variant: 'nvidia' },
  AL2023_x86_64_NEURON: { architecture: 'amd64', variant: 'neuron' },
  AL2_x86_64: { architecture: 'amd64', variant: 'al2' },
  AL2_x86_64_GPU: { architecture: 'amd64', variant: 'al2-gpu' },
  AL2_ARM_64: { architecture: 'arm64', variant: 'al2' },
  BOTTLEROCKET_x86_64: { architecture: 'amd64', variant: '' },
  BOTTLEROCKET_ARM_64: { architecture: 'arm64', variant: '' },
  BOTTLEROCKET_x86_64_NVIDIA: { architecture: 'amd64', variant: '-nvidia' },
  BOTTLEROCKET_ARM_64_NVIDIA: { architecture: 'arm64', variant: '-nvidia' },
  BOTTLEROCKET_x86_64_FIPS: { architecture: 'amd64', variant: '-fips' },
  BOTTLEROCKET_ARM_64_FIPS: { architecture: 'arm64', variant: '-fips' },
  BOTTLEROCKET_x86_64_NVIDIA_FIPS: { architecture: 'amd64', variant: '-nvidia-fips' },
  BOTTLEROCKET_ARM_64_NVIDIA_FIPS: { architecture: 'arm64', variant: '-nvidia-fips' },
  ...Object.fromEntries(windowsTypes().map(({ amiType, variant }) => [amiType, { architecture: 'amd64', variant }])),
}

/** Builds of Windows Server by year (Microsoft, "Windows Server release information"). */
const WINDOWS_BUILDS = { 2019: '10.0.17763', 2022: '10.0.20348', 2025: '10.0.26100' } as const

function windowsTypes(): readonly { readonly amiType: string; readonly variant: string }[] {
  return ['Core', 'Full'].flatMap((option) =>
    [2019, 2022, 2025].map((year) => ({
      amiType: `WINDOWS_${option.toUpperCase()}_${year}_x86_64`,
      variant: `Windows_Server-${year}-English-${option}`,
    })),
  )
}

/** `Windows Server 2022 Datacenter` and its build; undefined for Linux. */
function windowsOf(amiType: string): { readonly osImage: string; readonly windowsBuild: string } | undefined {
  const [, year] = /^WINDOWS_\w+?_(\d{4})_/.exec(amiType) ?? []
  if (year === undefined) return undefined
  const windowsBuild = WINDOWS_BUILDS[Number(year) as keyof typeof WINDOWS_BUILDS] ?? WINDOWS_BUILDS[2022]
  return { osImage: `Windows Server ${year} Datacenter`, windowsBuild }
}

export function isBottlerocket(amiType: string): boolean {
  return amiType.startsWith('BOTTLEROCKET')
}

/** Every release that was out when the world began, the extra ones of the world, and the custom AMIs of its templates. */
export function createImages(deps: {
  readonly start: Instant
  readonly region: string
  readonly templates: readonly LaunchTemplateSpec[]
  readonly extra: readonly ReleaseSpec[]
}): Images {
  const byType = new Map<string, Image[]>()
  const custom = new Map(deps.templates.flatMap(customImages).map((image) => [image.imageId, image]))
  // What a snapshot saw is true, so nothing is made up beside it.
  for (const { amiType, kubernetesVersion } of deps.extra) byType.set(`${amiType}/${kubernetesVersion}`, [])
  for (const spec of deps.extra) addExtra(byType, spec, deps.region)

  /** Made when first asked for: a world needs few of the types and minors that there are. */
  function releases(amiType: string, minor: string): readonly Image[] {
    const key = `${amiType}/${minor}`
    const known = byType.get(key)
    if (known !== undefined) return known
    const made = AMI_TYPES[amiType] === undefined ? [] : releasedImages(deps.region, amiType, minor, deps.start)
    byType.set(key, made)
    return made
  }

  function byId(imageId: string): Image | undefined {
    const own = custom.get(imageId) ?? [...byType.values()].flat().find((image) => image.imageId === imageId)
    if (own !== undefined) return own
    const all = Object.keys(AMI_TYPES).flatMap((amiType) => knownMinors().flatMap((minor) => releases(amiType, minor)))
    return all.find((image) => image.imageId === imageId)
  }

  return {
    get: byId,
    ofRelease: (amiType, minor, release) => releases(amiType, minor).find((image) => image.release === release),
    releases,
  }
}

function releasedImages(region: string, amiType: string, minor: string, at: Instant): Image[] {
  return releasesOf(amiType, minor, at).map(({ release, patch, day }) => ({
    imageId: `ami-${keyedId(17, region, amiType, minor, release)}`,
    name: imageName(amiType, minor, release),
    amiType,
    kubernetesVersion: minor,
    release,
    kubeletVersion: `v${patch}-eks-${keyedId(7, minor, patch)}`,
    architecture: AMI_TYPES[amiType]?.architecture ?? 'amd64',
    osImage: osImageOf(amiType, minor, release, day),
    ...windowsOf(amiType),
  }))
}

function osImageOf(amiType: string, minor: string, release: string, day: string): string {
  if (isBottlerocket(amiType)) return `Bottlerocket OS ${release} (aws-k8s-${minor})`
  return isAmazonLinux2(amiType) ? 'Amazon Linux 2' : `Amazon Linux 2023.${day.slice(2, 4)}.${day}`
}

/** `amazon-eks-node-1.32-v20251115`, `amazon-eks-gpu-node-…`, `amazon-eks-arm64-node-…` (EKS user guide, "retrieve-ami-id"). */
function amazonLinux2Name(amiType: string, minor: string, day: string | undefined): string {
  const kind = amiType.endsWith('GPU') ? 'gpu-' : amiType.endsWith('ARM_64') ? 'arm64-' : ''
  return `amazon-eks-${kind}node-${minor}-v${day}`
}

function imageName(amiType: string, minor: string, release: string): string {
  const architecture = AMI_TYPES[amiType]?.architecture === 'arm64' ? 'arm64' : 'x86_64'
  if (isWindows(amiType)) return `${AMI_TYPES[amiType]?.variant}-EKS_Optimized-${release}`
  if (isBottlerocket(amiType)) return `bottlerocket-aws-k8s-${minor}-${architecture}-v${release}`
  if (isAmazonLinux2(amiType)) return amazonLinux2Name(amiType, minor, release.split('-')[1])
  return `amazon-eks-node-al2023-${architecture}-${AMI_TYPES[amiType]?.variant}-${minor}-v${release.split('-')[1]}`
}

/** A release that a snapshot saw. */
function addExtra(byType: Map<string, Image[]>, spec: ReleaseSpec, region: string): void {
  const key = `${spec.amiType}/${spec.kubernetesVersion}`
  const known = byType.get(key) ?? []
  if (known.some(({ release }) => release === spec.release)) return
  const patch = /^\d+\.\d+\.\d+/.exec(spec.release)?.[0] ?? `${spec.kubernetesVersion}.0`
  const image: Image = {
    imageId: spec.imageId ?? `ami-${keyedId(17, region, spec.amiType, spec.kubernetesVersion, spec.release)}`,
    name: imageName(spec.amiType, spec.kubernetesVersion, spec.release),
    amiType: spec.amiType,
    kubernetesVersion: spec.kubernetesVersion,
    release: spec.release,
    kubeletVersion: `v${isBottlerocket(spec.amiType) ? `${spec.kubernetesVersion}.0` : patch}-eks-${keyedId(7, spec.kubernetesVersion, patch)}`,
    architecture: AMI_TYPES[spec.amiType]?.architecture ?? (spec.amiType.includes('ARM') ? 'arm64' : 'amd64'),
    osImage: isBottlerocket(spec.amiType) ? `Bottlerocket OS ${spec.release}` : 'Amazon Linux 2023',
    ...windowsOf(spec.amiType),
  }
  const extended = [...known, image].sort((a, b) => releaseDay(b).localeCompare(releaseDay(a)))
  byType.set(key, extended)
}

function releaseDay(image: Image): string {
  const [, day] = (image.release ?? '').split('-')
  return (
    day ??
    (image.release ?? '')
      .split('.')
      .map((part) => part.padStart(6, '0'))
      .join('.')
  )
}

function customImages(template: LaunchTemplateSpec): readonly Image[] {
  return template.versions.flatMap(({ image }, index) => {
    if (image === undefined) return []
    const { kubernetesVersion, architecture, imageId } = image
    return [
      {
        imageId,
        name: `${template.name}-${kubernetesVersion}-${index + 1}`,
        amiType: 'CUSTOM',
        kubernetesVersion,
        kubeletVersion: `v${kubernetesVersion}.3-eks-${keyedId(7, 'custom', imageId)}`,
        architecture,
        osImage: 'Amazon Linux 2023 (custom)',
      },
    ]
  })
}
