import type { Instant } from '../../../../model/instant.ts'
import { isParameter } from '../parameters.ts'
import { isCounted, type Member, type ScalingGroup } from './group.ts'
import { plansOf } from './launch-plan.ts'
import { choicesOf, type LaunchSource } from './launch-source.ts'
import type { Scaling } from './scaling.ts'

export type RefreshStatus =
  | 'Pending'
  | 'InProgress'
  | 'Baking'
  | 'Successful'
  | 'Failed'
  | 'Cancelling'
  | 'Cancelled'
  | 'RollbackInProgress'
  | 'RollbackSuccessful'
  | 'RollbackFailed'

/** Preferences of an instance refresh with their defaults filled in; percentages and seconds (API reference, RefreshPreferences). */
export interface RefreshPreferences {
  readonly minHealthy: number
  /** Absent is not 100: then instances go and come at the same time. */
  readonly maxHealthy?: number
  readonly warmup: number
  readonly checkpoints: readonly number[]
  readonly checkpointDelay: number
  readonly skipMatching: boolean
  readonly autoRollback: boolean
  readonly protectedInstances: 'Refresh' | 'Ignore' | 'Wait'
  readonly standbyInstances: 'Terminate' | 'Ignore' | 'Wait'
  readonly alarms: readonly string[]
  readonly bakeTime: number
}

/** An instance refresh, or the rollback it became. */
export interface Refresh {
  readonly id: string
  readonly start: Instant
  readonly preferences: RefreshPreferences
  readonly desired?: LaunchSource
  /** What the group launched from before. */
  readonly former: LaunchSource
  status: RefreshStatus
  reason?: string
  end?: Instant
  /** Ids of instances that are still to go. */
  todo: Set<string>
  /** How many there were to replace, and how many have been, warm-up included. */
  total: number
  updated: number
  /** When something last came about. */
  movedAt: Instant
  /** Which checkpoint is next, and until when the last one is waited at. */
  checkpoint: number
  resumeAt: Instant
  rollback?: { readonly reason: string; readonly start: Instant; readonly percent: number; readonly left: number }
}

const ACTIVE: ReadonlySet<RefreshStatus> = new Set(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'])

/** The refresh of a group that has not ended. */
export function activeRefresh({ refreshes }: ScalingGroup): Refresh | undefined {
  return refreshes.find(({ status }) => ACTIVE.has(status))
}

/**
 * Why a refresh of the group could not be taken back, or undefined when it could
 * (API reference, RollbackInstanceRefresh; user guide, "instance-refresh-rollback").
 */
export function irreversible(scaling: Scaling, former: LaunchSource, desired: LaunchSource | undefined): string | undefined {
  if (desired === undefined) return 'The instance refresh has no desired configuration.'
  for (const { id, version } of choicesOf(former)) {
    if (version.startsWith('$')) return `The Auto Scaling group uses the ${version} version of its launch template.`
    const template = scaling.templates.get(id)
    const image = template && scaling.templates.version(template, version)?.imageId
    if (isParameter(image ?? '')) return 'The launch template of the Auto Scaling group uses an AWS Systems Manager parameter as its AMI.'
  }
  return undefined
}

/** Whether an instance is already what the source would launch (user guide, "skip matching"). */
export function matches(scaling: Scaling, group: ScalingGroup, source: LaunchSource, { instance }: Member): boolean {
  const made = plansOf(scaling, group, source)
  return (
    made.ok &&
    made.plans.some(
      ({ type, imageId, template }) =>
        type === instance.type &&
        imageId === instance.imageId &&
        template?.id === instance.template?.id &&
        template?.version === instance.template?.version,
    )
  )
}

/** Members that a refresh takes on at its beginning. */
export function subjectsOf(
  scaling: Scaling,
  group: ScalingGroup,
  source: LaunchSource,
  preferences: RefreshPreferences,
): readonly Member[] {
  const { skipMatching, protectedInstances, standbyInstances } = preferences
  return [...group.members.values()].filter((member) => {
    if (!isCounted(member) && member.lifecycle !== 'Standby') return false
    if (member.protected && protectedInstances === 'Ignore') return false
    if (member.lifecycle === 'Standby' && standbyInstances === 'Ignore') return false
    return !(skipMatching && matches(scaling, group, source, member))
  })
}

/** Percent of the instances that have been replaced; a rollback counts back down. */
export function percentOf({ total, updated, rollback }: Refresh): number {
  const done = total === 0 ? 100 : Math.floor((updated * 100) / total)
  return rollback === undefined ? done : Math.floor((rollback.percent * (100 - done)) / 100)
}

/** Instances that are still to be replaced, or to be put back. */
export function leftOf({ total, updated }: Refresh): number {
  return total - updated
}
