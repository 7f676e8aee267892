import type { Action } from '../../model/command.ts'
import { formatDuration, SECOND } from '../../model/instant.ts'
import type { GroupSizes } from '../../model/itinerary.ts'
import { KEEP_FROM_AUTOSCALER, KEPT, LEAVING_TAINT, RETIRED } from '../../model/kubernetes.ts'
import { AUTOSCALER_TAG } from '../../model/replacement.ts'
import type { MoveStep } from '../../model/replacement-steps.ts'
import type { GroupFacts, NodeFacts } from '../../model/seen.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import { type DrainStand, drainStands, heldWords } from '../drain/drain.ts'
import { NO_MEMORY, type Progress, type StepDefinition, type StepInput } from './definition.ts'
import { describeSpec } from './group-spec.ts'
import { gapInMove, isForward, living, type MoveInput, type Moving, movingOf } from './moving/standing.ts'
import { chooseNext, drainOf } from './replacing/choosing.ts'
import { evicting, held } from './replacing/evicting.ts'
import { reinstating, releasing } from './replacing/restoring.ts'
import { roomFor } from './replacing/room.ts'
import { EVIDENCE_BUDGET, LAUNCH_BUDGET, stalledBy } from './replacing/stalling.ts'
import { isClosed } from './replacing/standing.ts'

/** Moves workloads from the nodes of one group to those of another: gated, drained by evictions, the empty nodes kept for the way back. */
export const moveWorkloads: StepDefinition<'move-workloads'> = {
  kind: 'move-workloads',
  title: 'Move workloads from one group to another, node by node',
  reversibility: 'compensable',
  call: (step) =>
    `${isForward(step) ? `${growCall(step.group)} as workloads come, ` : ''}kubernetes evictions from ${nodesOf(step)} of ${step.from}, which stay`,
  repeats: { every: 2 * SECOND },
  actions: (input) => {
    const moving = movingOf(input)
    return moving === undefined ? [] : actionsOf(input, moving)
  },
  atRest: (input) => (movingOf(input)?.draining.length ?? 0) === 0,
  progress: (input) => {
    const moving = movingOf(input)
    return moving === undefined ? blindTo(input) : progressOf(input, moving)
  },
  tells: (input) => {
    const moving = movingOf(input)
    return moving === undefined || isThrough(moving) ? undefined : words(input.step, moving, standsOf(input, moving))
  },
  compensate: (step, id) => {
    const { sizes: _sizes, upTo: _upTo, ...rest } = step
    const title = `workloads back from ${step.group} to ${step.from}`
    return { ...rest, id, title, group: step.from, from: step.group, before: step.after, after: step.before }
  },
}

function growCall(group: string): string {
  const own = autoScalingNameOf(group)
  return own === undefined ? `eks:UpdateNodegroupConfig ${group}` : `autoscaling:UpdateAutoScalingGroup ${own}`
}

function nodesOf({ upTo }: MoveStep): string {
  if (upTo === undefined) return 'all nodes'
  return upTo === 1 ? 'one node' : `${upTo} nodes`
}

function isThrough({ kept, wanted }: Moving): boolean {
  return kept.length >= wanted
}

function actionsOf(input: MoveInput, moving: Moving): readonly Action[] {
  const { step, finishing, baseline } = input
  const forward = isForward(step)
  // The autoscaler finds it before its pods come: they may have become more than its nodes can carry, and nothing else can grow then.
  const back = forward ? [] : [...shown(moving.to, baseline), ...living(moving.to).flatMap((node) => reinstating(node, baseline))]
  if (isThrough(moving)) return back.length > 0 ? back : ending(input, moving)
  // A group that the autoscaler still finds could grow, or shrink, while it is emptied; pods that go must not come to its other nodes.
  const first = [...hidden(moving.from), ...avoided(moving)]
  const stands = standsOf(input, moving)
  const begun = finishing === true ? [] : [...first, ...(forward ? [...growing(input, moving), ...guarding(input, moving)] : [])]
  const chosen = finishing === true || first.length > 0 ? [] : chosenOf(input, moving)
  // Somebody has put them back into service in the middle of their drain.
  const opened = moving.draining.flatMap(({ node }) => (node.cordoned ? [] : [node.name]))
  return [
    ...back,
    ...begun,
    ...[...chosen, ...opened].map((node): Action => ({ kind: 'retire-node', node })),
    ...stands.flatMap((stand) => (opened.includes(stand.node) ? [] : evicting(stand, input))),
    ...emptied(stands, input, moving),
  ]
}

