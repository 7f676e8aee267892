import type { Action } from '../../model/command.ts'
import type { Baseline } from '../../model/itinerary.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'

/**
 * Removes what a failed update leaves behind: cordons and balancer labels that were not there before, inflated maxima,
 * and our own marks. Never lowers a desired size: that terminates nodes without asking any budget.
 */
export const tidy: StepDefinition<'tidy'> = {
  kind: 'tidy',
  title: 'Remove leftovers of an update that failed',
  reversibility: 'reversible',
  call: () => 'kubernetes:PATCH nodes (uncordon, labels, our taints), autoscaling:UpdateAutoScalingGroup (maximum only)',
  actions: ({ step, seen, baseline }) => leftovers(step.groups, seen, baseline),
  progress: ({ step, seen, baseline }) => {
    const left = leftovers(step.groups, seen, baseline)
    return left.length === 0 ? { kind: 'done' } : { kind: 'in-progress', because: `${left.length} leftovers to remove` }
  },
  compensate: () => undefined,
}

/** What has to be done so that the groups carry nothing that an update left behind. */
export function leftovers(groups: readonly string[], seen: Seen, baseline: Baseline): readonly Action[] {
  const marked = [...Object.values(seen.groups).flatMap((group) => group.nodes), ...seen.otherNodes].flatMap(ourMarks)
  const inGroups = groups.flatMap((name) => {
    const group = seen.groups[name]
    return group === undefined || group.status === 'UPDATING'
      ? []
      : [...group.nodes.flatMap((node) => onNode(node, baseline)), ...onSizes(group, baseline)]
  })
  return [...marked, ...inGroups]
}

/** Our marks are removed wherever they are: nobody else puts them there. */
function ourMarks(node: NodeFacts): readonly Action[] {
  return node.deleting ? [] : node.ourTaints.map((key) => ({ kind: 'remove-taint', node: node.name, key }))
}

function onNode(node: NodeFacts, baseline: Baseline): readonly Action[] {
  const actions: Action[] = []
  if (node.deleting) return actions
  if (node.cordoned && !baseline.cordoned.includes(node.name)) actions.push({ kind: 'uncordon', node: node.name })
  if (node.excludedFromBalancers && !baseline.excludedFromBalancers.includes(node.name))
    actions.push({ kind: 'include-in-balancers', node: node.name })
  return actions
}

function onSizes(group: GroupFacts, baseline: Baseline): readonly Action[] {
  const before = baseline.groups[group.name]
  const now = group.autoScaling
  if (before?.autoScalingMax === undefined || before.autoScalingGroup === undefined || now === undefined) return []
  const wanted = Math.max(before.autoScalingMax, now.sizes.desired)
  return now.sizes.max > wanted
    ? [{ kind: 'restore-max-size', group: group.name, autoScalingGroup: before.autoScalingGroup, max: wanted }]
    : []
}
