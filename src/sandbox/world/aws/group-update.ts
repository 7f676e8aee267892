import { type Instant, MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import { keyedId, keyedRandom } from '../../../model/keyed.ts'
import type { Faults, Timeline } from '../../contract.ts'
import type { Entered, PhaseOf } from '../faults/when.ts'
import type { Sizes } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import { activeMembers, type Member } from './auto-scaling/group.ts'
import { type LaunchSource, pinned } from './auto-scaling/launch-source.ts'
import { surplus } from './auto-scaling/termination.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { LaunchTemplates } from './launch-templates.ts'
import type { NodeActions } from './node-actions.ts'
import { type GroupTarget, maxUnavailableOf, type NodeGroup, setStatus, templateFor, zonesOf } from './node-groups.ts'
import { creationErrors, evictionError } from './update-errors.ts'
import type { Update, UpdateError } from './updates.ts'

/**
 * The version update of a managed node group, phase by phase
 * (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html).
 * It cannot be paused or cancelled.
 */

/** How long new nodes may take to join, and one node to drain (EKS user guide, update behaviour and troubleshooting). */
const JOIN_LIMIT: Millis = 15 * MINUTE
const DRAIN_LIMIT: Millis = 15 * MINUTE
/** EKS waits this long after the last pod has left, so that services notice. */
const WAIT_AFTER_DRAIN: Millis = 60 * SECOND
/** Our assumptions about EKS's own pace. */
const SET_UP: Millis = 20 * SECOND
const LOOK_AGAIN: Millis = 10 * SECOND
const CLEAN_UP: Millis = 60 * SECOND
const STATUS_LAG: Millis = 5 * SECOND

export interface GroupUpdateDeps {
  readonly timeline: Timeline
  readonly seed: number
  readonly subnets: Subnets
  readonly templates: LaunchTemplates
  readonly autoScaling: AutoScaling
  readonly nodes: NodeActions
  readonly faults: Faults
  readonly entered: Entered
}

interface Roll extends GroupUpdateDeps {
  readonly group: NodeGroup
  readonly update: Update
  readonly target: GroupTarget
  readonly force: boolean
  readonly begunAt: Instant
  /** Sizes to return to when all goes well: those before any update that failed and left them inflated. */
  readonly former: Sizes
  readonly sizesAtBeginning: Sizes
  /** What it launched from before, to which a failed update points the group back. */
  readonly formerLaunch: LaunchSource
  /** Old instances still to be replaced, in the order in which they are taken. */
  readonly old: string[]
  readonly drains: Map<string, Drain>
  readonly deadlines: { join: Instant }
}

interface Drain {
  readonly since: Instant
  emptySince?: Instant
  /** When the instance was sent away. */
  endedAt?: Instant
}

/** Begins the update; the group reads UPDATING a few seconds later. */
export function beginGroupUpdate(
  deps: GroupUpdateDeps,
  wanted: { readonly group: NodeGroup; readonly update: Update; readonly target: GroupTarget; readonly force: boolean },
): void {
  const { group } = wanted
  const roll: Roll = {
    ...deps,
    ...wanted,
    begunAt: deps.timeline.now(),
    former: group.sizesBeforeFailure ?? group.scaling.sizes,
    sizesAtBeginning: group.scaling.sizes,
    formerLaunch: group.scaling.launch,
    old: [],
    drains: new Map(),
    deadlines: { join: deps.timeline.now() },
  }
  setStatus(group, 'UPDATING', deps.timeline.now(), STATUS_LAG)
  later(roll, 'set-up', SET_UP, () => setUp(roll))
}

/** Goes on after `delay`, unless a fault makes the workflow stand still: then it looks again until that is over. */
function later(roll: Roll, phase: string, delay: Millis, action: () => void): void {
  const { timeline, faults, group } = roll
  timeline.after(delay, `node-group/${group.spec.name}/${phase}`, () => {
    if (faults.effects('node-group/update', { group: group.spec.name }).length > 0) later(roll, phase, LOOK_AGAIN, action)
    else action()
  })
}

function setUp(roll: Roll): void {
  const { group } = roll
  const template = templateFor(group, roll.target, roll.templates)
  group.scaling.launch = pinned(template)
  roll.autoScaling.renewWarm(group.scaling)
  const isOld = ({ instance }: Member) => instance.template?.version !== template.version
  const order = ({ instance }: Member) => keyedId(12, roll.seed, 'turn', roll.update.id, instance.id)
  roll.old.push(
    ...[...activeMembers(group.scaling)]
      .filter(isOld)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1))
      .map(({ instance }) => instance.id),
  )
  if (roll.old.length === 0) enter(roll, 'scale-down', scaleDown)
  else if (group.updateConfig.updateStrategy === 'MINIMAL') enter(roll, 'upgrade', replace)
  else enter(roll, 'scale-up', scaleUp)
}

