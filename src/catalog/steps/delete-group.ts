import type { Action } from '../../model/command.ts'
import { SECOND } from '../../model/instant.ts'
import type { DeleteGroupStep } from '../../model/replacement-steps.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import type { Progress, StepDefinition, StepInput } from './definition.ts'
import { gapOf, isClosed } from './replacing/standing.ts'

type Input = Omit<StepInput<DeleteGroupStep>, 'acceptedAt' | 'updateId'>

/** Deletes a group on whose nodes nothing runs any more that a drain would move: the deletion of an Auto Scaling group asks no budget. */
export const deleteGroup: StepDefinition<'delete-group'> = {
  kind: 'delete-group',
  title: 'Delete a node group that carries nothing any more',
  reversibility: 'point of no return',
  call: ({ group }) => deleteCall(group),
  repeats: { every: 10 * SECOND },
  actions: (input) => (gapFor(input) === undefined ? actionsOf(input) : []),
  progress: (input) => progressOf(input),
  compensate: () => undefined,
}

function deleteCall(group: string): string {
  const own = autoScalingNameOf(group)
  return own === undefined ? `eks:DeleteNodegroup ${group}` : `autoscaling:DeleteAutoScalingGroup ${own}`
}

function actionsOf(input: Input): readonly Action[] {
  const { step, seen, run } = input
  const group = seen.groups[step.group]
  const arn = step.own ? group?.arn : step.arn
  if (group === undefined || arn === undefined || group.status === 'DELETING' || !isMeant(step, group, run)) return []
  const nodes = group.nodes.filter(({ deleting }) => !deleting)
  // One that was kept for the way back has been out of service for long, unless somebody has put it back.
  const open = nodes.filter((node) => !(node.kept === true ? node.cordoned : isClosed(node, input)))
  if (open.length > 0) return open.map(({ name }): Action => ({ kind: 'retire-node', node: name }))
  if (nodes.some(({ evictablePods }) => evictablePods > 0)) return []
  return [{ kind: 'delete-group', group: step.group, arn, ...(step.own && run !== undefined && { run }) }]
}

/** One of the same name that somebody else made is not the one that is to go. */
function isMeant(step: DeleteGroupStep, group: Seen['groups'][string], run: string | undefined): boolean {
  return step.own ? run !== undefined && group.madeBy === run : group.arn === step.arn
}

function progressOf(input: Input): Progress {
  const { step, seen, run } = input
  const gap = gapFor(input)
  if (gap !== undefined)
    return { kind: 'in-progress', because: `${gap.source} cannot be read (${gap.reason}); ${step.group} is left alone` }
  const group = seen.groups[step.group]
  if (group === undefined) {
    const left = seen.otherNodes.filter((node) => node.group === step.group)
    return left.length === 0 ? { kind: 'done' } : { kind: 'in-progress', because: `${names(left)} of ${step.group} has yet to end` }
  }
  if (!isMeant(step, group, run))
    return stopped(step, `the group ${step.group} that is there now is not the one that is to go; it is left alone`)
  if (group.status === 'DELETE_FAILED')
    return stopped(step, `${step.group} could not be deleted: ${group.health[0]?.message ?? 'no reason given'}`)
  const busy = group.nodes.filter(({ evictablePods, deleting }) => evictablePods > 0 && !deleting)
  if (busy.length > 0)
    return { kind: 'in-progress', because: `${names(busy)} of ${step.group} carries pods again; it is not deleted before they have gone` }
  return { kind: 'in-progress', because: `${step.group} is being deleted: ${group.nodes.length} nodes are left` }
}

function stopped({ group }: DeleteGroupStep, message: string): Progress {
  const evidence = [{ subject: `NodeGroup/${group}`, says: message }]
  return { kind: 'failed', failure: { cause: 'others-at-work', message, evidence, nodes: [] } }
}

/** What a group is missing from a picture in which it could not be read is not known to be gone. */
function gapFor({ step, seen }: Pick<Input, 'step' | 'seen'>): Seen['unavailable'][number] | undefined {
  const own = new Set(['eks:ListNodegroups', `eks:DescribeNodegroup/${step.group}`])
  return gapOf({ seen }) ?? seen.unavailable.find(({ source }) => own.has(source))
}

function names(nodes: readonly NodeFacts[]): string {
  return nodes.map(({ name }) => name).join(', ')
}
