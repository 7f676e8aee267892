import { HOUR, type Millis, SECOND } from '../../../../model/instant.ts'
import { keyedId, keyedUuid } from '../../../../model/keyed.ts'
import { isCounted, type Member, type ScalingGroup } from './group.ts'
import type { LaunchSource } from './launch-source.ts'
import { end } from './members.ts'
import {
  activeRefresh,
  leftOf,
  matches,
  percentOf,
  type Refresh,
  type RefreshPreferences,
  type RefreshStatus,
  subjectsOf,
} from './refresh.ts'
import { atTime, REACTION, type Scaling } from './scaling.ts'
import { endWarm } from './warm-pool.ts'

/**
 * The instance refresh, step by step (Auto Scaling user guide, "how an instance refresh works"). It knows nothing of Kubernetes: no
 * cordon, no eviction, no budget.
 */

/** How often it looks; our assumption. */
const LOOK_AGAIN: Millis = 10 * SECOND
/** It gives up when nothing came about for so long, be it protected or standby instances or launches that fail. */
const PATIENCE: Millis = HOUR

/** Begins a refresh; it reads Pending until it first looks. */
export function beginRefresh(
  scaling: Scaling,
  group: ScalingGroup,
  preferences: RefreshPreferences,
  desired: LaunchSource | undefined,
): Refresh {
  const now = scaling.timeline.now()
  const refresh: Refresh = {
    id: keyedUuid(scaling.seed, 'refresh', group.name, group.createdAt, group.refreshes.length),
    start: now,
    preferences,
    ...(desired === undefined ? {} : { desired }),
    former: group.launch,
    status: 'Pending',
    todo: new Set(subjectsOf(scaling, group, desired ?? group.launch, preferences).map(({ instance }) => instance.id)),
    total: 0,
    updated: 0,
    movedAt: now,
    checkpoint: 0,
    resumeAt: now,
  }
  refresh.total = refresh.todo.size
  group.refreshes.push(refresh)
  if (desired !== undefined) group.refreshed = desired
  renewPool(scaling, group, desired ?? group.launch, preferences.skipMatching)
  look(scaling, group, refresh, REACTION)
  return refresh
}

/** Instances in the warm pool are replaced as well, at once (user guide, "warm pools"). */
export function renewPool(scaling: Scaling, group: ScalingGroup, source: LaunchSource, skipMatching: boolean): void {
  const at = atTime(scaling.timeline.now())
  for (const member of [...group.warm.values()]) {
    if (skipMatching && matches(scaling, group, source, member)) continue
    endWarm(scaling, group, member, `${at} an instance was taken out of the warm pool in response to an instance refresh.`)
  }
}

function look(scaling: Scaling, group: ScalingGroup, refresh: Refresh, delay = LOOK_AGAIN): void {
  const key = `scaling/${group.name}/refresh`
  scaling.timeline.cancel(key)
  scaling.timeline.after(delay, key, () => step(scaling, group, refresh))
}

function step(scaling: Scaling, group: ScalingGroup, refresh: Refresh): void {
  // It may have been cancelled in between.
  if (activeRefresh(group) !== refresh) return
  if (!group.suspended.has('InstanceRefresh')) go(scaling, group, refresh)
  if (activeRefresh(group) === refresh) look(scaling, group, refresh)
}

function go(scaling: Scaling, group: ScalingGroup, refresh: Refresh): void {
  const now = scaling.timeline.now()
  if (refresh.status === 'Pending') refresh.status = 'InProgress'
  if (refresh.status === 'Cancelling') {
    if (!isMoving(group)) finish(scaling, group, refresh, 'Cancelled')
    return
  }
  const alarm = refresh.preferences.alarms.find((name) => scaling.inAlarm(name))
  if (alarm !== undefined && refresh.rollback === undefined) {
    fail(scaling, group, refresh, `The CloudWatch alarm ${alarm} went into the ALARM state.`)
    return
  }
  measure(scaling, group, refresh)
  if (now < refresh.resumeAt) return
  if (refresh.status === 'Baking') finish(scaling, group, refresh, 'Successful')
  else if (isDone(group, refresh)) complete(scaling, group, refresh)
  else if (now - refresh.movedAt >= PATIENCE) fail(scaling, group, refresh, 'No instance could be replaced for one hour.')
  else if (!waitsAtCheckpoint(scaling, refresh)) replaceSome(scaling, group, refresh)
}

