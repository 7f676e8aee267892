import type { AwsHandlers } from '../../../../contract.ts'
import { type Input, numberOf, pageOf, recordOf, textOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { WarmPool } from '../warm-pool.ts'
import { describeMember, describeWarmPool } from './describe.ts'
import { groupOf, invalidToken, oneOf, refusal } from './refusals.ts'

/** Operations on warm pools. */
export function warmPoolHandlers(api: AutoScalingApi): AwsHandlers {
  const { autoScaling } = api
  return {
    PutWarmPool(input) {
      const group = groupOf(autoScaling, input)
      autoScaling.setWarmPool(group, wantedPool(group.warmPool, input))
      return {}
    },
    DescribeWarmPool(input) {
      const group = groupOf(autoScaling, input)
      const page = pageOf([...group.warm.values()], textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 50, invalidToken)
      return {
        WarmPoolConfiguration: describeWarmPool(group),
        Instances: page.items.map((member) => describeMember(api, group, member)),
        NextToken: page.next,
      }
    },
    DeleteWarmPool(input) {
      const group = groupOf(autoScaling, input)
      if (group.warmPool === undefined) throw refusal(`No warm pool found for Auto Scaling group ${group.name}`)
      autoScaling.setWarmPool(group, { ...group.warmPool, deleting: true })
      if (input.ForceDelete === true) delete group.warmPool
      return {}
    },
  }
}

/** Defaults of the API reference, PutWarmPool; -1 takes the prepared capacity back to the group's maximum. */
function wantedPool(former: WarmPool | undefined, input: Input): WarmPool {
  const state = oneOf(input, 'PoolState', ['Stopped', 'Running', 'Hibernated']) ?? former?.state ?? 'Stopped'
  const minSize = numberOf(input, 'MinSize') ?? former?.minSize ?? 0
  const prepared = numberOf(input, 'MaxGroupPreparedCapacity') ?? former?.maxPrepared ?? -1
  const policy = recordOf(input, 'InstanceReusePolicy')
  if (minSize < 0) throw refusal('MinSize must not be negative.')
  if (prepared < -1) throw refusal('MaxGroupPreparedCapacity must be -1 or more.')
  const reuse = policy === undefined ? (former?.reuse ?? false) : policy.ReuseOnScaleIn === true
  return { minSize, ...(prepared < 0 ? {} : { maxPrepared: prepared }), state, reuse, deleting: false }
}
