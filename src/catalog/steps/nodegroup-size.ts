import type { GroupSizeStep } from '../../model/itinerary.ts'
import type { GroupFacts } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'

/**
 * Gives an empty group one node to prove the new version on, and takes it away again. Sizes are lowered only while the
 * group's nodes carry nothing that would have to be evicted: lowering terminates nodes without asking any budget.
 */
export const nodegroupSize: StepDefinition<'nodegroup-size'> = {
  kind: 'nodegroup-size',
  title: 'Scale an empty managed node group to one node, or back',
  reversibility: 'reversible',
  call: (step) =>
    `eks:UpdateNodegroupConfig ${step.group} scalingConfig=min ${step.after.min}, max ${step.after.max}, desired ${step.after.desired}`,
  actions: ({ step, seen }) => {
    const group = seen.groups[step.group]
    if (group === undefined || hasSizes(step, group) || mustStay(step, group)) return []
    return [{ kind: 'scale-nodegroup', group: step.group, sizes: step.after }]
  },
  progress: ({ step, seen }) => {
    const group = seen.groups[step.group]
    const there =
      group !== undefined && group.status !== 'UPDATING' && (mustStay(step, group) || (hasSizes(step, group) && hasNodes(step, group)))
    return there ? { kind: 'done' } : { kind: 'in-progress', because: `${step.group} scales to ${step.after.desired} nodes` }
  },
  compensate: (step, id) => ({ ...step, id, title: `sizes of ${step.group} restored`, before: step.after, after: step.before }),
}

function hasSizes({ after }: GroupSizeStep, { sizes }: GroupFacts): boolean {
  return sizes.min === after.min && sizes.max === after.max && sizes.desired === after.desired
}

function hasNodes({ after }: GroupSizeStep, group: GroupFacts): boolean {
  return group.nodes.filter((node) => !node.deleting).length === after.desired
}

/** Somebody's pods run there now, or an autoscaler has grown the group: then it stays, and the end of the run says so. */
function mustStay({ after }: GroupSizeStep, group: GroupFacts): boolean {
  return group.sizes.desired > after.desired && group.nodes.some((node) => node.evictablePods > 0)
}