function isMoving(group: ScalingGroup): boolean {
  return [...group.members.values()].some(({ lifecycle }) => lifecycle !== 'InService' && lifecycle !== 'Standby')
}

/** In service, healthy and, when it is new, warmed up. */
function isReady(scaling: Scaling, refresh: Refresh, { lifecycle, health, inServiceAt = 0 }: Member): boolean {
  if (lifecycle !== 'InService' || health !== 'Healthy') return false
  const since = refresh.rollback?.start ?? refresh.start
  return inServiceAt < since || scaling.timeline.now() >= inServiceAt + refresh.preferences.warmup * SECOND
}

function readyUnits(scaling: Scaling, group: ScalingGroup, refresh: Refresh): number {
  const ready = [...group.members.values()].filter((member) => isReady(scaling, refresh, member))
  return ready.reduce((sum, { weight }) => sum + weight, 0)
}

/** What has been replaced by now; instances that went otherwise count as well. */
function measure(scaling: Scaling, group: ScalingGroup, refresh: Refresh): void {
  for (const id of [...refresh.todo]) {
    const member = group.members.get(id)
    if (member === undefined || (!isCounted(member) && member.lifecycle !== 'Standby')) refresh.todo.delete(id)
  }
  const lacking = Math.max(0, group.sizes.desired - readyUnits(scaling, group, refresh))
  const updated = Math.max(refresh.updated, Math.min(refresh.total, refresh.total - refresh.todo.size - lacking))
  if (updated > refresh.updated) refresh.movedAt = scaling.timeline.now()
  refresh.updated = updated
}

/** Nothing is left to replace, or the last checkpoint below 100 % has been passed. */
function isDone(group: ScalingGroup, refresh: Refresh): boolean {
  const { checkpoints } = refresh.preferences
  const passed = refresh.rollback === undefined && checkpoints.length > 0 && refresh.checkpoint >= checkpoints.length
  return (refresh.updated >= refresh.total && refresh.todo.size === 0 && group.extra === 0 && !isMoving(group)) || passed
}

function complete(scaling: Scaling, group: ScalingGroup, refresh: Refresh): void {
  const { bakeTime } = refresh.preferences
  if (refresh.rollback !== undefined) finish(scaling, group, refresh, 'RollbackSuccessful')
  else if (bakeTime === 0 || refresh.total === 0) finish(scaling, group, refresh, 'Successful')
  else {
    refresh.status = 'Baking'
    refresh.resumeAt = scaling.timeline.now() + bakeTime * SECOND
  }
}

/** Replacements that may have been made before the next checkpoint has been waited at. */
function limitOf({ total, checkpoint, rollback, preferences: { checkpoints } }: Refresh): number {
  return rollback === undefined ? Math.ceil((total * (checkpoints[checkpoint] ?? 100)) / 100) : total
}

function waitsAtCheckpoint(scaling: Scaling, refresh: Refresh): boolean {
  const { checkpoints, checkpointDelay } = refresh.preferences
  if (refresh.rollback !== undefined || refresh.checkpoint >= checkpoints.length || refresh.updated < limitOf(refresh)) return false
  refresh.checkpoint += 1
  refresh.resumeAt = scaling.timeline.now() + checkpointDelay * SECOND
  refresh.movedAt = refresh.resumeAt
  return true
}

