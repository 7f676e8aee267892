import type { AwsHandlers, Timeline } from '../../contract.ts'
import type { ClusterSpec } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { type Input, recordsOf, textOf, textsOf } from './answers.ts'
import { activityHandlers } from './auto-scaling/api/activity-api.ts'
import { attachmentHandlers } from './auto-scaling/api/attachment-api.ts'
import { groupHandlers } from './auto-scaling/api/group-api.ts'
import { hookHandlers } from './auto-scaling/api/hook-api.ts'
import { memberHandlers } from './auto-scaling/api/member-api.ts'
import { refreshHandlers } from './auto-scaling/api/refresh-api.ts'
import { findMember } from './auto-scaling/api/refusals.ts'
import { tagHandlers } from './auto-scaling/api/tag-api.ts'
import { warmPoolHandlers } from './auto-scaling/api/warm-pool-api.ts'
import { wholeGroupHandlers } from './auto-scaling/api/whole-group-api.ts'
import { copyGroup, type ScalingGroup } from './auto-scaling/group.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { Instances } from './instances.ts'
import type { LaunchConfiguration } from './launch-configurations.ts'
import type { LaunchTemplates } from './launch-templates.ts'
import { answeredFrom, type Replicas } from './replicas.ts'

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
  readonly replicas: Replicas
}

/** The Auto Scaling operations, in SDK shapes. */
export function autoScalingHandlers(api: AutoScalingApi): AwsHandlers {
  const { autoScaling, replicas } = api
  const shown = replicas.of<ScalingGroup>({
    service: 'autoScaling',
    kind: 'group',
    all: () => autoScaling.all(),
    idOf: ({ name }) => name,
    copy: copyGroup,
  })
  const lagging = { ...api, autoScaling: { ...autoScaling, all: shown.all, get: shown.get } }
  return shown.heardLater(answeredFrom(lagging, api, operations), (input) => groupsNamed(autoScaling, input))
}

/** The groups that a request may change, however it names them. */
function groupsNamed(autoScaling: AutoScaling, input: Input): readonly string[] {
  const ids = [textOf(input, 'InstanceId') ?? '', ...textsOf(input, 'InstanceIds')]
  const owners = ids.flatMap((id) => findMember(autoScaling, id)?.group.name ?? [])
  const tagged = recordsOf(input, 'Tags').flatMap((tag) => textOf(tag, 'ResourceId') ?? [])
  return [...new Set([textOf(input, 'AutoScalingGroupName') ?? '', ...owners, ...tagged])]
}

function operations(api: AutoScalingApi): AwsHandlers {
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
