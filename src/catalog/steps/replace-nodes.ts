import type { Action, ScalingGroupChange } from '../../model/command.ts'
import { formatDuration, MINUTE, SECOND } from '../../model/instant.ts'
import type { ReplaceStep } from '../../model/itinerary.ts'
import { KEEP_FROM_AUTOSCALER } from '../../model/kubernetes.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import { type DrainStand, drainStands, heldWords } from '../drain/drain.ts'
import type { Progress, StepDefinition, StepInput } from './definition.ts'
import { describeSpec } from './group-spec.ts'
import { chooseNext, drainOf } from './replacing/choosing.ts'
import { evicting, held } from './replacing/evicting.ts'
import { notInService, othersAtWork } from './replacing/others.ts'
import { reinstating, restoring, SUSPENDED } from './replacing/restoring.ts'
import { roomFor } from './replacing/room.ts'
import { blind, LAUNCH_BUDGET, unlaunched } from './replacing/stalling.ts'
import { areVolumesOff, isClosed, type Old, READ_LAG, type ReplaceInput, type Standing, standingOf } from './replacing/standing.ts'
import { isWanted, landed, leaving, toCome, zonesOf, zonesShown } from './replacing/zones.ts'

/** Hooks of ours are completed; whatever else waits at a lifecycle hook has an owner who does it. */
const OUR_HOOKS = /^serin-/

/** Replaces the nodes of an Auto Scaling group itself: launched ahead, gated, drained by evictions, terminated through the group. */
export const replaceNodes: StepDefinition<'replace-nodes'> = {
  kind: 'replace-nodes',
  title: 'Replace the nodes of a self-managed group one by one',
  reversibility: 'compensable',
  call: (step) =>
    `autoscaling:UpdateAutoScalingGroup ${step.autoScalingGroup} (${describeSpec(step.after)}, ${step.pace.surge} launched ahead), ` +
    'kubernetes evictions, autoscaling:TerminateInstanceInAutoScalingGroup node by node',
  repeats: { every: 2 * SECOND },
  actions: (input) => {
    const standing = standingOf(input)
    return standing === undefined || standing.group.autoScaling.refresh !== undefined ? [] : actionsOf(input, standing)
  },
  atRest: (input) => (standingOf(input)?.draining.length ?? 0) === 0,
  progress: (input) => {
    const standing = standingOf(input)
    return standing === undefined ? blind(input) : progressOf(input, standing)
  },
  tells: (input) => {
    const standing = standingOf(input)
    return standing === undefined || standing.old.length === 0 ? undefined : words(input.step, standing, standsOf(input, standing))
  },
  compensate: (step, id) => ({
    ...step,
    id,
    title: `${step.group} back to ${describeSpec(step.before)}`,
    before: step.after,
    after: step.before,
  }),
}

function actionsOf(input: ReplaceInput, standing: Standing): readonly Action[] {
  const { baseline } = input
  const { old, waiting, group } = standing
  if (old.length === 0 && waiting.length > 0) return [...hooksOf(standing), ...keepersFreed(standing, input), ...guarding(standing, input)]
  if (old.length === 0) return [...hooksOf(standing), ...keepersFreed(standing, input), ...restoring(group, baseline, goneOf(standing))]
  const drains = standsOf(input, standing)
  const begin = input.finishing === true ? [] : [...launching(input, standing), ...retiring(chooseNext(input, standing))]
  return [
    ...begin,
    ...hooksOf(standing),
    ...keepersFreed(standing, input),
    ...guarding(standing, input),
    ...standing.draining.flatMap(({ node }) => closing(node)),
    ...drains.flatMap((stand) => (isOpen(stand.node, standing) ? [] : evicting(stand, input))),
    ...terminating(input, standing, drains),
  ]
}

