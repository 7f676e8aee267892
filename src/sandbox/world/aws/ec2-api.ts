import type { AwsHandlers, Timeline } from '../../contract.ts'
import { imageHandlers } from './ec2/image-api.ts'
import { instanceHandlers } from './ec2/instance-api.ts'
import { instanceTypeHandlers } from './ec2/instance-type-api.ts'
import { type InterfaceApiDeps, interfaceHandlers } from './ec2/interface-api.ts'
import { type SubnetDeps, subnetHandlers } from './ec2/subnet-api.ts'
import { templateHandlers } from './ec2/template-api.ts'
import { vpcHandlers } from './ec2/vpc-api.ts'
import type { Images } from './images.ts'
import type { InstanceTypes } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import type { LaunchTemplates } from './launch-templates.ts'

export interface Ec2Deps extends SubnetDeps, InterfaceApiDeps {
  readonly clusterName: string
  readonly timeline: Timeline
  readonly instances: Instances
  readonly templates: LaunchTemplates
  readonly images: Images
  readonly types: InstanceTypes
  readonly isImpaired: (instance: Instance) => boolean
  /** Whether an AMI does not exist any more. */
  readonly isGone: (imageId: string) => boolean
  /** Tags of an instance: cluster and node group. */
  readonly instanceTags: (instance: Instance) => Readonly<Record<string, string>>
}

/** The EC2 operations, in SDK shapes. */
export function ec2Handlers(deps: Ec2Deps): AwsHandlers {
  return {
    ...subnetHandlers(deps),
    ...instanceHandlers(deps),
    ...instanceTypeHandlers(deps.types),
    ...interfaceHandlers(deps),
    ...templateHandlers(deps),
    ...vpcHandlers(deps),
    ...imageHandlers(deps),
  }
}
