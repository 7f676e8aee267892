import { MINUTE } from '../../model/instant.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { Batch, GroupSizes } from '../../model/itinerary.ts'
import type { Replacement } from '../../model/replacement.ts'
import type { CreateGroupStep, DeleteGroupStep, MoveStep } from '../../model/replacement-steps.ts'
import { createCall } from '../steps/create-group.ts'
import { describeSpec } from '../steps/group-spec.ts'
import type { StrategyDefinition, StrategyInput } from './definition.ts'

const NOTHING_EXPOSED = { nodes: 0, pods: 0, minutes: 0 } as const

/** A new group beside the old one: slow and dear, and the one way whose way back costs next to nothing until the last moment. */
export const replacementGroup: StrategyDefinition = {
  kind: 'replacement-group',
  fits: 'both',
  summary:
    'A new group is made beside the old one and takes over: a share first, then the rest, drained by evictions that ask every budget. The old group is kept, empty, until somebody says yes to its deletion.',
  rollback:
    'The workloads go back to the old nodes, which are still there, and the new group is deleted. Nothing has to be launched for it. After the deletion of the old group there is no way back.',
  waysBack: [
    {
      what: 'Managed or self-managed group, replaced by a new one',
      image: 'yes, until the old group is deleted',
      minor: 'yes, until the old group is deleted; also from AL2023 to AL2, and where EKS refuses an earlier minor',
      call: 'old nodes uncordoned, new nodes drained by evictions, then eks:DeleteNodegroup or autoscaling:DeleteAutoScalingGroup of the new group',
      restrictions:
        'Both groups stand side by side: nodes, vCPUs and addresses of both are needed until the deletion, which always waits for `serin approve`.',
      otherwise:
        'Old group deleted: a way back is another replacement. EKS makes groups of the control plane’s minor only, so an earlier one needs a launch template with an AMI of its own.',
    },
  ],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/migrate-stack.html',
  move: ({ name, nodes, pace, updateStrategy, zones }) => ({
    group: name,
    maxUnavailable: Math.max(1, (pace?.surge ?? 1) + (pace?.maxUnavailable ?? 0)),
    surge: nodes,
    updateStrategy,
    zones,
    keepsOld: true,
  }),
  steps: (input) => {
    const create = createStep(input)
    const { nodes, replacement } = whole(input)
    return [create, { ...moveStep(input, input.batchId, replacement.share < nodes ? replacement.share : undefined), needs: [create.id] }]
  },
  waits: ({ nodes, replacement }, soak) =>
    replacement === undefined ? soak : Math.max(soak, replacement.keep) + (replacement.share < nodes ? replacement.soak : 0),
  spread: (batch, input) => {
    const { nodes, replacement } = whole(input)
    const last = [deletion(input)]
    const stays = Math.max(batch.soak, replacement.keep)
    if (replacement.share >= nodes) return { now: [{ ...batch, soak: stays }], last }
    const id = `${batch.id}/rest`
    const rest: Batch = { ...batch, id, title: `${batch.title}, the rest`, steps: [moveStep(input, id)], soak: stays, approval: false }
    return { now: [{ ...batch, title: `${batch.title}, first share`, soak: replacement.soak }, rest], last }
  },
}

/** The group with all that it takes to replace it. */
function whole({
  group,
}: StrategyInput): GroupIntent & { readonly replacement: Replacement; readonly pace: NonNullable<GroupIntent['pace']> } {
  const { replacement, pace } = group
  if (replacement === undefined || pace === undefined)
    throw new Error(`${group.name} has no replacement: the plan should not have been resolved so far`)
  return { ...group, replacement, pace }
}

function createStep(input: StrategyInput): CreateGroupStep {
  const { name, sizes, nodes, target, replacement, wayBack, timeout } = whole(input)
  const { group, made, share } = replacement
  const first = Math.min(share, nodes)
  return {
    kind: 'create-group',
    id: createId(input),
    title: `${group}: made beside ${name} with ${describeSpec(target)}`,
    group,
    replaces: name,
    made,
    sizes: { min: first, max: largest(sizes, nodes), desired: first },
    nodes,
    timeout,
    wayBack,
    forecast: { expected: 4 * MINUTE, back: 5 * MINUTE, exposed: NOTHING_EXPOSED },
  }
}

function createId({ batchId, group }: StrategyInput): string {
  return `${firstBatch(batchId)}/${group.name}/create`
}

function firstBatch(batchId: string): string {
  return batchId.replace(/\/rest$/, '')
}

function largest({ max }: GroupSizes, nodes: number): number {
  return Math.max(max, nodes, 1)
}

function moveStep(input: StrategyInput, batchId: string, upTo?: number): MoveStep {
  const { name, baseline, target, sizes, nodes, nodeClass, zones, pace, timeout, wayBack, replacement } = whole(input)
  const { group } = replacement
  return {
    kind: 'move-workloads',
    id: `${batchId}/${name}`,
    title: `${name} → ${group}: ${describeSpec(baseline)} → ${describeSpec(target)}`,
    group,
    from: name,
    createdBy: createId(input),
    before: baseline,
    after: target,
    ...(upTo !== undefined && { upTo }),
    sizes: { min: sizes.min, max: largest(sizes, nodes), desired: nodes },
    nodes: upTo ?? nodes - (batchId.endsWith('/rest') ? replacement.share : 0),
    nodeClass,
    zones,
    pace,
    timeout,
    wayBack,
    forecast: input.forecast,
  }
}

/** Everything else has passed by then: it is the last that is done, and only with somebody's yes. */
function deletion(input: StrategyInput): Batch {
  const { name, replacement, arn = '' } = whole(input)
  const id = `delete/${name}`
  const step: DeleteGroupStep = {
    kind: 'delete-group',
    id: `${id}/group`,
    title: `${name} deleted, ${replacement.group} has taken over`,
    group: name,
    own: false,
    arn,
    timeout: 60 * MINUTE,
    wayBack: {
      exists: 'none',
      how: `after it only a new group leads back (${createCall(name)}); it waits for \`serin approve\`, until which \`serin rollback\` takes everything back`,
    },
    forecast: { expected: 5 * MINUTE, back: 0, exposed: NOTHING_EXPOSED },
  }
  return { id, phase: 'wave', title: step.title, steps: [step], gates: [], soak: 0, approval: replacement.consent }
}
