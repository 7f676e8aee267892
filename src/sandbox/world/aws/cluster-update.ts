import { MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import { keyedRandom, keyedUuid } from '../../../model/keyed.ts'
import type { Faults, Timeline } from '../../contract.ts'
import type { Entered, PhaseOf } from '../faults/when.ts'
import type { ClusterSpec } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { type Input, numberOf, recordOf, required } from './answers.ts'
import { refuseRollback, refuseUpgrade } from './cluster-refusals.ts'
import { latestPlatformVersion } from './cluster-versions.ts'
import { type ApiServerLever, type ControlPlane, minorBelow } from './control-plane.ts'
import { inUse, invalidParameter, invalidRequest } from './eks-errors.ts'
import { meets } from './eks-faults.ts'
import type { Insights } from './insights.ts'
import type { NodeGroup } from './node-groups.ts'
import { describeUpdate, type Update, type UpdateError, type Updates } from './updates.ts'

export interface ClusterUpdateDeps {
  readonly timeline: Timeline
  readonly seed: number
  readonly faults: Faults
  readonly cluster: ClusterSpec
  readonly controlPlane: ControlPlane
  readonly apiServer: ApiServerLever
  readonly insights: Insights
  readonly subnets: Subnets
  readonly groups: ReadonlyMap<string, NodeGroup>
  readonly updates: Updates
  readonly accepted: (operation: string, subject: string) => void
  readonly entered: Entered
}

/**
 * A control plane takes about ten minutes (the log in eksctl-io/eksctl#7976). Our assumptions: how that varies, that the API server is
 * away once for seconds in the middle, that a failing update ends like a good one, and how long an answer lags.
 */
const TAKES_AT_LEAST: Millis = 8 * MINUTE
const TAKES_MORE: Millis = 4 * MINUTE
const AWAY_AT_LEAST: Millis = 3 * SECOND
const AWAY_MORE: Millis = 7 * SECOND
const LOOK_AGAIN: Millis = 30 * SECOND
const STATUS_LAG: Millis = 5 * SECOND

/** Limits and default of `rollbackConfig.timeoutMinutes` (EKS API reference, RollbackConfig). */
const TIMEOUT = { least: 120, most: 10_080, unless: 720 }

/** UpdateClusterVersion: one minor up, or back down within a week. */
export function updateClusterVersion(deps: ClusterUpdateDeps, input: Input): Record<string, unknown> {
  const { controlPlane, updates, cluster } = deps
  const begun = updates.begunBy('cluster', input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  const version = required(input, 'version', invalidParameter)
  const back = version === minorBelow(controlPlane.version)
  const type = back ? 'VersionRollback' : 'VersionUpdate'
  refuseWhileBusy(deps, type)
  const nodeTimeout = timeoutOf(deps, input)
  if (back) refuseRollback(deps, version, input.force === true)
  else refuseUpgrade(deps, version, input.force === true)
  const params = { Version: version, PlatformVersion: latestPlatformVersion(version, deps.timeline.now()) }
  const update = updates.open({ type, subject: 'cluster', input, params })
  deps.accepted('eks:UpdateClusterVersion', cluster.name)
  if (back && controlPlane.spec.autoMode !== undefined) rollNodes(deps, update, version, nodeTimeout)
  else moveControlPlane(deps, update, version)
  return { update: describeUpdate(update) }
}

/**
 * One update of a cluster at a time; EKS's own patches exclude others too, while the cluster reads ACTIVE
 * (aws/containers-roadmap#1500). Throws 409.
 */
export function refuseWhileBusy(deps: ClusterUpdateDeps, type: string): void {
  const { cluster, updates, faults, seed } = deps
  const running = updates.list('cluster').find(({ status }) => status === 'InProgress')
  const patch = meets(faults, 'patched-by-eks') ? keyedUuid(seed, 'control-plane-patch') : undefined
  const id = running?.id ?? patch
  if (id === undefined) return
  throw inUse(`Cannot ${type} because cluster ${cluster.name} currently has update ${id} in progress`, { clusterName: cluster.name })
}

function timeoutOf({ cluster }: ClusterUpdateDeps, input: Input): Millis {
  const minutes = numberOf(recordOf(input, 'rollbackConfig') ?? {}, 'timeoutMinutes') ?? TIMEOUT.unless
  if (minutes >= TIMEOUT.least && minutes <= TIMEOUT.most) return minutes * MINUTE
  throw invalidParameter(`timeoutMinutes must be between ${TIMEOUT.least} and ${TIMEOUT.most}.`, { clusterName: cluster.name })
}

/** Auto Mode: its nodes go back first; the cluster stays ACTIVE, and the update can be cancelled (user guide, "rollback-automode"). */
function rollNodes(deps: ClusterUpdateDeps, update: Update, version: string, timeout: Millis): void {
  const { timeline, controlPlane } = deps
  const takes = controlPlane.spec.autoMode?.nodeRollback ?? 0
  enter(deps, 'nodes')
  timeline.after(Math.min(takes, timeout), 'control-plane/nodes', () => {
    if (update.status !== 'InProgress') return
    if (takes <= timeout) moveControlPlane(deps, update, version)
    else end(deps, update, 'Failed', [failure('The nodes did not roll back before the timeout.')])
  })
}

function failure(errorMessage: string): UpdateError {
  return { errorCode: 'Unknown', errorMessage, resourceIds: [] }
}

function moveControlPlane(deps: ClusterUpdateDeps, update: Update, version: string): void {
  const { timeline, seed, controlPlane } = deps
  const takes = TAKES_AT_LEAST + Math.floor(keyedRandom(seed, 'control-plane', update.id) * TAKES_MORE)
  enter(deps, 'launch')
  controlPlane.status = 'UPDATING'
  controlPlane.statusShowsAt = timeline.now() + STATUS_LAG
  timeline.after(takes / 2, 'control-plane/api-server', () => replaceApiServer(deps, update, version, takes / 2))
}

/** The API server goes away and comes back at the other version, unless the update fails: then EKS leaves the old one in place. */
function replaceApiServer(deps: ClusterUpdateDeps, update: Update, version: string, rest: Millis): void {
  const { timeline, seed, apiServer, controlPlane, faults } = deps
  if (meets(faults, 'update-fails')) {
    timeline.after(rest, 'control-plane/end', () => end(deps, update, 'Failed', [failure('The control plane could not be updated.')]))
    return
  }
  enter(deps, 'replace')
  apiServer.leave()
  const away = AWAY_AT_LEAST + Math.floor(keyedRandom(seed, 'api-server', update.id) * AWAY_MORE)
  timeline.after(away, 'control-plane/api-server', () => {
    controlPlane.version = version
    controlPlane.platformVersion = latestPlatformVersion(version, timeline.now())
    apiServer.comeBack()
    enter(deps, 'verify')
  })
  timeline.after(rest, 'control-plane/end', () => succeed(deps, update))
}

function succeed(deps: ClusterUpdateDeps, update: Update): void {
  const { timeline, controlPlane, faults, insights } = deps
  if (meets(faults, 'update-stalls')) {
    timeline.after(LOOK_AGAIN, 'control-plane/end', () => succeed(deps, update))
    return
  }
  if (update.type === 'VersionRollback') delete controlPlane.upgraded
  else controlPlane.upgraded = { from: minorBelow(controlPlane.version), at: timeline.now() }
  end(deps, update, 'Successful', [])
  insights.refresh()
}

function enter({ entered, cluster }: ClusterUpdateDeps, phase: PhaseOf<'eks:UpdateClusterVersion'> | undefined): void {
  entered('eks:UpdateClusterVersion', cluster.name, phase)
}

function end(deps: ClusterUpdateDeps, update: Update, status: 'Successful' | 'Failed', errors: readonly UpdateError[]): void {
  const { timeline, seed, controlPlane } = deps
  enter(deps, undefined)
  update.status = status
  update.errors = errors
  if (controlPlane.status === 'ACTIVE') return
  controlPlane.status = 'ACTIVE'
  controlPlane.statusShowsAt = timeline.now() + Math.floor(keyedRandom(seed, 'lag', update.id) * STATUS_LAG)
}

/** CancelUpdate: only a rollback of an Auto Mode cluster whose nodes are still on their way (user guide, "rollback-automode"). */
export function cancelUpdate(deps: ClusterUpdateDeps, update: Update): Record<string, unknown> {
  const { cluster, controlPlane, timeline } = deps
  const rolling = update.type === 'VersionRollback' && update.status === 'InProgress' && controlPlane.status === 'ACTIVE'
  if (!rolling && update.status !== 'Cancelled')
    throw invalidRequest(`Update ${update.id} of type ${update.type} cannot be cancelled.`, { clusterName: cluster.name })
  timeline.cancel('control-plane/nodes')
  enter(deps, undefined)
  update.status = 'Cancelled'
  update.cancellation = { status: 'Successful', reason: 'The update was cancelled on request.' }
  return { update: describeUpdate(update) }
}
