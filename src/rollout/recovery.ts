import { definitionOf } from '../catalog/steps/registry.ts'
import { MINUTE } from '../model/instant.ts'
import type { AddonStep, Batch, GroupStep, Itinerary, Step, TidyStep } from '../model/itinerary.ts'
import type { RunState } from './state.ts'
import { hasActed } from './subjects.ts'

const NOTHING = { expected: MINUTE, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } }

/**
 * The way back, derived from what the run really did. Add-ons first with vpc-cni leading, so that whatever the way back
 * launches is the combination that ran before; then node groups, the failed batch first, then the smallest; then what
 * failed updates left behind. Each step is a batch of its own: the way back is a rollout, gated and stopped like one.
 */
export function wayBack(
  itinerary: Itinerary,
  state: RunState,
  scope: 'everything' | 'failed-batch',
  failedBatch: string | undefined,
): readonly Batch[] {
  const acted = itinerary.batches.flatMap((batch) =>
    batch.steps.filter((step) => hasActed(state, batch.id, step.id)).map((step) => ({ batch, step })),
  )
  const inScope = scope === 'everything' ? acted : acted.filter(({ batch }) => batch.id === failedBatch)
  const addons = inScope.filter(({ step }) => step.kind === 'addon-update').reverse()
  const groups = inScope.filter(({ step }) => step.kind === 'nodegroup-update')
  const settings = inScope.filter(({ step }) => step.kind === 'nodegroup-settings' || step.kind === 'nodegroup-size')
  return [
    ...cniFirst(addons).map(({ batch, step }) => backBatch(batch, step)),
    ...failedFirst(groups, failedBatch).map(({ batch, step }) => backBatch(batch, step)),
    ...restoredSettings(settings).map(({ batch, step }) => backBatch(batch, step)),
    tidyBatch([...new Set(groups.map(({ step }) => (step as GroupStep).group))]),
  ]
}

interface Acted {
  readonly batch: Batch
  readonly step: Step
}

function cniFirst(addons: readonly Acted[]): readonly Acted[] {
  const isCni = ({ step }: Acted) => (step as AddonStep).addon === 'vpc-cni'
  return [...addons.filter(isCni), ...addons.filter((acted) => !isCni(acted))]
}

function failedFirst(groups: readonly Acted[], failedBatch: string | undefined): readonly Acted[] {
  const rank = ({ batch, step }: Acted) => [batch.id === failedBatch ? 0 : 1, (step as GroupStep).nodes] as const
  return [...groups].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])
}

/** Of each group only the first change of settings or sizes is undone: its `before` is what was there at the start. */
function restoredSettings(settings: readonly Acted[]): readonly Acted[] {
  return settings.filter(({ step }) => step.id.endsWith('/settings') || step.id.endsWith('/size'))
}

function backBatch(batch: Batch, step: Step): Batch {
  const id = `back/${step.id}`
  const back = definitionOf(step).compensate(step as never, `${id}/step`)
  if (back === undefined) throw new Error(`${step.id} has no way back although it was compiled with one`)
  return { id, phase: 'back', title: back.title, steps: [{ ...back, needs: [] }], gates: batch.gates, soak: 0, approval: false }
}

function tidyBatch(groups: readonly string[]): Batch {
  const step: TidyStep = {
    kind: 'tidy',
    id: 'back/tidy/step',
    title: 'leftovers removed',
    groups,
    timeout: 10 * MINUTE,
    wayBack: { exists: 'yes', how: 'nothing to take back' },
    forecast: NOTHING,
  }
  return { id: 'back/tidy', phase: 'back', title: step.title, steps: [step], gates: [], soak: 0, approval: false }
}
