import { NO_MEMORY, type StepMemory } from '../catalog/steps/definition.ts'
import type { Action, Command, CommandResult } from '../model/command.ts'
import { type Instant, type Millis, SECOND } from '../model/instant.ts'
import type { CommandState, StepState } from './state.ts'

/**
 * A step that Serin drives node by node sends tens of thousands of commands. What they did is remembered in little, and a
 * command is forgotten once it is answered: the record of the run must stay under 1 MiB.
 */

/** How long what was just done is not done again: watches lag a little, and Auto Scaling is read every ten seconds. */
export const LATELY = 30 * SECOND

/** What a command is about, so that the like of it is not sent again at once; undefined for those of updates by EKS. */
export function subjectOf(action: Action): string | undefined {
  switch (action.kind) {
    case 'evict-pod':
    case 'delete-pod':
      return `${action.kind}/${action.node}/${action.uid}`
    case 'terminate-instance':
      return `${action.kind}/${action.instanceId}`
    case 'complete-lifecycle-action':
      return `${action.kind}/${action.hook}/${action.instanceId}`
    case 'annotate-node':
    case 'label-node':
      return `${action.kind}/${action.node}/${action.key}/${action.value ?? ''}`
    case 'protect-instances':
      return `${action.kind}/${action.autoScalingGroup}/${action.protect}/${action.instanceIds.join(',')}`
    case 'tag-scaling-group':
      return `${action.kind}/${action.autoScalingGroup}/${action.key}/${action.tag?.value ?? ''}`
    case 'avoid-node':
      return `${action.kind}/${action.node}/${action.avoid}`
    case 'retire-node':
      return `${action.kind}/${action.node}`
    case 'update-scaling-group':
    case 'suspend-processes':
    case 'resume-processes':
      return `${action.kind}/${action.autoScalingGroup}`
    default:
      return undefined
  }
}

/** Whether a command is one of many of a step that Serin drives itself. */
export function isDriven({ action }: Command): boolean {
  return subjectOf(action) !== undefined
}

/** Whether the step's decisions rest on having been told of its effect: it cannot be read off the world, or not soon enough. */
export function isBooked({ kind }: Action): boolean {
  return kind === 'retire-node' || kind === 'terminate-instance' || kind === 'update-scaling-group'
}

/** How late a picture shows what was done to a node: it is watched. Groups are read now and then: `LATELY`. */
const NODE_SHOWS: Millis = 5 * SECOND

