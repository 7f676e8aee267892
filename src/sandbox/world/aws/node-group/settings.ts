import type { z } from 'zod'
import { type NodeRepairSpec, nodeRepair } from '../../node-group-spec.ts'
import type { Sizes, TaintSpec, UpdateConfig } from '../../world-spec.ts'
import { type Input, numberOf, recordOf, recordsOf, textOf, textsOf } from '../answers.ts'
import { invalidParameter } from '../eks-errors.ts'
import type { NodeGroup } from '../node-groups.ts'
import { aboutGroup, type NodeGroupApiDeps } from './context.ts'

/** What settings are checked against: a group that is there, or one to be. */
export type Configured = Pick<NodeGroup, 'spec' | 'sizes' | 'updateConfig'>

/** The settings of updates that a request asks for, on top of those there are. Throws 400. */
export function checkedUpdateConfig(deps: NodeGroupApiDeps, group: Configured, wanted: Input | undefined): UpdateConfig {
  if (wanted === undefined) return group.updateConfig
  const number = numberOf(wanted, 'maxUnavailable')
  const percentage = numberOf(wanted, 'maxUnavailablePercentage')
  if (number !== undefined && percentage !== undefined) {
    throw invalidParameter('You can only specify one of maxUnavailable and maxUnavailablePercentage.', aboutGroup(deps, group))
  }
  const outside = [number, percentage].find((value) => value !== undefined && (value < 1 || value > 100))
  if (outside !== undefined) throw invalidParameter(`The value ${outside} must be between 1 and 100.`, aboutGroup(deps, group))
  const strategy =
    textOf(wanted, 'updateStrategy') === 'MINIMAL' ? 'MINIMAL' : textOf(wanted, 'updateStrategy') === 'DEFAULT' ? 'DEFAULT' : undefined
  const amount =
    number === undefined && percentage === undefined
      ? group.updateConfig
      : {
          ...(number === undefined ? {} : { maxUnavailable: number }),
          ...(percentage === undefined ? {} : { maxUnavailablePercentage: percentage }),
        }
  return { ...amount, updateStrategy: strategy ?? group.updateConfig.updateStrategy }
}

/** The sizes that a request asks for, on top of those there are. Throws 400. */
export function checkedSizes(deps: NodeGroupApiDeps, group: Configured, wanted: Input | undefined): Sizes {
  if (wanted === undefined) return group.sizes
  const sizes = {
    min: numberOf(wanted, 'minSize') ?? group.sizes.min,
    max: numberOf(wanted, 'maxSize') ?? group.sizes.max,
    desired: numberOf(wanted, 'desiredSize') ?? group.sizes.desired,
  }
  if (sizes.min > sizes.desired) throw invalidParameter("Minimum capacity can't be greater than desired size", aboutGroup(deps, group))
  if (sizes.desired > sizes.max) throw invalidParameter("desired capacity can't be greater than max size", aboutGroup(deps, group))
  return sizes
}

/** Text: as users report it. */
const RESERVED = ['kubernetes.io/', 'k8s.io/', 'eks.amazonaws.com/']

/** Labels for the nodes of a group. Throws 400 for a key that belongs to Kubernetes or EKS. */
export function checkedLabels(deps: NodeGroupApiDeps, group: Configured, wanted: Input | undefined): Readonly<Record<string, string>> {
  const labels = Object.entries(wanted ?? {}).map(([key, value]) => [key, String(value)] as const)
  if (labels.some(([key]) => RESERVED.some((prefix) => key.startsWith(prefix))))
    throw invalidParameter(`Label cannot contain reserved prefixes [${RESERVED.join(', ')}]`, aboutGroup(deps, group))
  return Object.fromEntries(labels)
}

const EFFECTS = { NO_SCHEDULE: 'NoSchedule', NO_EXECUTE: 'NoExecute', PREFER_NO_SCHEDULE: 'PreferNoSchedule' } as const
const MOST_TAINTS = 50

/** Taints in the words of EKS. */
export function describeTaints(taints: readonly TaintSpec[]): readonly Record<string, unknown>[] {
  const named = Object.entries(EFFECTS)
  return taints.map(({ key, value, effect }) => ({ key, value, effect: named.find(([, each]) => each === effect)?.[0] }))
}

/** Taints as Kubernetes has them. Throws 400 for an effect that there is not, and for more than fifty. */
export function checkedTaints(deps: NodeGroupApiDeps, group: Configured, wanted: readonly Input[]): readonly TaintSpec[] {
  if (wanted.length > MOST_TAINTS) throw invalidParameter(`A node group can have up to ${MOST_TAINTS} taints.`, aboutGroup(deps, group))
  return wanted.map((taint) => {
    const [key, value, text = ''] = [textOf(taint, 'key') ?? '', textOf(taint, 'value'), textOf(taint, 'effect')]
    const effect = EFFECTS[text as keyof typeof EFFECTS]
    if (key === '' || effect === undefined) throw invalidParameter(`The taint ${key}:${text} is not valid.`, aboutGroup(deps, group))
    return { key, effect, ...(value === undefined ? {} : { value }) }
  })
}

/** Node auto repair as asked for, on top of what there is. Throws 400 for a count and a percentage of the same. */
export function checkedRepair(deps: NodeGroupApiDeps, group: Configured, wanted: Input, now: NodeRepairSpec | undefined): NodeRepairSpec {
  for (const pair of ['maxUnhealthyNodeThreshold', 'maxParallelNodesRepaired']) {
    if (wanted[`${pair}Count`] !== undefined && wanted[`${pair}Percentage`] !== undefined)
      throw invalidParameter(`You can only specify one of ${pair}Count and ${pair}Percentage.`, aboutGroup(deps, group))
  }
  return read(deps, group, nodeRepair, { ...(now ?? { enabled: false }), ...present(wanted) })
}

function present(wanted: Input): Input {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined && value !== null))
}

function read<T>(deps: NodeGroupApiDeps, group: Configured, schema: z.ZodType<T>, value: Input): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalidParameter(`${issue?.path.join('.')}: ${issue?.message}`, aboutGroup(deps, group))
}

/** Labels after a request's additions and removals, with both for the update's parameters. */
export function changedLabels(deps: NodeGroupApiDeps, group: NodeGroup, wanted: Input) {
  const add = checkedLabels(deps, group, recordOf(wanted, 'addOrUpdateLabels'))
  const remove = textsOf(wanted, 'removeLabels')
  const both = remove.find((key) => key in add)
  if (both !== undefined) throw invalidParameter(`The label ${both} cannot be added and removed at once.`, aboutGroup(deps, group))
  const kept = Object.entries(group.settings.labels).filter(([key]) => !remove.includes(key))
  return { add, remove, labels: { ...Object.fromEntries(kept), ...add } }
}

/** Taints after a request's additions and removals; a taint is known by key and effect. */
export function changedTaints(deps: NodeGroupApiDeps, group: NodeGroup, wanted: Input) {
  const add = checkedTaints(deps, group, recordsOf(wanted, 'addOrUpdateTaints'))
  const remove = checkedTaints(deps, group, recordsOf(wanted, 'removeTaints'))
  const isIn = (some: readonly TaintSpec[]) => (taint: TaintSpec) =>
    some.some(({ key, effect }) => key === taint.key && effect === taint.effect)
  const kept = group.settings.taints.filter((taint) => !isIn([...add, ...remove])(taint))
  return { add, remove, taints: [...kept, ...add] }
}