/** Ends as many as the healthy percentages allow; with a maximum above, or a minimum that leaves no room, others come first. */
function replaceSome(scaling: Scaling, group: ScalingGroup, refresh: Refresh): void {
  const { minHealthy, maxHealthy } = refresh.preferences
  const { desired } = group.sizes
  const least = Math.ceil((desired * minHealthy) / 100)
  const launchFirst = minHealthy === 100 || (maxHealthy !== undefined && (maxHealthy > 100 || least >= desired))
  const most = Math.max(desired + 1, Math.floor((desired * (maxHealthy ?? 100)) / 100))
  const open = Math.max(0, limitOf(refresh) - (refresh.total - refresh.todo.size))
  const candidates = candidatesOf(scaling, group, refresh).slice(0, open)
  const ready = readyUnits(scaling, group, refresh)
  const stands = ready >= desired && !isMoving(group)
  const room = !launchFirst && stands ? Math.max(1, ready - least) : ready - least
  const chosen = candidates.filter(({ lifecycle }, index) => lifecycle === 'Standby' || index < room)
  for (const member of chosen) replaceOne(scaling, group, refresh, member)
  group.extra = launchFirst ? Math.min(most - desired, candidates.length - chosen.length) : 0
  if (chosen.length > 0 || group.extra > 0) scaling.reconcileSoon(group, '')
}

/** Instances that may go now, in keyed order; what is unhealthy anyway goes first. */
function candidatesOf(scaling: Scaling, group: ScalingGroup, { id, todo, preferences }: Refresh): readonly Member[] {
  const order = ({ health, instance }: Member) => `${health === 'Healthy' ? 1 : 0}${keyedId(12, scaling.seed, 'turn', id, instance.id)}`
  return [...todo]
    .flatMap((each) => group.members.get(each) ?? [])
    .filter(
      (member) =>
        (!member.protected || preferences.protectedInstances === 'Refresh') &&
        (member.lifecycle === 'InService' || (member.lifecycle === 'Standby' && preferences.standbyInstances === 'Terminate')),
    )
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

function replaceOne(scaling: Scaling, group: ScalingGroup, refresh: Refresh, member: Member): void {
  refresh.todo.delete(member.instance.id)
  const at = atTime(scaling.timeline.now())
  end(scaling, group, member, `${at} an instance was taken out of service in response to an instance refresh.`)
}

function fail(scaling: Scaling, group: ScalingGroup, refresh: Refresh, reason: string): void {
  if (refresh.rollback !== undefined) finish(scaling, group, refresh, 'RollbackFailed', reason)
  else if (refresh.preferences.autoRollback) rollBack(scaling, group, refresh, reason)
  else finish(scaling, group, refresh, 'Failed', reason)
}

function finish(scaling: Scaling, group: ScalingGroup, refresh: Refresh, status: RefreshStatus, reason?: string): void {
  refresh.status = status
  refresh.end = scaling.timeline.now()
  if (reason !== undefined) refresh.reason = reason
  if (status === 'Successful' && refresh.desired !== undefined) group.launch = refresh.desired
  delete group.refreshed
  group.extra = 0
  scaling.reconcileSoon(group, '')
}

/** Replacements that are under way come to their end first, unless they are not to be waited for; nothing is taken back. */
export function cancelRefresh(scaling: Scaling, group: ScalingGroup, refresh: Refresh, wait: boolean): void {
  if (refresh.desired !== undefined && refresh.rollback === undefined) delete group.refreshed
  group.extra = 0
  if (wait) refresh.status = 'Cancelling'
  else finish(scaling, group, refresh, 'Cancelled')
}

/** Turns a refresh round: what it launched is replaced by what the group launched before. */
export function rollBack(scaling: Scaling, group: ScalingGroup, refresh: Refresh, reason: string): void {
  const now = scaling.timeline.now()
  measure(scaling, group, refresh)
  refresh.rollback = { reason, start: now, percent: percentOf(refresh), left: leftOf(refresh) }
  refresh.status = 'RollbackInProgress'
  const fresh = [...group.members.values()].filter((member) => isCounted(member) && member.instance.launchedAt >= refresh.start)
  refresh.todo = new Set(fresh.map(({ instance }) => instance.id))
  refresh.total = fresh.length
  refresh.updated = 0
  refresh.movedAt = now
  refresh.resumeAt = now
  group.refreshed = refresh.former
  group.extra = 0
  look(scaling, group, refresh, REACTION)
}
