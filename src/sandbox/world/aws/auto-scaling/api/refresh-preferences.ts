import { type Input, numberOf, recordOf, textsOf } from '../../answers.ts'
import type { ScalingGroup } from '../group.ts'
import type { RefreshPreferences } from '../refresh.ts'
import { oneOf, refusal } from './refusals.ts'

/** Bounds and defaults of the API reference, RefreshPreferences, and of the user guide's "default values for an instance refresh". */
const LONGEST = 172_800
const MOST_ALARMS = 10
const CHECKPOINT_DELAY = 3_600
const MIN_HEALTHY = 90

/** @throws WireError ValidationError for values out of bounds and for combinations that make no sense. */
export function wantedPreferences({ settings }: ScalingGroup, input: Input): RefreshPreferences {
  const { maintenance, defaultInstanceWarmup, healthCheckGracePeriod } = settings
  const minGiven = bounded(input, 'MinHealthyPercentage', 0, 100)
  const maxGiven = bounded(input, 'MaxHealthyPercentage', 100, 200)
  if (maxGiven !== undefined && minGiven === undefined)
    throw refusal('MinHealthyPercentage must be specified when MaxHealthyPercentage is.')
  const minHealthy = minGiven ?? maintenance?.min ?? MIN_HEALTHY
  const maxHealthy = minGiven === undefined ? maintenance?.max : maxGiven
  if (maxHealthy !== undefined && maxHealthy - minHealthy > 100) {
    throw refusal('The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be greater than 100.')
  }
  const specification = recordOf(input, 'AlarmSpecification')
  const alarms = specification === undefined ? [] : textsOf(specification, 'Alarms')
  if (alarms.length > MOST_ALARMS) throw refusal('At most 10 alarms can be specified.')
  return {
    minHealthy,
    ...(maxHealthy === undefined ? {} : { maxHealthy }),
    warmup: bounded(input, 'InstanceWarmup', 0, Number.MAX_SAFE_INTEGER) ?? defaultInstanceWarmup ?? healthCheckGracePeriod,
    ...checkpointsOf(input),
    skipMatching: input.SkipMatching === true,
    autoRollback: input.AutoRollback === true,
    protectedInstances: oneOf(input, 'ScaleInProtectedInstances', ['Refresh', 'Ignore', 'Wait']) ?? 'Wait',
    standbyInstances: oneOf(input, 'StandbyInstances', ['Terminate', 'Ignore', 'Wait']) ?? 'Wait',
    alarms,
    bakeTime: bounded(input, 'BakeTime', 0, LONGEST) ?? 0,
  }
}

function bounded(input: Input, member: string, least: number, most: number): number | undefined {
  const value = numberOf(input, member)
  if (value !== undefined && (value < least || value > most)) throw refusal(`${member} must be between ${least} and ${most}.`)
  return value
}

/** Ascending, unique, from 1 to 100. */
function checkpointsOf(input: Input): Pick<RefreshPreferences, 'checkpoints' | 'checkpointDelay'> {
  const given = Array.isArray(input.CheckpointPercentages) ? input.CheckpointPercentages.map(Number) : []
  const delay = bounded(input, 'CheckpointDelay', 0, LONGEST)
  if (delay !== undefined && given.length === 0) throw refusal('CheckpointPercentages must be specified when CheckpointDelay is.')
  if (given.some((each) => !Number.isInteger(each) || each < 1 || each > 100))
    throw refusal('Checkpoint percentages must be between 1 and 100.')
  if (given.some((each, at) => at > 0 && each <= (given[at - 1] ?? 0)))
    throw refusal('Checkpoint percentages must be unique and in ascending order.')
  return { checkpoints: given, checkpointDelay: delay ?? CHECKPOINT_DELAY }
}

/** Preferences in SDK shape. */
export function describePreferences(preferences: RefreshPreferences): Record<string, unknown> {
  const { checkpoints, alarms, maxHealthy } = preferences
  return {
    MinHealthyPercentage: preferences.minHealthy,
    MaxHealthyPercentage: maxHealthy,
    InstanceWarmup: preferences.warmup,
    CheckpointPercentages: checkpoints.length === 0 ? undefined : checkpoints,
    CheckpointDelay: checkpoints.length === 0 ? undefined : preferences.checkpointDelay,
    SkipMatching: preferences.skipMatching,
    AutoRollback: preferences.autoRollback,
    ScaleInProtectedInstances: preferences.protectedInstances,
    StandbyInstances: preferences.standbyInstances,
    AlarmSpecification: alarms.length === 0 ? undefined : { Alarms: alarms },
    BakeTime: preferences.bakeTime,
  }
}