/** The group launches from the target, with some nodes ahead; its zones are left alone meanwhile. */
function launching(input: ReplaceInput, standing: Standing): readonly Action[] {
  const { step, baseline } = input
  const { group, raised, size } = standing
  const { name, sizes, suspended = [] } = group.autoScaling
  const surge = aheadOf(input, standing)
  const desired = size + raised + surge
  const change: ScalingGroupChange = {
    ...(!sameLaunch(step, group.spec) && step.after.launch && { launch: step.after.launch }),
    ...(surge > 0 && { desired, raisedBy: surge, keeps: size, ...(desired > sizes.max && { max: desired }) }),
  }
  const rebalances = !suspended.includes(SUSPENDED) && baseline.groups[step.group]?.scaling !== undefined
  return [
    ...(rebalances ? [{ kind: 'suspend-processes' as const, autoScalingGroup: name, processes: [SUSPENDED] }] : []),
    ...(Object.keys(change).length > 0 ? [{ kind: 'update-scaling-group' as const, autoScalingGroup: name, change }] : []),
  ]
}

/** How many more are launched ahead: as the plan lets, while old ones are left for them, and where they come to a zone that still wants one. */
function aheadOf({ step, seen, now }: ReplaceInput, standing: Standing): number {
  const { group, old, raised, size, memory } = standing
  // A size from before the last one went would make the group bigger than it is.
  if (Object.values(memory.terminated).some((at) => now - at < READ_LAG)) return 0
  const most = Math.min(step.pace.surge, old.length, roomFor(group.subnets, seen).nodes) - raised
  let [more, zones] = [0, zonesOf(step, standing)]
  for (; more < most && (raised + more === 0 || isWanted(zones, size)); more++) zones = landed(zones)
  return more
}

function sameLaunch({ after }: ReplaceStep, { launch, launchTemplate }: Seen['groups'][string]['spec']): boolean {
  if (after.launch?.kind === 'configuration') return launch?.kind === 'configuration' && launch.name === after.launch.name
  const wanted = after.launch?.kind === 'template' ? after.launch.version : undefined
  const mixed = after.launch?.kind === 'mixed' ? after.launch.policy.LaunchTemplate?.LaunchTemplateSpecification?.Version : undefined
  return launch?.kind === after.launch?.kind && launchTemplate?.version === (wanted ?? mixed)
}

function retiring(chosen: readonly Old[]): readonly Action[] {
  return chosen.flatMap(({ node }) => (node === undefined ? [] : [{ kind: 'retire-node' as const, node: node.name }]))
}

/** A node whose drain has begun and that takes pods, as soon as its own cordon shows: somebody has put it back into service. */
function closing({ name, cordoned, deleting }: NodeFacts): readonly Action[] {
  return cordoned || deleting ? [] : [{ kind: 'retire-node', node: name }]
}

function isOpen(name: string, { draining: nodes }: Standing): boolean {
  return nodes.some(({ node }) => node.name === name && !node.cordoned)
}

/** New nodes are kept from the autoscaler and from scale-in until all are replaced: they are empty, and look like spare ones. */
function guarding({ fresh: all, group }: Standing, { baseline, step }: ReplaceInput): readonly Action[] {
  const { autoScaling } = group
  const before = new Set(baseline.groups[step.group]?.nodes)
  const fresh = all.filter(({ node }) => node !== undefined && !before.has(node.name))
  const open = fresh.filter(({ member }) => member.lifecycle === 'InService' && !member.protected).map(({ member }) => member.instanceId)
  const protect: readonly Action[] =
    open.length === 0 ? [] : [{ kind: 'protect-instances', autoScalingGroup: autoScaling.name, instanceIds: open, protect: true }]
  const unmarked = fresh.flatMap(({ node }) => (node === undefined || node.keptFromAutoscaler === true || node.deleting ? [] : [node]))
  return [
    ...protect,
    ...unmarked.map((node): Action => ({ kind: 'annotate-node', node: node.name, key: KEEP_FROM_AUTOSCALER, value: 'true' })),
  ]
}

/** Nodes that stay take pods: those of the target, and those that were given up. */
function keepersFreed({ fresh, group, memory }: Standing, { baseline }: ReplaceInput): readonly Action[] {
  const skipped = group.nodes.filter(({ name }) => memory.skipped[name] !== undefined)
  return [...fresh.flatMap(({ node }) => node ?? []), ...skipped].flatMap((node) => reinstating(node, baseline))
}

