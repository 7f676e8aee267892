import { NO_MEMORY, type StepMemory } from '../catalog/steps/definition.ts'
import type { Action, Command, CommandResult } from '../model/command.ts'
import { type Instant, SECOND } from '../model/instant.ts'
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

/** Whether it cannot be stopped once it has begun, and is not sent on the strength of an old intent: a deletion, a control plane there or back. */
export function isIrrevocable({ kind }: Action): boolean {
  return kind === 'delete-group' || kind === 'update-control-plane'
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

/** A step that is tried again begins its drains anew; what stays true is the size, and who has gone. */
export function anotherTry({ raised: by, terminated }: StepMemory): StepMemory {
  return { ...NO_MEMORY, raised: by, terminated }
}

/** A node that stays as it is, with the reason. */
export function skipping(memory: StepMemory = NO_MEMORY, node: string, because: string): StepMemory {
  return { ...memory, draining: without(memory.draining, node), skipped: { ...memory.skipped, [node]: because } }
}
