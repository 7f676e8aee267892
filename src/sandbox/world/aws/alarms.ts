import type { Instant } from '../../../model/instant.ts'
import { type AwsHandlers, type Faults, type Timeline, WireError } from '../../contract.ts'
import type { AlarmSpec, ClusterSpec } from '../world-spec.ts'
import { dateOf, type Input, numberOf, pageOf, textOf, textsOf } from './answers.ts'

type State = AlarmSpec['state']

export interface Alarms {
  /** The state of any alarm that is asked for by name, whether the world lists it or not. */
  state(name: string): State
  readonly handlers: AwsHandlers
}

interface AlarmsDeps {
  readonly timeline: Pick<Timeline, 'now'>
  readonly faults: Faults
  readonly cluster: ClusterSpec
  /** Absent where nobody knows which alarms there are: then each one that is asked for by name is OK. */
  readonly alarms: readonly AlarmSpec[] | undefined
}

/** What an answer holds unless more is asked for, and at most. */
const PAGE = 50
const MOST = 100
const REASONS: Readonly<Record<State, string>> = {
  OK: 'Threshold not crossed',
  ALARM: 'Threshold Crossed: 1 datapoint was greater than the threshold.',
  INSUFFICIENT_DATA: 'Insufficient Data: 1 datapoint was unknown.',
}

/** CloudWatch alarms on metrics: the states they begin with, and those that faults put them in. Their metrics are not simulated. */
export function createAlarms({ timeline, faults, cluster, alarms }: AlarmsDeps): Alarms {
  const state = (name: string): State =>
    faults.effects('cloudwatch/alarm', { alarm: name })[0] ?? alarms?.find((each) => each.name === name)?.state ?? 'OK'
  const changedAt = new Map<string, { readonly state: State; readonly at: Instant }>()
  const opened = timeline.now()
  const note = (): void => {
    for (const { name } of alarms ?? []) {
      const now = state(name)
      if (changedAt.get(name)?.state !== now) changedAt.set(name, { state: now, at: timeline.now() })
    }
  }
  note()
  faults.onChange((levers) => {
    if (levers.has('cloudwatch/alarm')) note()
  })
  const described = (name: string): Input => ({
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:${cluster.region}:${cluster.accountId}:alarm:${name}`,
    ActionsEnabled: true,
    StateValue: state(name),
    StateReason: REASONS[state(name)],
    StateUpdatedTimestamp: dateOf(changedAt.get(name)?.at ?? opened),
  })
  return { state, handlers: { DescribeAlarms: (input) => describeAlarms(input, alarms, described) } }
}

function describeAlarms(input: Input, alarms: AlarmsDeps['alarms'], described: (name: string) => Input): Record<string, unknown> {
  const [names, types] = [textsOf(input, 'AlarmNames'), textsOf(input, 'AlarmTypes')]
  const prefix = textOf(input, 'AlarmNamePrefix')
  const size = numberOf(input, 'MaxRecords') ?? PAGE
  if (names.length > MOST || size > MOST) throw new WireError(400, 'ValidationError', `At most ${MOST} alarms can be asked for at once.`)
  if (names.length > 0 && prefix !== undefined)
    throw new WireError(400, 'InvalidParameterCombination', 'AlarmNamePrefix and AlarmNames cannot be specified together.')
  const known = alarms?.map(({ name }) => name) ?? names
  const asked = known
    .filter((name) => names.length === 0 || names.includes(name))
    .filter((name) => prefix === undefined || name.startsWith(prefix))
    .filter((name) => textOf(input, 'StateValue') === undefined || described(name).StateValue === textOf(input, 'StateValue'))
  const { items, next } = pageOf(asked, textOf(input, 'NextToken'), size, () => new WireError(400, 'InvalidNextToken', 'Invalid nextToken'))
  const wanted = types.length === 0 || types.includes('MetricAlarm')
  return { MetricAlarms: wanted ? items.map(described) : [], CompositeAlarms: [], ...(next === undefined ? {} : { NextToken: next }) }
}
