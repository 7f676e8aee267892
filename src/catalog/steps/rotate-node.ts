import type { Action } from '../../model/command.ts'
import { MINUTE, type Millis } from '../../model/instant.ts'
import type { RotateStep } from '../../model/itinerary.ts'
import type { NodeFacts, Seen } from '../../model/seen.ts'
import { type DrainStand, drainStands, heldWords } from '../drain/drain.ts'
import { NO_MEMORY, type Progress, type StepDefinition, type StepInput } from './definition.ts'

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
  actions: (input) => (isBusy(input) ? [] : actionsOf(input)),
  atRest: ({ step, seen, memory }) => nodeOf(step, seen)?.retired !== true || memory?.terminated[step.instanceId] !== undefined,
  progress: (input) => progressOf(input),
  compensate: () => undefined,
}

function actionsOf(input: Input): readonly Action[] {
  const { step, seen, memory = NO_MEMORY, finishing } = input
  const node = nodeOf(step, seen)
  if (node === undefined || node.deleting || memory.terminated[step.instanceId] !== undefined) return []
  if (node.retired !== true) return finishing === true ? [] : [{ kind: 'retire-node', node: node.name }]
  const stand = standOf(node, input)
  if (stand === undefined) return []
  if (!stand.ended) return stand.evict.map(({ namespace, name: pod, uid }) => ({ kind: 'evict-pod', namespace, pod, uid, node: node.name }))
  const { autoScalingGroup, instanceId } = step
  return [{ kind: 'terminate-instance', autoScalingGroup, instanceId, decrement: false, node: node.name }]
}

function progressOf(input: StepInput<RotateStep>): Progress {
  const { step, seen, memory = NO_MEMORY, now } = input
  const node = nodeOf(step, seen)
  if (isBusy(input)) return { kind: 'in-progress', because: `${step.group} is being updated; no node of it is touched meanwhile` }
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

/** EKS works on the group, or the group cannot be seen. */
function isBusy({ step, seen }: Pick<Input, 'step' | 'seen'>): boolean {
  return step.group.startsWith('asg:')
    ? false
    : seen.groups[step.group]?.status !== 'ACTIVE' && seen.groups[step.group]?.status !== 'DEGRADED'
}

function nodeOf(step: RotateStep, seen: Seen): NodeFacts | undefined {
  return membersOf(step, seen).find(({ name, instanceId }) => name === step.node && instanceId === step.instanceId)
}

function membersOf({ group }: RotateStep, { groups, otherNodes }: Seen): readonly NodeFacts[] {
  return groups[group]?.nodes ?? otherNodes.filter((node) => node.group === group)
}