/** On the way back the old nodes are all there, so budgets alone set the pace. */
function chosenOf(input: MoveInput, moving: Moving): readonly string[] {
  const { step, seen, now } = input
  const pace = isForward(step) ? step.pace : { ...step.pace, surge: moving.old.length }
  const left = moving.wanted - moving.kept.length - moving.draining.length
  return chooseNext({ step: { pace }, seen, now }, moving)
    .slice(0, Math.max(0, left))
    .flatMap(({ node }) => node?.name ?? [])
}

/** What the autoscaler found before the run it finds again. */
function shown({ name, autoScaling }: GroupFacts, baseline: MoveInput['baseline']): readonly Action[] {
  const tag = baseline.groups[name]?.autoscalerTag
  if (tag === undefined || autoScaling === undefined || autoScaling.forAutoscaler === true) return []
  return [{ kind: 'tag-scaling-group', autoScalingGroup: autoScaling.name, key: AUTOSCALER_TAG, tag }]
}

/** What the autoscaler finds it may size. */
function hidden(group: GroupFacts | undefined): readonly Action[] {
  const { autoScaling } = group ?? {}
  if (autoScaling?.forAutoscaler !== true) return []
  return [{ kind: 'tag-scaling-group', autoScalingGroup: autoScaling.name, key: AUTOSCALER_TAG }]
}

/** Pods that are evicted prefer the group that takes over, which is proven by them, and are not moved from one old node to another. */
function avoided({ old, to }: Moving): readonly Action[] {
  const leaving = old.flatMap(({ node }) => (node === undefined || isAvoided(node) ? [] : [node]))
  return [
    ...leaving.map(({ name }): Action => ({ kind: 'avoid-node', node: name, avoid: true })),
    ...living(to).flatMap((node): readonly Action[] => (isAvoided(node) ? [{ kind: 'avoid-node', node: node.name, avoid: false }] : [])),
  ]
}

function isAvoided({ ourTaints }: NodeFacts): boolean {
  return ourTaints.includes(LEAVING_TAINT)
}

/** New nodes come one lot ahead of those that are drained: room and quota are needed as late as can be, and boot time is not waited for. */
function growing({ step, seen }: MoveInput, { to, kept, draining, wanted }: Moving): readonly Action[] {
  const slots = Math.max(1, step.pace.surge + step.pace.maxUnavailable)
  const now = sizeOf(to)
  const more = Math.min(Math.min(wanted, kept.length + draining.length + 2 * slots) - now, roomFor(to.subnets, seen).nodes)
  if (more <= 0 || step.sizes === undefined) return []
  return resized(to, { min: now + more, max: Math.max(step.sizes.max, now + more) }, more)
}

/** An autoscaler sets the size of the Auto Scaling group; what EKS says of it may be from before. */
function sizeOf({ sizes, autoScaling }: GroupFacts): number {
  return Math.max(sizes.desired, autoScaling?.sizes.desired ?? 0)
}

/** @param more by how much it is to grow; without it the size is left to whoever sets it */
function resized(group: GroupFacts, { min, max }: Pick<GroupSizes, 'min' | 'max'>, more?: number): readonly Action[] {
  const { name, status, sizes: now } = group
  // A group that is unwell gets no more nodes, but it does not keep the minimum that its growth needed.
  const isFit = more === undefined ? status !== 'UPDATING' : status === 'ACTIVE'
  if (!isFit || (more === undefined && now.min === min && now.max === max)) return []
  const grown = more === undefined ? {} : { desired: sizeOf(group) + more, raisedBy: more }
  const autoScalingGroup = autoScalingNameOf(name)
  if (autoScalingGroup === undefined) return [{ kind: 'scale-nodegroup', group: name, sizes: { min, max, ...grown } }]
  return [{ kind: 'update-scaling-group', autoScalingGroup, change: { min, max, ...grown } }]
}

/** New nodes are empty at first, and look like spare ones. */
function guarding({ baseline }: MoveInput, { to }: Moving): readonly Action[] {
  const open = living(to).filter(
    ({ name, keptFromAutoscaler }) => keptFromAutoscaler !== true && baseline.keptFromAutoscaler?.includes(name) !== true,
  )
  return open.map(({ name }): Action => ({ kind: 'annotate-node', node: name, key: KEEP_FROM_AUTOSCALER, value: 'true' }))
}

function standsOf({ seen, now, memory = NO_MEMORY }: MoveInput, { draining }: Moving): readonly DrainStand[] {
  return drainStands(
    draining.flatMap(({ node }) => (node === undefined ? [] : [drainOf(node)])),
    seen.budgets,
    new Map(Object.entries(memory.refusals)),
    now,
  )
}

