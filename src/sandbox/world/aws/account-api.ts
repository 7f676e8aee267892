import type { Instant } from '../../../model/instant.ts'
import { type AwsHandlers, WireError } from '../../contract.ts'
import type { ClusterSpec } from '../world-spec.ts'
import { dateOf, type Input, textOf } from './answers.ts'
import { AMI_TYPES, type Image, type Images, isBottlerocket } from './images.ts'

export function stsHandlers(cluster: ClusterSpec): AwsHandlers {
  const { accountId } = cluster
  return {
    GetCallerIdentity: () => ({
      Account: accountId,
      Arn: `arn:aws:sts::${accountId}:assumed-role/release-engineer/sandbox`,
      UserId: 'AROASANDBOXSANDBOX000:sandbox',
    }),
  }
}

/** Public parameters with the recommended AMI of each type and minor (EKS user guide, "retrieve-ami-id" and "retrieve-ami-id-bottlerocket"). */
export function ssmHandlers(images: Images, start: Instant): AwsHandlers {
  return {
    GetParameter(input) {
      const name = textOf(input, 'Name') ?? ''
      const value = parameterValue(images, name)
      if (value === undefined) throw new WireError(400, 'ParameterNotFound', `Parameter ${name} not found.`)
      return { Parameter: { Name: name, Type: 'String', Value: value, Version: 1, LastModifiedDate: dateOf(start), DataType: 'text' } }
    },
    GetParameters: (input) => getParameters(images, input, start),
  }
}

function getParameters(images: Images, input: Input, start: Instant): Record<string, unknown> {
  const names = Array.isArray(input.Names) ? input.Names.map(String) : []
  const found = names.map((name) => ({ name, value: parameterValue(images, name) }))
  return {
    Parameters: found
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => ({
        Name: name,
        Type: 'String',
        Value: value,
        Version: 1,
        LastModifiedDate: dateOf(start),
        DataType: 'text',
      })),
    InvalidParameters: found.filter(({ value }) => value === undefined).map(({ name }) => name),
  }
}

const AL2023 = /^\/aws\/service\/eks\/optimized-ami\/(\d+\.\d+)\/amazon-linux-2023\/(x86_64|arm64)\/(standard|nvidia)\/recommended\/(\w+)$/
const BOTTLEROCKET = /^\/aws\/service\/bottlerocket\/aws-k8s-(\d+\.\d+)(-nvidia)?\/(x86_64|arm64)\/latest\/(\w+)$/

function parameterValue(images: Images, name: string): string | undefined {
  const [, minor, architecture, variant, member] = AL2023.exec(name) ?? []
  if (member !== undefined) return memberOf(images, minor, typeOf(false, architecture, variant), member, AL2023_MEMBERS)
  const [, bottlerocketMinor, flavour = '', bottlerocketArchitecture, bottlerocketMember] = BOTTLEROCKET.exec(name) ?? []
  return memberOf(images, bottlerocketMinor, typeOf(true, bottlerocketArchitecture, flavour), bottlerocketMember, BOTTLEROCKET_MEMBERS)
}

type Members = Readonly<Record<string, (image: Image) => string | undefined>>

const AL2023_MEMBERS: Members = {
  image_id: ({ imageId }) => imageId,
  image_name: ({ name }) => name,
  release_version: ({ release }) => release,
}

const BOTTLEROCKET_MEMBERS: Members = { image_id: ({ imageId }) => imageId, image_version: ({ release }) => release }

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
