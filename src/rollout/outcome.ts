import { definitionOf } from '../catalog/steps/registry.ts'
import { leftovers } from '../catalog/steps/tidy.ts'
import type { ExitName } from '../errors/catalogue.ts'
import type { Outcome } from '../journal/event.ts'
import { movesVersions, type Step } from '../model/itinerary.ts'
import type { Context } from './context.ts'
import type { RunState } from './state.ts'
import { closedByPeople, instancesGone } from './step-input.ts'
import { groupsTouched, hasActed } from './subjects.ts'

/** How a run ended: what was changed and stays, what was taken back, what was never touched, what is left to a person. */
export function outcomeOf(context: Context, exit: ExitName, summary: string): Outcome {
  const { itinerary, state } = context
  const acted = itinerary.batches.flatMap((batch) => batch.steps.filter((step) => isReal(step) && hasActed(state, batch.id, step.id)))
  const untouched = itinerary.batches.flatMap((batch) => batch.steps.filter((step) => isReal(step) && !hasActed(state, batch.id, step.id)))
  return {
    exit,
    summary,
    changed: acted.filter((step) => !isTakenBack(state, step)).map((step) => step.title),
    takenBack: acted.filter((step) => isTakenBack(state, step)).map((step) => step.title),
    untouched: [...untouched.map((step) => step.title), ...itinerary.untouched.map(({ name, reason }) => `${name} (${reason})`)],
    byHand: byHand(context, exit),
  }
}

/** Settings and tidying are means, not results. */
function isReal(step: Step): boolean {
  return movesVersions(step) || step.kind === 'delete-group'
}

function isTakenBack({ batches }: RunState, step: Step): boolean {
  return batches[wayBackOf(step)]?.status === 'passed'
}

/** The batch that takes a step back: what was moved to a new group is back when that group is gone. */
export function wayBackOf(step: Step): string {
  return `back/${step.kind === 'move-workloads' ? step.createdBy : step.id}`
}

/** What a person has to do, with the call to make: steps that should have gone back and did not, and what is left on nodes and groups. */
function byHand(context: Context, exit: ExitName): readonly string[] {
  const { state, itinerary, seen } = context
  const touched = [...groupsTouched(itinerary, state)]
  const skipped = Object.values(state.batches)
    .flatMap(({ steps }) => Object.values(steps))
    .flatMap(({ memory }) => Object.entries(memory?.skipped ?? {}))
    .map(([node, because]) => `${node} stays as it was: ${because}`)
  const known = { gone: instancesGone(state), closedByPeople: closedByPeople(state) }
  const left = leftovers(touched, seen, itinerary.baseline, known).map((action) => `left over: ${JSON.stringify(action)}`)
  const inflated = touched.flatMap((name) => {
    const now = seen.groups[name]?.autoScaling?.sizes.desired
    const before = itinerary.baseline.groups[name]?.sizes.desired
    return now !== undefined && before !== undefined && now > before
      ? [
          `${name}: desired size is ${now}, it was ${before}; Serin never lowers it, because that terminates nodes without asking any budget`,
        ]
      : []
  })
  const unfinished = exit === 'ok' ? [] : (state.back?.batches ?? []).filter((batch) => state.batches[batch.id]?.status !== 'passed')
  const calls = unfinished.flatMap((batch) => batch.steps.map((step) => `${step.title}: ${definitionOf(step).call(step as never)}`))
  return [...calls, ...left, ...skipped, ...inflated, ...bothThere(context)]
}

/** Groups that stand beside the one that took over from them, for a person to choose. */
function bothThere({ itinerary, state, seen }: Context): readonly string[] {
  return itinerary.batches.flatMap(({ id, steps }) =>
    steps.flatMap((step) => {
      if (step.kind !== 'create-group' || !hasActed(state, id, step.id)) return []
      const [old, made] = [seen.groups[step.replaces], seen.groups[step.group]]
      if (old === undefined || made === undefined) return []
      const kept = old.nodes.filter((node) => node.kept === true).length
      return [
        `${step.replaces} stands beside ${step.group}, with ${kept} of its ${old.nodes.length} nodes empty and out of service: delete the one that is not wanted`,
      ]
    }),
  )
}
