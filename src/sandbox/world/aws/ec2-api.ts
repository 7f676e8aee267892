import type { AwsHandlers, Timeline } from '../../contract.ts'
import { createOnce, type Once } from './ec2/client-tokens.ts'
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
import type { RequestBuckets } from './request-buckets.ts'

export interface Ec2Deps extends SubnetDeps, InterfaceApiDeps {
  readonly clusterName: string
  readonly timeline: Timeline
  readonly instances: Instances
  readonly templates: LaunchTemplates
  readonly images: Images
  readonly types: InstanceTypes
  readonly buckets: RequestBuckets
  readonly isImpaired: (instance: Instance) => boolean
  /** Whether an AMI does not exist any more. */
  readonly isGone: (imageId: string) => boolean
  /** Tags of an instance: cluster and node group. */
  readonly instanceTags: (instance: Instance) => Readonly<Record<string, string>>
}

/** What all of them share: each mutating operation once for its token. */
export interface Ec2Api extends Ec2Deps {
  readonly once: Once
}

/** The EC2 operations, in SDK shapes. */
export function ec2Handlers(account: Ec2Deps): AwsHandlers {
  const deps: Ec2Api = { ...account, once: createOnce() }
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