function scaleUp(roll: Roll): void {
  const { group, former } = roll
  const zones = zonesOf(group, (id) => roll.subnets.get(id)?.zone ?? '')
  const surge = Math.max(2 * zones.length, maxUnavailableOf(group))
  const { sizes } = group.scaling
  const raised = { min: sizes.min, max: Math.max(sizes.max, former.max + surge), desired: Math.max(sizes.desired, former.desired + surge) }
  roll.autoScaling.resize(group.scaling, raised, 'EKS set the')
  roll.deadlines.join = roll.timeline.now() + JOIN_LIMIT
  later(roll, 'join', LOOK_AGAIN, () => awaitNewNodes(roll))
}

function awaitNewNodes(roll: Roll): void {
  if (newNodesStand(roll)) {
    for (const id of roll.old) roll.nodes.retire(nodeOf(roll, id))
    enter(roll, 'upgrade', replace)
  } else if (roll.timeline.now() >= roll.deadlines.join) failCreation(roll)
  else later(roll, 'join', LOOK_AGAIN, () => awaitNewNodes(roll))
}

/** As many as wanted, all Ready and labelled, and one in every zone that has an old one. */
function newNodesStand(roll: Roll): boolean {
  const members = activeMembers(roll.group.scaling)
  const fresh = members.filter(({ instance }) => !roll.old.includes(instance.id))
  const zones = new Set(fresh.map(({ instance }) => instance.zone))
  const oldZones = members.filter(({ instance }) => roll.old.includes(instance.id)).map(({ instance }) => instance.zone)
  return (
    members.length >= roll.group.scaling.sizes.desired &&
    fresh.every((member) => stands(roll, member)) &&
    oldZones.every((zone) => zones.has(zone))
  )
}

function stands(roll: Roll, { instance }: Member): boolean {
  return roll.nodes.isReady(instance.nodeName, instance.imageId)
}

function nodeOf(roll: Roll, instanceId: string): string {
  return roll.group.scaling.members.get(instanceId)?.instance.nodeName ?? ''
}

function enter(roll: Roll, phase: PhaseOf<'eks:UpdateNodegroupVersion'>, go: (roll: Roll) => void): void {
  roll.entered('eks:UpdateNodegroupVersion', roll.group.spec.name, phase)
  go(roll)
}

/** Drains and ends old nodes, at most maxUnavailable at a time, until none is left. */
function replace(roll: Roll): void {
  for (const [id, drain] of [...roll.drains]) {
    if (!roll.group.scaling.members.has(id) && !awaitsReplacement(roll)) roll.drains.delete(id)
    else if (drain.endedAt === undefined) drainOn(roll, id, drain)
  }
  const overdue = [...roll.drains].filter(([, drain]) => isOverdue(roll, drain)).map(([id]) => nodeOf(roll, id))
  if (overdue.length > 0) failEviction(roll, overdue)
  else if (replacementIsOverdue(roll)) failCreation(roll)
  else replaceMore(roll)
}

function replaceMore(roll: Roll): void {
  beginDrains(roll)
  if (roll.old.length === 0 && roll.drains.size === 0) enter(roll, 'scale-down', scaleDown)
  else later(roll, 'replace', LOOK_AGAIN, () => replace(roll))
}

function beginDrains(roll: Roll): void {
  while (roll.drains.size < maxUnavailableOf(roll.group)) {
    const id = roll.old.find((each) => !roll.drains.has(each))
    if (id === undefined) return
    if (!roll.group.scaling.members.has(id)) roll.old.splice(roll.old.indexOf(id), 1)
    else {
      roll.nodes.retire(nodeOf(roll, id))
      roll.drains.set(id, { since: roll.timeline.now() })
    }
  }
}

function drainOn(roll: Roll, id: string, drain: Drain): void {
  const node = nodeOf(roll, id)
  const now = roll.timeline.now()
  if (roll.force && now - drain.since >= DRAIN_LIMIT) roll.nodes.deleteAll(node)
  if (roll.nodes.evictAll(node) > 0) return
  drain.emptySince ??= now
  if (now - drain.emptySince < WAIT_AFTER_DRAIN) return
  drain.endedAt = now
  roll.autoScaling.terminate(roll.group.scaling, id, false, `instance ${id} was taken out of service by EKS`)
  roll.old.splice(roll.old.indexOf(id), 1)
}

function isOverdue(roll: Roll, drain: Drain): boolean {
  return !roll.force && drain.emptySince === undefined && roll.timeline.now() - drain.since >= DRAIN_LIMIT
}

