import { DAY, type Instant, instantOf, iso } from '../../../../model/instant.ts'
import { type AwsHandlers, WireError } from '../../../contract.ts'
import { type FilterFields, filtered, type Input, recordsOf, textOf, textsOf } from '../answers.ts'
import type { Ec2Deps } from '../ec2-api.ts'
import type { Image } from '../images.ts'
import { paged } from './answers.ts'

/** The accounts that own AMIs of EKS and of Bottlerocket (amazon-eks-ami, Bottlerocket's documentation). */
const EKS_ACCOUNT = '602401143452'
const BOTTLEROCKET_ACCOUNT = '092701018921'
/** EC2 sets the deprecation date of every public AMI two years after its creation (EC2 user guide, "deprecate an AMI"). */
const DEPRECATED_AFTER = 730 * DAY

/** Operations on images. */
export function imageHandlers(deps: Ec2Deps): AwsHandlers {
  return { DescribeImages: (input) => describeImages(deps, input) }
}

function describeImages(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const ids = textsOf(input, 'ImageIds')
  const images =
    ids.length === 0
      ? filteredById(deps, input)
      : ids.map((id) => {
          const image = deps.images.get(id)
          if (image === undefined || deps.isGone(id))
            throw new WireError(400, 'InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`)
          return image
        })
  const owners = textsOf(input, 'Owners')
  const fields: FilterFields<Image> = {
    'image-id': ({ imageId }) => [imageId],
    name: ({ name }) => [name],
    architecture: (image) => [architectureOf(image)],
    'owner-id': (image) => [ownerOf(deps, image)],
    state: () => ['available'],
  }
  const named = owners.length === 0 ? images : images.filter((image) => owners.some((owner) => isOwner(deps, image, owner)))
  return paged(input, filtered(named, input, fields), 'Images', (image) => describeImage(deps, image))
}

/** A filter leaves out what is not there, and what is deprecated unless that is asked for (API reference, DescribeImages). */
function filteredById(deps: Ec2Deps, input: Input): readonly Image[] {
  const wanted = recordsOf(input, 'Filters').find((filter) => textOf(filter, 'Name') === 'image-id')
  if (wanted === undefined) throw new WireError(501, 'NotImplemented', 'The sandbox describes images by id only.')
  const known = textsOf(wanted, 'Values').flatMap((id) => (deps.isGone(id) ? [] : (deps.images.get(id) ?? [])))
  const now = deps.timeline.now()
  return input.IncludeDeprecated === true ? known : known.filter((image) => (deprecatedAt(image) ?? now + 1) > now)
}

function deprecatedAt(image: Image): Instant | undefined {
  const created = createdAt(image)
  return created === undefined ? undefined : created + DEPRECATED_AFTER
}

function describeImage(deps: Ec2Deps, image: Image): Record<string, unknown> {
  const [created, deprecated] = [createdAt(image), deprecatedAt(image)]
  const isPublic = image.amiType !== 'CUSTOM'
  return {
    ImageId: image.imageId,
    Name: image.name,
    State: 'available',
    Public: isPublic,
    Architecture: architectureOf(image),
    OwnerId: ownerOf(deps, image),
    ImageOwnerAlias: isPublic ? 'amazon' : undefined,
    CreationDate: created === undefined ? undefined : iso(created),
    DeprecationTime: deprecated === undefined ? undefined : iso(deprecated),
  }
}

/** The day in the name of a release; nothing says when the others were made. */
function createdAt({ release = '' }: Image): Instant | undefined {
  const [, year, month, day] = /-(\d{4})(\d\d)(\d\d)$/.exec(release) ?? []
  return year === undefined ? undefined : instantOf(`${year}-${month}-${day}T00:00:00.000Z`)
}

function architectureOf({ architecture }: Image): string {
  return architecture === 'arm64' ? 'arm64' : 'x86_64'
}

function ownerOf({ accountId }: Ec2Deps, { amiType }: Image): string {
  if (amiType === 'CUSTOM') return accountId
  return amiType.startsWith('BOTTLEROCKET') ? BOTTLEROCKET_ACCOUNT : EKS_ACCOUNT
}

function isOwner(deps: Ec2Deps, image: Image, owner: string): boolean {
  const id = ownerOf(deps, image)
  if (owner === 'self') return id === deps.accountId
  if (owner === 'amazon') return id !== deps.accountId
  return owner === id
}