/** Own hooks are completed at once, others' are waited for. */
function hooksOf({ group }: Standing): readonly Action[] {
  const { name, members = [], hooks = [] } = group.autoScaling
  const waiting = members.filter(({ lifecycle }) => lifecycle.endsWith(':Wait'))
  return waiting.flatMap(({ instanceId, lifecycle }) => {
    const at = lifecycle.startsWith('Pending') ? 'launch' : 'termination'
    const own = hooks.filter((hook) => hook.at === at && OUR_HOOKS.test(hook.name))
    return own.map(
      (hook): Action => ({ kind: 'complete-lifecycle-action', autoScalingGroup: name, hook: hook.name, instanceId, result: 'CONTINUE' }),
    )
  })
}

function standsOf({ seen, now }: ReplaceInput, { draining: nodes, memory }: Standing): readonly DrainStand[] {
  const refusals = new Map(Object.entries(memory.refusals))
  return drainStands(
    nodes.map(({ node }) => drainOf(node)),
    seen.budgets,
    refusals,
    now,
  )
}

/**
 * Emptied nodes whose volumes are off, and instances that never were nodes. As many as were launched ahead go without a replacement, the last ones. One
 * whose replacement would come to a zone that has its share already stays, empty, until another zone has got its own: so the zones are even at the end.
 * Zone by zone, the last of a zone is replaced all the same, and one of a zone that has more goes in its place.
 */
function terminating(input: ReplaceInput, standing: Standing, drains: readonly DrainStand[]): readonly Action[] {
  const { step } = input
  const emptied = new Set(drains.filter(({ ended }) => ended).map(({ node }) => node))
  const isReady = ({ member, node }: Old) =>
    node === undefined
      ? isLost(member.instanceId, standing, input)
      : emptied.has(node.name) && isClosed(node, input) && areVolumesOff(node, input, step.pace.drainTimeout)
  const end = ({ member: { instanceId }, node }: Old, decrement: boolean): Ending => {
    const { name: autoScalingGroup } = standing.group.autoScaling
    return { kind: 'terminate-instance', autoScalingGroup, instanceId, decrement, ...(node && { node: node.name }) }
  }
  let [left, raised, zones] = [standing.old.length, standing.raised, zonesOf(step, standing)]
  const stays: Old[] = []
  const ends = standing.old.filter(isReady).flatMap((old): readonly Ending[] => {
    const without = leaving(zones, old.member.zone)
    const isSpare = left <= raised || (raised > 0 && !isWanted(without, standing.size))
    const decrement = isSpare && !(old.node !== undefined && leavesZoneEmpty(old.node.name, old.member.zone, standing, input))
    if (decrement && old.node !== undefined && mayStay(old.node, input, standing)) {
      stays.push(old)
      return []
    }
    zones = decrement ? without : landed(without)
    left -= 1
    if (decrement) raised -= 1
    return [end(old, decrement)]
  })
  // Who stays takes a slot, so that is only while something drains, was asked for and does not show yet, or comes up for another zone.
  const moves =
    drains.some(({ ended }) => !ended) ||
    ends.some(({ decrement }) => !decrement) ||
    standing.size + standing.raised > standing.staying.length ||
    standing.fresh.some(({ member }) => !standing.available.has(member.instanceId))
  return moves ? ends : [...ends, ...stays.slice(0, raised).map((old) => end(old, true))]
}

type Ending = Extract<Action, { kind: 'terminate-instance' }>

/** While nodes are missing in other zones an emptied one may stay, until its drain would be called stuck; not where the plan wants others after it. */
function mayStay({ name }: NodeFacts, { step, now, finishing }: ReplaceInput, standing: Standing): boolean {
  const shown = zonesShown(step, standing)
  if (finishing === true || (step.pace.order ?? []).length > 0 || shown.size < 2) return false
  return toCome(shown, standing.size) > 0 && now - (standing.memory.draining[name] ?? 0) < limitOf(step) - MINUTE
}

/** Whether a zone that had a node would have none, and another one two: zone by zone, nothing else keeps the last ones from being of one zone. */
function leavesZoneEmpty(name: string, zone = '', { crowds }: Standing, { step, baseline }: ReplaceInput): boolean {
  const was = step.pace.zoneByZone === true && baseline.groups[step.group]?.nodes.includes(name) === true
  return was && crowds.get(zone) === 1 && Math.max(...crowds.values()) > 1
}

