import type { Alarm } from '../../model/alarm.ts'
import type { CloudWatch } from '../../ports/cloud-watch.ts'
import { type AwsCaller, allPages, chunks, plain, withMembers } from '../aws-call.ts'
import { refuseEmpty } from '../refuse-empty.ts'
import type { ClientSettings } from '../transport.ts'

const OPERATION = 'cloudwatch:DescribeAlarms'
/** Names that one request may hold, and alarms that one answer does. */
const MOST = 100
/** Without them only alarms on metrics are answered. */
const TYPES = ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] as const

/** Amazon CloudWatch over the SDK client, loaded at the first call: most plans never ask. */
export function createCloudWatch(settings: ClientSettings, caller: AwsCaller): CloudWatch {
  let loading: Promise<(names: readonly string[]) => Promise<readonly Alarm[]>> | undefined
  const load = async () => {
    const { CloudWatchClient, DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch')
    const client = settings.prepared(new CloudWatchClient(settings))
    return (names: readonly string[]) =>
      allPages(OPERATION, (NextToken) =>
        caller.read(OPERATION, async () => {
          const asked = new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: [...TYPES], MaxRecords: MOST, NextToken })
          const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [], NextToken: next } = await client.send(asked)
          return { items: [...MetricAlarms, ...CompositeAlarms, ...LogAlarms].map(essentials), next }
        }),
      )
  }
  return {
    alarms: async (names) => {
      refuseEmpty(OPERATION, names)
      loading ??= load()
      const describe = await loading
      return (await Promise.all(chunks(names, MOST).map(describe))).flat()
    },
  }
}

/** Thresholds, actions and the like are of no use here. */
function essentials(alarm: {
  readonly AlarmName?: string
  readonly StateValue?: string
  readonly StateReason?: string
  readonly StateUpdatedTimestamp?: Date
  readonly EvaluationState?: string
}): Alarm {
  const { AlarmName, StateValue, StateReason, StateUpdatedTimestamp, EvaluationState } = withMembers(
    OPERATION,
    alarm,
    'AlarmName',
    'StateValue',
  )
  return plain({ AlarmName, StateValue, StateReason, StateUpdatedTimestamp, EvaluationState })
}
