import { type AwsHandlers, WireError } from '../../../../contract.ts'
import { dateOf, type Input, numberOf, pageOf, recordOf, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { ScalingGroup } from '../group.ts'
import { activeRefresh, leftOf, percentOf, type Refresh } from '../refresh.ts'
import { describePreferences, wantedPreferences } from './refresh-preferences.ts'
import { groupOf, invalidToken, oneOf, refusal } from './refusals.ts'
import { describeSource, wantedSource } from './source.ts'

/** Operations on instance refreshes. */
export function refreshHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    StartInstanceRefresh: (input) => start(api, input),
    DescribeInstanceRefreshes: (input) => describeRefreshes(api, input),
    CancelInstanceRefresh(input) {
      const group = groupOf(api.autoScaling, input)
      const refresh = requireActive(group)
      api.autoScaling.refreshes.cancel(group, refresh, input.WaitForTransitioningInstances !== false)
      return { InstanceRefreshId: refresh.id }
    },
    RollbackInstanceRefresh: (input) => rollBack(api, input),
  }
}

function start(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const { autoScaling } = api
  const group = groupOf(autoScaling, input)
  const strategy = oneOf(input, 'Strategy', ['Rolling', 'ReplaceRootVolume']) ?? 'Rolling'
  if (strategy !== 'Rolling') throw new WireError(501, 'NotImplemented', `the sandbox does not simulate the strategy ${strategy}`)
  const preferences = wantedPreferences(group, recordOf(input, 'Preferences') ?? {})
  const configuration = recordOf(input, 'DesiredConfiguration')
  const desired = configuration && wantedSource(api, configuration)
  if (configuration !== undefined && desired === undefined)
    throw refusal('DesiredConfiguration must have a LaunchTemplate or a MixedInstancesPolicy.')
  const obstacle = preferences.autoRollback ? autoScaling.refreshes.irreversible(group.launch, desired) : undefined
  if (obstacle !== undefined) throw refusal(`AutoRollback is not supported. ${obstacle}`)
  if (activeRefresh(group) !== undefined) {
    const message = 'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.'
    throw new WireError(400, 'InstanceRefreshInProgressFault', message)
  }
  return { InstanceRefreshId: autoScaling.refreshes.begin(group, preferences, desired).id }
}

function rollBack({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const refresh = requireActive(group)
  if (refresh.rollback !== undefined || refresh.status === 'Cancelling') throw noneActive(group)
  const obstacle = autoScaling.refreshes.irreversible(refresh.former, refresh.desired)
  if (obstacle !== undefined)
    throw new WireError(400, 'IrreversibleInstanceRefreshFault', `The instance refresh cannot be rolled back. ${obstacle}`)
  autoScaling.refreshes.rollBack(group, refresh, 'A user requested the rollback.')
  return { InstanceRefreshId: refresh.id }
}

function requireActive(group: ScalingGroup): Refresh {
  const refresh = activeRefresh(group)
  if (refresh === undefined) throw noneActive(group)
  return refresh
}

function noneActive({ name }: ScalingGroup): WireError {
  const message = `No in progress or pending Instance Refresh found for Auto Scaling group ${name}`
  return new WireError(400, 'ActiveInstanceRefreshNotFoundFault', message)
}

/** Newest first. */
function describeRefreshes(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  const ids = textsOf(input, 'InstanceRefreshIds')
  const found = group.refreshes.filter(({ id }) => ids.length === 0 || ids.includes(id)).toReversed()
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 50, invalidToken)
  return { InstanceRefreshes: page.items.map((refresh) => describeRefresh(api, group, refresh)), NextToken: page.next }
}

function describeRefresh({ templates }: AutoScalingApi, group: ScalingGroup, refresh: Refresh): Record<string, unknown> {
  const { id, status, reason, start: begun, end, preferences, desired, rollback } = refresh
  const progress = { PercentageComplete: percentOf(refresh), InstancesToUpdate: leftOf(refresh) }
  return {
    InstanceRefreshId: id,
    AutoScalingGroupName: group.name,
    Status: status,
    StatusReason: reason,
    StartTime: dateOf(begun),
    EndTime: end === undefined ? undefined : dateOf(end),
    ...progress,
    ProgressDetails: { LivePoolProgress: progress },
    Preferences: describePreferences(preferences),
    DesiredConfiguration: desired && describeSource(templates, desired),
    Strategy: 'Rolling',
    RollbackDetails: rollback && {
      RollbackReason: rollback.reason,
      RollbackStartTime: dateOf(rollback.start),
      PercentageCompleteOnRollback: rollback.percent,
      InstancesToUpdateOnRollback: rollback.left,
    },
  }
}
