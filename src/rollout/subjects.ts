import type { BatchBaseline } from '../catalog/gates/definition.ts'
import { isObserved } from '../catalog/steps/observe-nodes.ts'
import type { CommandResult } from '../model/command.ts'
import { type Batch, groupsOfStep, type Itinerary, replacesNodes } from '../model/itinerary.ts'
import type { ObserveStep } from '../model/observe-step.ts'
import type { NodeFacts, Seen } from '../model/seen.ts'
import type { RunState } from './state.ts'

/** Whom the gates of a batch judge, and whom they compare with. */
export interface Subjects {
  readonly subjects: readonly NodeFacts[]
  readonly controls: readonly NodeFacts[]
}

interface Found {
  readonly from: readonly unknown[]
  readonly subjects: Subjects
}

/** What was found for a batch at last: it is asked for several times in every turn, and in most turns nothing has changed. */
const found = new WeakMap<Batch, Found>()

/** Subjects are the nodes that this batch changed; controls are nodes that the run has not touched. */
export function subjectsOf(batch: Batch, itinerary: Itinerary, state: RunState, seen: Seen, baseline: BatchBaseline): Subjects {
  const lists = [...Object.values(seen.groups).map(({ nodes }) => nodes), seen.otherNodes]
  const from = [itinerary, state, baseline, ...lists]
  const known = found.get(batch)
  if (known?.from.length === from.length && from.every((part, index) => part === known.from[index])) return known.subjects
  const subjects = findSubjects(batch, itinerary, state, lists.flat(), baseline)
  found.set(batch, { from, subjects })
  return subjects
}

function findSubjects(batch: Batch, itinerary: Itinerary, state: RunState, nodes: readonly NodeFacts[], baseline: BatchBaseline): Subjects {
  const all = nodes.filter((node) => !node.deleting)
  const addons = batch.steps.filter((step) => step.kind === 'addon-update').map((step) => step.addon)
  if (addons.includes('vpc-cni') || batch.steps.some((step) => step.kind === 'aws-node-fields')) {
    const judged = batch.phase === 'back' ? withoutFailed(all, itinerary, state) : all
    return split(judged, (node) => node.awsNode === undefined || node.awsNode.uid !== baseline.nodes[node.name]?.awsNodeUid)
  }
  if (addons.length > 0) return { subjects: all, controls: [] }
  if (batch.steps.some((step) => step.kind === 'control-plane-update'))
    return { subjects: all.filter((node) => baseline.nodes[node.name]?.uid === node.uid), controls: [] }
  const watched = batch.steps.filter((step) => step.kind === 'observe-nodes')
  if (watched.length > 0) return watchedSubjects(watched, all, groupsTouched(itinerary, state))
  const groups = new Set(batch.steps.flatMap((step) => (replacesNodes(step) || step.kind === 'rotate-node' ? [step.group] : [])))
  const touched = groupsTouched(itinerary, state)
  // Nodes that take workloads back were there all the time.
  const takesBack = batch.steps.some((step) => step.kind === 'move-workloads' && step.sizes === undefined)
  const isSubject = (node: NodeFacts) => takesBack || baseline.nodes[node.name]?.uid !== node.uid
  return {
    subjects: all.filter((node) => node.group !== undefined && groups.has(node.group) && isSubject(node)),
    controls: all.filter((node) => node.group === undefined || !touched.has(node.group)),
  }
}

/** Nodes of pools that have come to their version meanwhile; those that still have to are no control. */
function watchedSubjects(steps: readonly ObserveStep[], all: readonly NodeFacts[], touched: ReadonlySet<string>): Subjects {
  const pools = new Set(steps.map(({ group }) => group))
  const isOf = (node: NodeFacts) => node.pool !== undefined && pools.has(node.pool)
  return {
    subjects: all.filter((node) => steps.some((step) => isObserved(node, step))),
    controls: all.filter((node) => !isOf(node) && (node.group === undefined || !touched.has(node.group))),
  }
}

/**
 * The add-on goes back before the nodes: those of the batch that failed are replaced next, whatever ails them. Nodes of batches
 * that passed are well, and judge the add-on like those that were never touched; without them, where every group was moved,
 * there would be nobody to ask.
 */
function withoutFailed(nodes: readonly NodeFacts[], { batches }: Itinerary, { back }: RunState): readonly NodeFacts[] {
  const at = back?.failure.at
  const failed = batches.filter(({ id, steps }) => id === at || steps.some((step) => step.id === at))
  const groups = new Set(failed.flatMap(({ steps }) => steps.flatMap((step) => (replacesNodes(step) ? [step.group] : []))))
  const well = nodes.filter(({ group }) => group === undefined || !groups.has(group))
  return well.length === 0 ? nodes : well
}

function split(nodes: readonly NodeFacts[], changed: (node: NodeFacts) => boolean): Subjects {
  return { subjects: nodes.filter(changed), controls: nodes.filter((node) => !changed(node)) }
}

/** Names of the node groups for which the run had a command accepted, on the way there or back. */
export function groupsTouched(itinerary: Itinerary, state: RunState): ReadonlySet<string> {
  const batches = [...itinerary.batches, ...(state.back?.batches ?? []), ...curesOf(state)]
  const touched = batches.flatMap((batch) =>
    batch.steps.flatMap((step) => (step.kind !== 'tidy' && hasActed(state, batch.id, step.id) ? groupsOfStep(step) : [])),
  )
  return new Set(touched)
}

/** Every batch that cures something in this run. */
export function curesOf({ cures = {} }: RunState): readonly Batch[] {
  return Object.values(cures).flatMap(({ batches }) => batches)
}

/** Whether a command of the step may have had an effect: accepted at some attempt, or its outcome not known. */
export function hasActed(state: RunState, batch: string, step: string): boolean {
  const found = state.batches[batch]?.steps[step]
  return found?.acted === true || (found?.commands ?? []).some(({ result }) => result === undefined || result.kind === 'unsettled')
}

/** Whether a group that the step deletes is gone, or going: other commands of the step only prepare for it. */
export function hasDeleted(state: RunState, batch: string, step: string): boolean {
  const { doneAt, commands = [] } = state.batches[batch]?.steps[step] ?? {}
  return doneAt !== undefined || commands.some(({ command, result }) => command.action.kind === 'delete-group' && tookEffect(result))
}

/** A deletion that nothing is left for has happened, though its own answer was lost; one that was given up has not. */
function tookEffect(result: CommandResult | undefined): boolean {
  return result?.kind === 'accepted' || (result?.kind === 'moot' && result.unwanted !== true)
}

/** Whether every node of the batch's groups was there when it began: EKS went back by itself, ending only what it had launched. */
export function isUnmoved(batch: Batch, seen: Seen, baseline: BatchBaseline): boolean {
  return batch.steps.every((step) => {
    if (!replacesNodes(step)) return false
    const nodes = (seen.groups[step.group]?.nodes ?? []).filter((node) => !node.deleting)
    return nodes.length > 0 && nodes.every((node) => baseline.nodes[node.name]?.uid === node.uid)
  })
}
