import type { AwsHandlers, Timeline } from '../../contract.ts'
import type { ClusterSpec } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { activityHandlers } from './auto-scaling/api/activity-api.ts'
import { attachmentHandlers } from './auto-scaling/api/attachment-api.ts'
import { groupHandlers } from './auto-scaling/api/group-api.ts'
import { hookHandlers } from './auto-scaling/api/hook-api.ts'
import { memberHandlers } from './auto-scaling/api/member-api.ts'
import { refreshHandlers } from './auto-scaling/api/refresh-api.ts'
import { tagHandlers } from './auto-scaling/api/tag-api.ts'
import { warmPoolHandlers } from './auto-scaling/api/warm-pool-api.ts'
import { wholeGroupHandlers } from './auto-scaling/api/whole-group-api.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { Instances } from './instances.ts'
import type { LaunchConfiguration } from './launch-configurations.ts'
import type { LaunchTemplates } from './launch-templates.ts'

/** What the Auto Scaling operations stand on. */
export interface AutoScalingApi {
  readonly timeline: Timeline
  readonly autoScaling: AutoScaling
  readonly instances: Instances
  readonly templates: LaunchTemplates
  readonly configurations: ReadonlyMap<string, LaunchConfiguration>
  readonly subnets: Subnets
  readonly seed: number
  readonly cluster: ClusterSpec
}

/** The Auto Scaling operations, in SDK shapes. */
export function autoScalingHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    ...wholeGroupHandlers(api),
    ...groupHandlers(api),
    ...memberHandlers(api),
    ...hookHandlers(api),
    ...activityHandlers(api),
    ...refreshHandlers(api),
    ...warmPoolHandlers(api),
    ...tagHandlers(api),
    ...attachmentHandlers(api),
  }
}
