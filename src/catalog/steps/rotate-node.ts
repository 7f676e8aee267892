import type { Action } from '../../model/command.ts'
import { MINUTE, type Millis } from '../../model/instant.ts'
import type { RotateStep } from '../../model/itinerary.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import { type DrainStand, drainStands, heldWords } from '../drain/drain.ts'
import { NO_MEMORY, type Progress, type StepDefinition, type StepInput } from './definition.ts'
import { othersAtWork } from './replacing/others.ts'
import { blind } from './replacing/stalling.ts'
import { areVolumesOff, gapOf, isClosed } from './replacing/standing.ts'

/** How long the pods of a failing node may take to leave before a person is asked. */
const DRAIN_BUDGET: Millis = 15 * MINUTE

type Input = Omit<StepInput<RotateStep>, 'acceptedAt' | 'updateId'>

/** Puts a new node in the place of one on which the network fails: the group launches another of what it launches anyway. */
export const rotateNode: StepDefinition<'rotate-node'> = {
  kind: 'rotate-node',
  title: 'Put a new node in the place of one that fails',
  reversibility: 'point of no return',
  call: ({ node, instanceId }) =>
    `kubernetes:PATCH nodes ${node} (cordon), evictions, autoscaling:TerminateInstanceInAutoScalingGroup ${instanceId} (desired size kept)`,
  repeats: { every: 5_000 },
  actions: (input) => (isBusy(input) || gapOf(input) !== undefined || refreshOf(input) !== undefined ? [] : actionsOf(input)),
  atRest: ({ step, seen, memory }) => nodeOf(step, seen)?.retired !== true || memory?.terminated[step.instanceId] !== undefined,
  progress: (input) => progressOf(input),
  compensate: () => undefined,
}

function actionsOf(input: Input): readonly Action[] {
  const { step, seen, memory = NO_MEMORY, finishing } = input
  const node = nodeOf(step, seen)
  if (node === undefined || node.deleting || memory.terminated[step.instanceId] !== undefined) return []
  // Retired by another run, or put back into service by somebody meanwhile: what is under way is made whole first.
  const begun = memory.draining[node.name]
  if (node.retired !== true || !node.cordoned || begun === undefined)
    return finishing === true && node.retired !== true ? [] : [{ kind: 'retire-node', node: node.name }]
  const stand = standOf(node, input)
  // Pods could still come until it was cordoned: a picture from before says nothing of them.
  if (stand === undefined || input.seen.now <= begun) return []
  if (!stand.ended) return stand.evict.map(({ namespace, name: pod, uid }) => ({ kind: 'evict-pod', namespace, pod, uid, node: node.name }))
  if (!isClosed(node, input) || !areVolumesOff(node, input, DRAIN_BUDGET)) return []
  const { autoScalingGroup, instanceId } = step
  return [{ kind: 'terminate-instance', autoScalingGroup, instanceId, decrement: false, node: node.name }]
}

function progressOf(input: StepInput<RotateStep>): Progress {
  const { step, seen, memory = NO_MEMORY, now } = input
  const node = nodeOf(step, seen)
  if (gapOf(input) !== undefined) return blind(input)
  if (isBusy(input)) return { kind: 'in-progress', because: busyWords(input) }
  const refresh = refreshOf(input)
  if (refresh !== undefined && memory.terminated[step.instanceId] === undefined) return othersAtWork(step, refresh)
  if (node !== undefined) {
    const stand = standOf(node, input)
    const overdue = now - (memory.draining[node.name] ?? now) >= DRAIN_BUDGET
    if (overdue && stand !== undefined && !stand.ended) return blocked(step, stand)
    const held = stand?.held[0]
    return { kind: 'in-progress', because: `${node.name} is being drained${held === undefined ? '' : `; ${heldWords(held)}`}` }
  }
  const ready = membersOf(step, seen).filter((each) => each.ready === 'True' && !each.deleting && !each.cordoned)
  if (ready.length >= step.nodes) return { kind: 'done' }
  return { kind: 'in-progress', because: `${step.node} is gone; ${ready.length} of ${step.nodes} nodes of ${step.group} are Ready` }
}

function blocked(step: RotateStep, { node, held }: DrainStand): Progress {
  const [first] = held
  return {
    kind: 'failed',
    failure: {
      cause: 'eviction-blocked',
      message: `${node} of ${step.group} could not be drained: ${first === undefined ? 'its pods did not end' : heldWords(first)}`,
      evidence: held.map((each) => ({ subject: `Pod/${each.pod.key}`, says: heldWords(each) })),
      nodes: [node],
    },
  }
}

/** Undefined while the pods of the node are not known yet: they are looked at once it is out of service. */
function standOf(node: NodeFacts, { seen, memory, now }: Input): DrainStand | undefined {
  if (node.pods === undefined) return undefined
  return drainStands([{ node: node.name, pods: node.pods }], seen.budgets, new Map(Object.entries(memory?.refusals ?? {})), now)[0]
}

/** EKS works on the group, or the group cannot be seen: a node that does not show is not gone then. */
function isBusy({ step, seen }: Pick<Input, 'step' | 'seen'>): boolean {
  const status = seen.groups[step.group]?.status
  return status !== 'ACTIVE' && status !== 'DEGRADED'
}

function busyWords({ step, seen }: Pick<Input, 'step' | 'seen'>): string {
  const says = seen.groups[step.group] === undefined ? 'has not been read yet' : 'is being updated'
  return `${step.group} ${says}; no node of it is touched meanwhile`
}

/** An instance refresh of the group, by whoever began it. */
function refreshOf({ step, seen }: Pick<Input, 'step' | 'seen'>): string | undefined {
  return seen.groups[step.group]?.autoScaling?.refresh
}

function nodeOf(step: RotateStep, seen: Seen): NodeFacts | undefined {
  return membersOf(step, seen).find(({ name, instanceId }) => name === step.node && instanceId === step.instanceId)
}

function membersOf({ group }: RotateStep, { groups }: Seen): readonly NodeFacts[] {
  return groups[group]?.nodes ?? []
}