/** The mark tells, also after a crash, that the node is through; it stays as it is until the group goes or comes back. */
function emptied(stands: readonly DrainStand[], input: MoveInput, { draining }: Moving): readonly Action[] {
  const ended = new Set(stands.filter((stand) => stand.ended).map(({ node }) => node))
  const through = draining.flatMap(({ node }) => (node !== undefined && ended.has(node.name) && isClosed(node, input) ? [node] : []))
  return through.map(({ name }): Action => ({ kind: 'annotate-node', node: name, key: RETIRED, value: KEPT }))
}

/** Forward: the new group is left with the sizes of the old one. Back: the old group is as it was. Nothing where only a share has moved. */
function ending(input: MoveInput, moving: Moving): readonly Action[] {
  const [{ step, baseline }, { to }] = [input, moving]
  if (step.upTo !== undefined) return []
  // A call that did not get through may have left it smaller than the group whose place it takes.
  const missing = isForward(step) ? growing(input, moving) : []
  if (missing.length > 0) return missing
  const released = living(to).flatMap((node): readonly Action[] => [
    ...releasing(node, baseline),
    ...(isAvoided(node) ? [{ kind: 'avoid-node', node: node.name, avoid: false } as const] : []),
  ])
  if (step.sizes !== undefined) {
    const desired = sizeOf(to)
    const sizes = { min: Math.min(step.sizes.min, desired), max: Math.max(step.sizes.max, desired) }
    return [...released, ...resized(to, sizes)]
  }
  return released
}

function progressOf(input: StepInput<MoveStep>, moving: Moving): Progress {
  const { step, now } = input
  if (isThrough(moving)) {
    const left = actionsOf(input, moving)
    if (left.length === 0) return { kind: 'done' }
    return { kind: 'in-progress', because: `${step.from} is empty; ${step.group} is set as it stays` }
  }
  const stands = standsOf(input, moving)
  const since = input.memory?.draining ?? {}
  const limit = step.pace.blocked.kind === 'force' ? Math.max(step.pace.drainTimeout, step.pace.blocked.after) : step.pace.drainTimeout
  const overdue = stands.filter(({ node, ended }) => !ended && now - (since[node] ?? now) >= limit)
  if (overdue.length > 0 && step.pace.blocked.kind !== 'force')
    return held(overdue, `of ${step.from} could not be drained in ${formatDuration(limit)}`)
  return unlaunched(input, moving) ?? { kind: 'in-progress', because: words(step, moving, stands) }
}

/** Nothing is decided while either group, its nodes, their pods or the budgets cannot be seen. */
function blindTo(input: MoveInput): Progress {
  const { group, from } = input.step
  const gap = gapInMove(input)
  const because = gap === undefined ? `${group} or ${from} is not there` : `${gap.source} cannot be read (${gap.reason})`
  const evidence = gap === undefined ? [] : [{ subject: gap.source, says: gap.reason }]
  return stalledBy('evidence-missing', EVIDENCE_BUDGET, `${because}; nothing is moved meanwhile`, evidence)
}

/** Nothing is being drained, and the new nodes that have to come first cannot: undefined where that is not so. */
function unlaunched({ step, seen, acceptedAt }: StepInput<MoveStep>, { to, draining, fresh, kept, wanted }: Moving): Progress | undefined {
  if (!isForward(step) || draining.length > 0) return undefined
  const failures = (to.autoScaling?.launchFailures ?? []).filter(({ at }) => at >= acceptedAt).slice(0, 3)
  const [first] = failures
  if (first !== undefined && fresh.length < sizeOf(to)) {
    const evidence = failures.map(({ message }) => ({ subject: `NodeGroup/${step.group}`, says: message }))
    return stalledBy('no-capacity', LAUNCH_BUDGET, `${step.group} could not launch new nodes: ${first.message}`, evidence)
  }
  const { nodes, because, unknown } = roomFor(to.subnets, seen)
  if (nodes > 0 || sizeOf(to) > kept.length || kept.length >= wanted) return undefined
  const message = `${step.group} cannot grow: ${because.map(({ subject, says }) => `${subject} ${says}`).join(', ') || 'its subnets are not known'}`
  return unknown === true
    ? stalledBy('evidence-missing', EVIDENCE_BUDGET, message, because)
    : stalledBy('no-capacity', LAUNCH_BUDGET, message, because)
}

function words(step: MoveStep, { kept, wanted, draining, fresh }: Moving, stands: readonly DrainStand[]): string {
  const [first, ...others] = stands.flatMap((stand) => stand.held).map(heldWords)
  const going =
    draining.length === 0
      ? `${fresh.length} nodes of ${step.group} are there and have to pass their gates`
      : `${stands.map(({ node }) => node).join(', ')} being drained`
  const holds = first === undefined ? '' : `; ${first}${others.length === 0 ? '' : ` (and ${others.length} more)`}`
  return `${step.from}: ${kept.length} of ${wanted} nodes are empty (${describeSpec(step.after)} takes over); ${going}${holds}`
}