/** What a run puts on groups and nodes for its own time, by subject, and within which time a picture shows it. */
const FOR_A_TIME: readonly Showing[] = [
  { subject: /^(suspend-processes|update-scaling-group)\//, shows: LATELY },
  { subject: /^protect-instances\/[^/]+\/true\//, shows: LATELY },
  { subject: /^retire-node\//, shows: NODE_SHOWS },
  { subject: /^annotate-node\/.*[^/]$/, shows: NODE_SHOWS },
  { subject: /^avoid-node\/.*\/true$/, shows: NODE_SHOWS },
]

/** What a way back that begins has to see too: it knows only by the picture what was made, what EKS is in the middle of, and who has been told to go. */
const BEFORE_A_WAY_BACK: readonly Showing[] = [
  ...FOR_A_TIME,
  { subject: /^(terminate-instance|create-group|update-nodegroup-version|update-addon)\//, shows: LATELY },
]

interface Showing {
  readonly subject: RegExp
  readonly shows: Millis
}

/**
 * Whether the step has put something on groups or nodes for its own time so lately that a picture of that moment may not show it:
 * who goes by such a picture finds nothing to take back.
 */
export function isUnshown(step: StepState, pictureAt: Instant): boolean {
  return isMissing(step, pictureAt, FOR_A_TIME)
}

/** Whether a picture of that moment may not show all that the step has done to groups and nodes. */
export function isUnshownForWayBack(step: StepState, pictureAt: Instant): boolean {
  return isMissing(step, pictureAt, BEFORE_A_WAY_BACK)
}

function isMissing({ memory, commands }: StepState, pictureAt: Instant, kinds: readonly Showing[]): boolean {
  const sent = commands.flatMap(({ command: { action }, result, answeredAt }): [string, Instant][] => {
    const mayStand = result?.kind === 'accepted' || result?.kind === 'unsettled'
    return !mayStand || answeredAt === undefined ? [] : [[subjectOf(action) ?? `${action.kind}/`, answeredAt]]
  })
  return [...Object.entries(memory?.lately ?? {}), ...sent].some(([subject, at]) =>
    kinds.some((kind) => pictureAt - at < kind.shows && kind.subject.test(subject)),
  )
}

/** Whether it cannot be stopped once it has begun, and is not sent on the strength of an old intent: a deletion, a control plane there or back. */
export function isIrrevocable({ kind }: Action): boolean {
  return kind === 'delete-group' || kind === 'update-control-plane'
}

/** Whether only a look at the world tells that it was done, and a second one would have an effect of its own: Auto Scaling knows no tokens. */
export function isKnownByLooking({ kind }: Action): boolean {
  return kind === 'terminate-instance' || kind === 'update-scaling-group' || kind === 'create-group' || kind === 'delete-group'
}

/** Whether a booked command of the step got no clear answer, so that what the step remembers may be wrong. */
export function isUnsure({ commands }: StepState): boolean {
  return commands.some(({ command, result }) => result?.kind === 'unsettled' && isBooked(command.action))
}

/** Whether a step's commands are forgotten once they are settled: known by the kind of what it does. */
function isForgotten({ action }: Command, result: CommandResult): boolean {
  const settled = result.kind === 'accepted' || result.kind === 'moot' || result.kind === 'held'
  return settled && subjectOf(action) !== undefined
}

/** Whether it is known that the command has begun nothing. */
export function isUnbegun(result: CommandResult): boolean {
  return result.kind === 'moot' && result.unbegun === true
}

/** The step after an answer to one of its commands. */
export function remember(step: StepState, { command }: CommandState, result: CommandResult, at: Instant): StepState {
  const commands = step.commands.filter((known) => known.command.id !== command.id)
  if (isUnbegun(result)) return { ...step, commands, intended: step.intended ?? step.commands.length }
  if (!isForgotten(command, result)) return step
  const memory = step.memory ?? NO_MEMORY
  if (result.kind !== 'moot' || result.unwanted !== true)
    return { ...step, commands, memory: remembered(memory, command.action, result, at) }
  // What was given up is not known to have happened; what the world refuted is not meant again before it has been read anew.
  return isBooked(command.action) ? { ...step, commands, memory: lately(memory, command.action, at) } : { ...step, commands }
}

function lately(memory: StepMemory, action: Action, at: Instant): StepMemory {
  const subject = subjectOf(action)
  const recent = Object.fromEntries(Object.entries(memory.lately).filter(([, when]) => at - when < LATELY))
  return { ...memory, lately: { ...recent, ...(subject !== undefined && { [subject]: at }) } }
}

function remembered(memory: StepMemory, action: Action, result: CommandResult, at: Instant): StepMemory {
  if (action.kind === 'evict-pod' && result.kind === 'held')
    return { ...memory, refusals: { ...memory.refusals, [action.uid]: { at, by: result.code, message: result.message } } }
  const next = lately(memory, action, at)
  if (action.kind === 'evict-pod') return { ...next, refusals: without(memory.refusals, action.uid) }
  if (action.kind === 'retire-node') return { ...next, draining: { [action.node]: at, ...memory.draining } }
  if (action.kind === 'update-scaling-group' && result.kind === 'accepted') return raised(next, action.change, at)
  if (action.kind !== 'terminate-instance') return next
  return {
    ...next,
    terminated: { ...memory.terminated, [action.instanceId]: at },
    draining: action.node === undefined ? memory.draining : without(memory.draining, action.node),
    raised: memory.raised - (action.decrement && result.kind === 'accepted' ? 1 : 0),
  }
}

function raised(
  memory: StepMemory,
  { raisedBy = 0, keeps }: Extract<Action, { kind: 'update-scaling-group' }>['change'],
  at: Instant,
): StepMemory {
  return { ...memory, raised: memory.raised + raisedBy, ...(keeps !== undefined && { sized: { keeps, at } }) }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return key in record ? Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) : record
}

/**
 * By how much a step has left the size of its group raised at least. What may have been ended without a replacement, with nobody to
 * tell, counts as ended: a group that stays too big is told, one that was made too small has lost nodes.
 */
export function raisedForSure({ memory = NO_MEMORY, commands }: StepState): number {
  const unsure = commands.filter(({ command: { action }, result }) => {
    const open = result === undefined || result.kind === 'unsettled'
    return open && action.kind === 'terminate-instance' && action.decrement
  })
  return memory.raised - unsure.length
}

/** A step that is tried again begins its drains anew; what stays true is the size, and who has gone. */
export function anotherTry(step: StepState): StepMemory {
  const { terminated, sized } = step.memory ?? NO_MEMORY
  return { ...NO_MEMORY, raised: raisedForSure(step), terminated, ...(sized && { sized }) }
}

/** A node that stays as it is, with the reason. */
export function skipping(memory: StepMemory = NO_MEMORY, node: string, because: string): StepMemory {
  return { ...memory, draining: without(memory.draining, node), skipped: { ...memory.skipped, [node]: because } }
}
