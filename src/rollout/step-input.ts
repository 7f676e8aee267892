import type { StepInput } from '../catalog/steps/definition.ts'
import type { Step } from '../model/itinerary.ts'
import type { NodeFacts } from '../model/seen.ts'
import type { Context } from './context.ts'
import { hasPassedAlone } from './rules/gates.ts'
import type { RunState, StepState } from './state.ts'

/** Instances that steps of the run have told to go. */
export function instancesGone({ batches }: RunState): ReadonlySet<string> {
  const memories = Object.values(batches).flatMap(({ steps }) => Object.values(steps).flatMap(({ memory }) => memory ?? []))
  return new Set(memories.flatMap(({ terminated }) => Object.keys(terminated)))
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
    proven: (node) => (wasThere(node) ? node.ready === 'True' : hasPassedAlone(context, node)),
  }
}
