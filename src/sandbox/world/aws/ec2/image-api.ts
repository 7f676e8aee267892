import { type AwsHandlers, WireError } from '../../../contract.ts'
import { type Input, textsOf } from '../answers.ts'
import type { Ec2Deps } from '../ec2-api.ts'
import type { Image } from '../images.ts'
import { paged } from './answers.ts'

/** Operations on images. */
export function imageHandlers(deps: Ec2Deps): AwsHandlers {
  return { DescribeImages: (input) => describeImages(deps, input) }
}

function describeImages(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const ids = textsOf(input, 'ImageIds')
  if (ids.length === 0) throw new WireError(501, 'NotImplemented', 'The sandbox describes images by id only.')
  const images = ids.map((id) => {
    const image = deps.images.get(id)
    if (image === undefined) throw new WireError(400, 'InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`)
    return image
  })
  return paged(input, images, 'Images', (image: Image) => ({
    ImageId: image.imageId,
    Name: image.name,
    State: 'available',
    Architecture: image.architecture === 'arm64' ? 'arm64' : 'x86_64',
    OwnerId: image.amiType === 'CUSTOM' ? deps.accountId : '602401143452',
  }))
}