/** Under MINIMAL capacity is taken away first, so the next node waits until the one before has been replaced. */
function awaitsReplacement(roll: Roll): boolean {
  if (roll.group.updateConfig.updateStrategy !== 'MINIMAL') return false
  const members = activeMembers(roll.group.scaling)
  return (
    members.length < roll.group.scaling.sizes.desired ||
    !members.every((member) => roll.old.includes(member.instance.id) || stands(roll, member))
  )
}

function replacementIsOverdue(roll: Roll): boolean {
  const ended = [...roll.drains.values()].flatMap(({ endedAt }) => endedAt ?? [])
  return awaitsReplacement(roll) && ended.some((at) => roll.timeline.now() - at >= JOIN_LIMIT)
}

/** Takes the surplus away step by step, drained as far as budgets allow within the limit, and ends well. */
function scaleDown(roll: Roll): void {
  const { scaling } = roll.group
  for (const [id, drain] of [...roll.drains]) {
    if (!scaling.members.has(id)) roll.drains.delete(id)
    else if (drain.endedAt === undefined) drainSurplus(roll, id, drain)
  }
  const surplusNow = activeMembers(scaling).length - roll.former.desired
  beginSurplusDrains(roll, surplusNow)
  if (surplusNow <= 0 && roll.drains.size === 0) succeed(roll)
  else later(roll, 'scale-down', LOOK_AGAIN, () => scaleDown(roll))
}

function beginSurplusDrains(roll: Roll, surplusNow: number): void {
  const { scaling } = roll.group
  const draining = [...roll.drains.values()].filter(({ endedAt }) => endedAt === undefined).length
  const count = Math.min(surplusNow - draining, maxUnavailableOf(roll.group) - roll.drains.size)
  const candidates = surplus(scaling, surplusNow, roll.templates, roll.seed).filter(({ instance }) => !roll.drains.has(instance.id))
  for (const { instance } of candidates.slice(0, Math.max(0, count))) {
    roll.nodes.retire(instance.nodeName)
    roll.drains.set(instance.id, { since: roll.timeline.now() })
  }
}

function drainSurplus(roll: Roll, id: string, drain: Drain): void {
  const now = roll.timeline.now()
  if (roll.nodes.evictAll(nodeOf(roll, id)) > 0 && now - drain.since < DRAIN_LIMIT) return
  drain.endedAt = now
  const { scaling } = roll.group
  roll.autoScaling.terminate(scaling, id, true, `instance ${id} was taken out of service by EKS`)
  const max = Math.max(roll.former.max, scaling.sizes.max - 1)
  roll.autoScaling.resize(scaling, { ...scaling.sizes, max }, 'EKS set the')
}

function succeed(roll: Roll): void {
  const { group } = roll
  group.current = roll.target
  delete group.sizesBeforeFailure
  if (group.scaling.sizes.max !== roll.former.max)
    roll.autoScaling.resize(group.scaling, { ...group.scaling.sizes, max: roll.former.max }, 'EKS set the')
  end(roll, 'Successful', [])
}

function end(roll: Roll, status: 'Successful' | 'Failed', errors: readonly UpdateError[]): void {
  const { group, update, timeline, seed } = roll
  roll.entered('eks:UpdateNodegroupVersion', group.spec.name, undefined)
  update.status = status
  update.errors = errors
  setStatus(group, 'ACTIVE', timeline.now(), Math.floor(keyedRandom(seed, 'lag', update.id) * STATUS_LAG))
  group.modifiedAt = timeline.now()
}

/** New nodes did not join: EKS ends them, uncordons what it cordoned and sizes the group back. */
function failCreation(roll: Roll): void {
  const { group } = roll
  const launched = activeMembers(group.scaling).filter(({ instance }) => instance.launchedAt >= roll.begunAt)
  const missing = launched.filter((member) => !stands(roll, member)).map(({ instance }) => instance.id)
  const errors = creationErrors(group, missing, roll.begunAt)
  roll.autoScaling.resize(group.scaling, roll.sizesAtBeginning, 'EKS set the')
  for (const { instance } of launched)
    roll.autoScaling.terminate(group.scaling, instance.id, false, `instance ${instance.id} was taken out of service by EKS`)
  for (const id of roll.old) roll.nodes.reinstate(nodeOf(roll, id))
  group.scaling.launch = roll.formerLaunch
  later(roll, 'clean-up', CLEAN_UP, () => end(roll, 'Failed', errors))
}

/** A drain took too long: everything stays as it is, and the group keeps its previous spec. */
function failEviction(roll: Roll, nodes: readonly string[]): void {
  const { group } = roll
  if (group.updateConfig.updateStrategy !== 'MINIMAL') group.sizesBeforeFailure = roll.former
  group.scaling.launch = roll.formerLaunch
  end(roll, 'Failed', [evictionError(group, nodes)])
}