/** An old instance in service that is no node of the cluster carries no pods, once that is sure. */
function isLost(instanceId: string, { group }: Standing, { now, finishing }: ReplaceInput): boolean {
  const launchedAt = group.autoScaling.unjoined?.find((one) => one.instanceId === instanceId)?.launchedAt
  return finishing !== true && launchedAt !== undefined && now - launchedAt >= LAUNCH_BUDGET
}

function progressOf(input: StepInput<ReplaceStep>, standing: Standing): Progress {
  const { step } = input
  const { old, waiting, group } = standing
  const refresh = group.autoScaling.refresh
  if (refresh !== undefined) return othersAtWork(step, refresh)
  if (old.length === 0 && waiting.length > 0) return notInService(step, waiting)
  if (old.length === 0) return ending(input, standing)
  const stands = standsOf(input, standing)
  const overdue = stands.filter(({ node }) => input.now - (standing.memory.draining[node] ?? input.now) >= limitOf(step))
  if (overdue.length > 0 && step.pace.blocked.kind !== 'force') return blocked(step, standing, overdue)
  return unlaunched(input, standing) ?? { kind: 'in-progress', because: words(step, standing, stands) }
}

/** A node that the plan forces may take longer, but its pods are not forced for ever either. */
function limitOf({ pace: { drainTimeout, blocked: answer } }: ReplaceStep): number {
  return answer.kind === 'force' ? Math.max(drainTimeout, answer.after) : drainTimeout
}

/** All replaced: the settings go back to what they were, then it is done. */
function ending({ step, baseline, seen }: StepInput<ReplaceStep>, standing: Standing): Progress {
  const gone = goneOf(standing)
  const leaving = [...standing.group.nodes, ...seen.otherNodes].filter(({ instanceId = '' }) => gone.has(instanceId))
  if (leaving.length > 0)
    return {
      kind: 'in-progress',
      because: `${step.group}: all nodes are replaced; ${leaving.map(({ name }) => name).join(', ')} has yet to end`,
    }
  if (restoring(standing.group, baseline, gone).length === 0) return { kind: 'done' }
  return { kind: 'in-progress', because: `${step.group}: all nodes are replaced; its settings are restored` }
}

function goneOf({ memory }: Standing): ReadonlySet<string> {
  return new Set(Object.keys(memory.terminated))
}

/** Drains that took too long: a person decides, or the plan lets so many nodes stay as they are. */
function blocked(step: ReplaceStep, { memory }: Standing, overdue: readonly DrainStand[]): Progress {
  const { blocked: answer, drainTimeout } = step.pace
  const skipped = Object.keys(memory.skipped).length
  if (answer.kind === 'skip' && skipped + overdue.length <= answer.atMost) {
    const skip = overdue.map(({ node, held }) => ({ node, because: held.map(heldWords).join('; ') || 'its pods did not end in time' }))
    return {
      kind: 'in-progress',
      because: `${step.group}: ${skip.map(({ node }) => node).join(', ')} cannot be drained and stay as they are`,
      skip,
    }
  }
  const budget = answer.kind === 'skip' ? `; ${skipped} of ${answer.atMost} that may stay as they are have been given up already` : ''
  return held(overdue, `of ${step.group} could not be drained in ${formatDuration(drainTimeout)}`, budget)
}

function words(step: ReplaceStep, { old, fresh, draining: busy }: Standing, stands: readonly DrainStand[]): string {
  const held = stands.flatMap((stand) => stand.held).map(heldWords)
  const total = old.length + fresh.length
  const going =
    busy.length === 0 ? 'new nodes have to pass their gates first' : `${busy.map(({ node }) => node.name).join(', ')} being drained`
  const more = held.length > 1 ? ` (and ${held.length - 1} more)` : ''
  return `${step.group}: ${total - old.length} of ${total} nodes have ${describeSpec(step.after)}; ${going}${held.length > 0 ? `; ${held[0]}${more}` : ''}`
}
