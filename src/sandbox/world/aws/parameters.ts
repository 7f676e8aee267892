import { AMI_TYPES, type Image, type Images, isBottlerocket } from './images.ts'

const AL2023 = /^\/aws\/service\/eks\/optimized-ami\/(\d+\.\d+)\/amazon-linux-2023\/(x86_64|arm64)\/(standard|nvidia)\/recommended\/(\w+)$/
const WINDOWS = /^\/aws\/service\/ami-windows-latest\/(Windows_Server-\d{4}-English-(?:Core|Full))-EKS_Optimized-(\d+\.\d+)(?:\/(\w+))?$/
const BOTTLEROCKET = /^\/aws\/service\/bottlerocket\/aws-k8s-(\d+\.\d+)(-nvidia)?\/(x86_64|arm64)\/latest\/(\w+)$/

/** The value of a public SSM parameter, or undefined when there is none of that name. */
export function parameterValue(images: Images, name: string): string | undefined {
  const [, minor, architecture, variant, member] = AL2023.exec(name) ?? []
  if (member !== undefined) return memberOf(images, minor, typeOf(false, architecture, variant), member, AL2023_MEMBERS)
  const [, server, windowsMinor, windowsMember = 'whole'] = WINDOWS.exec(name) ?? []
  if (server !== undefined) return memberOf(images, windowsMinor, typeOfVariant(server), windowsMember, WINDOWS_MEMBERS)
  const [, bottlerocketMinor, flavour = '', bottlerocketArchitecture, bottlerocketMember] = BOTTLEROCKET.exec(name) ?? []
  return memberOf(images, bottlerocketMinor, typeOf(true, bottlerocketArchitecture, flavour), bottlerocketMember, BOTTLEROCKET_MEMBERS)
}

type Members = Readonly<Record<string, (image: Image) => string | undefined>>

const AL2023_MEMBERS: Members = {
  image_id: ({ imageId }) => imageId,
  image_name: ({ name }) => name,
  release_version: ({ release }) => release,
}

/** Of Windows the release stands only in the JSON text of the whole (terraform-aws-modules/terraform-aws-eks, `ami_type_to_ssm_param`). */
const WINDOWS_MEMBERS: Members = {
  image_id: ({ imageId }) => imageId,
  whole: ({ imageId, release }) => JSON.stringify({ image_id: imageId, release_version: release }),
}

const BOTTLEROCKET_MEMBERS: Members = { image_id: ({ imageId }) => imageId, image_version: ({ release }) => release }

function typeOfVariant(variant: string): string | undefined {
  return Object.keys(AMI_TYPES).find((amiType) => AMI_TYPES[amiType]?.variant === variant)
}

function typeOf(bottlerocket: boolean, architecture: string | undefined, variant: string | undefined): string | undefined {
  const wanted = architecture === 'arm64' ? 'arm64' : 'amd64'
  return Object.keys(AMI_TYPES).find((amiType) => {
    const facts = AMI_TYPES[amiType]
    return isBottlerocket(amiType) === bottlerocket && facts?.architecture === wanted && facts.variant === variant
  })
}

function memberOf(
  images: Images,
  minor: string | undefined,
  amiType: string | undefined,
  member: string | undefined,
  members: Members,
): string | undefined {
  if (minor === undefined || amiType === undefined || member === undefined) return undefined
  const [newest] = images.releases(amiType, minor)
  return newest === undefined ? undefined : members[member]?.(newest)
}

const RESOLVE = 'resolve:ssm:'

/**
 * The AMI that an image id of a launch template means now: `resolve:ssm:NAME`, with or without a version or label behind the name, is the
 * parameter's value (EC2 user guide, "use a Systems Manager parameter instead of an AMI ID"). Undefined when there is no such parameter.
 */
export function imageOf(images: Images, imageId: string): string | undefined {
  if (!imageId.startsWith(RESOLVE)) return imageId
  const [name = ''] = imageId.slice(RESOLVE.length).split(':')
  return parameterValue(images, name)
}

/** Whether an image id of a launch template is resolved at each launch. */
export function isParameter(imageId: string): boolean {
  return imageId.startsWith(RESOLVE)
}
