import type { StepInput } from '../catalog/steps/definition.ts'
import { groupsOfStep, type Step } from '../model/itinerary.ts'
import type { NodeFacts } from '../model/seen.ts'
import type { Context } from './context.ts'
import { hasPassedAlone } from './rules/gates.ts'
import type { RunState, StepState } from './state.ts'

/** Instances that steps of the run have told to go. */
export function instancesGone({ batches }: RunState): ReadonlySet<string> {
  const memories = Object.values(batches).flatMap(({ steps }) => Object.values(steps).flatMap(({ memory }) => memory ?? []))
  return new Set(memories.flatMap(({ terminated }) => Object.keys(terminated)))
}

/**
 * Whether a cordon on a node that came during the run is a person's. On the way there EKS closes no such node; on the way back it
 * does, so there those are people's that were closed when the batch of their group began.
 */
export function closedByPeople({ back, batches }: RunState): (node: string) => boolean {
  if (back === undefined) return () => true
  const closed = back.batches.flatMap(({ id, steps }) => {
    const groups = new Set<string | undefined>(steps.flatMap(groupsOfStep))
    return Object.entries(batches[id]?.baseline?.nodes ?? {}).flatMap(([name, node]) =>
      node.cordoned === true && groups.has(node.group) ? [name] : [],
    )
  })
  return (node) => closed.includes(node)
}

/** What a step's definition may look at. */
export function stepInput(
  context: Context,
  step: Step,
  state: StepState,
): Omit<StepInput<Step>, 'acceptedAt' | 'updateId'> & { readonly finishing?: boolean } {
  const { seen, now, itinerary, batchState } = context
  const before = batchState.baseline?.nodes
  const wasThere = (node: NodeFacts) => before?.[node.name]?.uid === node.uid
  return {
    step,
    seen,
    now,
    baseline: itinerary.baseline,
    run: context.state.run,
    ...(state.acceptedAt !== undefined && { begunAt: state.acceptedAt }),
    ...(state.memory && { memory: state.memory }),
    gone: instancesGone(context.state),
    closedByPeople: closedByPeople(context.state),
    proven: (node) => (wasThere(node) ? node.ready === 'True' : hasPassedAlone(context, node)),
  }
}
