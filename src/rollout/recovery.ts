import { GATES } from '../catalog/gates/registry.ts'
import { definitionOf } from '../catalog/steps/registry.ts'
import type { Failure } from '../model/failure.ts'
import { MINUTE } from '../model/instant.ts'
import {
  type AddonStep,
  type Baseline,
  type Batch,
  type Itinerary,
  movesVersions,
  type NodesStep,
  replacesNodes,
  type Step,
  type TidyStep,
} from '../model/itinerary.ts'
import type { CreateGroupStep } from '../model/replacement-steps.ts'
import { raisedForSure } from './remembering.ts'
import type { RunState } from './state.ts'
import { hasActed, hasDeleted } from './subjects.ts'

const OWN = {
  timeout: 30 * MINUTE,
  wayBack: { exists: 'yes', how: 'nothing to take back' },
  forecast: { expected: MINUTE, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
} as const

/**
 * The way back, derived from what the run really did. Add-ons first with vpc-cni leading, so that whatever the way back
 * launches is the combination that ran before; then node groups, the failed batch first, then the smallest; then the control
 * plane, than which no node may be newer, and add-ons that EKS lists for its former minor only; then what failed updates left behind. Each step is a batch of its own: the way back is a rollout, gated and stopped like one.
 */
export function wayBack(
  itinerary: Itinerary,
  state: RunState,
  scope: 'everything' | 'failed-batch',
  failedBatch: string | undefined,
  failure?: Failure,
): readonly Batch[] {
  const acted = itinerary.batches.flatMap((batch) =>
    batch.steps.filter((step) => hasActed(state, batch.id, step.id)).map((step) => ({ batch, step })),
  )
  const inScope = scope === 'everything' ? acted : acted.filter(({ batch }) => batch.id === failedBatch)
  const inBack = (acts: readonly Acted[]) => acts.map(({ batch, step }) => backBatch(batch, step, state))
  const addons = inScope.filter(({ step }) => step.kind === 'addon-update').reverse()
  const [late, early] = [addons.filter(waitsForControlPlane(inScope)), addons.filter((acted) => !waitsForControlPlane(inScope)(acted))]
  const groups = inScope.filter(({ step }) => replacesNodes(step) && step.kind !== 'move-workloads')
  const settings = inScope.filter(({ step }) => step.kind === 'nodegroup-settings' || step.kind === 'nodegroup-size')
  const cni = addons.find(({ step }) => (step as AddonStep).addon === 'vpc-cni')
  const marks = markBatch(failure)
  const fields = fieldsBatch(itinerary.baseline, cni?.batch)
  return [
    ...marks,
    ...unmarkedAfterFirst(marks.length > 0, inBack(cniFirst(early))),
    ...(cni && early.includes(cni) ? fields : []),
    ...failedFirst([...groups, ...replacements(acted, inScope, state)], failedBatch).flatMap(({ batch, step }) =>
      step.kind === 'create-group'
        ? replacementBack(itinerary, batch, step)
        : [backBatch(batch, step, state, raisedBy(state, batch, step))],
    ),
    ...inBack(inScope.filter(({ step }) => step.kind === 'control-plane-update')),
    ...inBack(cniFirst(late)),
    ...(cni && late.includes(cni) ? fields : []),
    ...inBack(restoredSettings(settings)),
    tidyBatch([...new Set(groups.map(({ step }) => (step as NodesStep).group))]),
  ]
}

interface Acted {
  readonly batch: Batch
  readonly step: Step
}

/** Where the control plane has moved, an add-on whose former version is not listed for its new minor. */
function waitsForControlPlane(acted: readonly Acted[]): (addon: Acted) => boolean {
  const moved = acted.some(({ step }) => step.kind === 'control-plane-update')
  return ({ step }) => moved && (step as AddonStep).afterControlPlane === true
}

/** Groups that the run made, of which the old one is still there: what of the pair is in scope takes all of it back. */
function replacements(acted: readonly Acted[], inScope: readonly Acted[], state: RunState): readonly Acted[] {
  const deleted = acted.flatMap(({ batch, step }) =>
    step.kind === 'delete-group' && hasDeleted(state, batch.id, step.id) ? [step.group] : [],
  )
  const wanted = new Set(inScope.map(({ step }) => (step.kind === 'move-workloads' ? step.createdBy : step.id)))
  return acted.filter(({ step }) => step.kind === 'create-group' && wanted.has(step.id) && !deleted.includes(step.replaces))
}

/** What a gate can say of nodes that were there all the time, and take their workloads back. */
const OF_OLD_NODES = new Set(['nodes-ready', 'aws-node', 'stuck-pods'])

/** The workloads first, to the old nodes, which have to be well; then the new group goes, empty. */
function replacementBack({ batches }: Itinerary, batch: Batch, create: CreateGroupStep): readonly Batch[] {
  const id = `back/${create.id}`
  const move = batches.flatMap(({ steps }) => steps).find((step) => step.kind === 'move-workloads' && step.createdBy === create.id)
  const back = move && definitionOf(move).compensate(move as never, `${id}/move/step`)
  const gone = definitionOf(create).compensate(create as never, `${id}/step`)
  const whole = { phase: 'back', soak: 0, approval: false } as const
  const moved: readonly Batch[] =
    back === undefined
      ? []
      : [
          {
            ...whole,
            id: `${id}/move`,
            title: back.title,
            steps: [{ ...back, needs: [] }],
            gates: batch.gates.filter(({ kind }) => OF_OLD_NODES.has(kind)),
          },
        ]
  return [...moved, ...(gone === undefined ? [] : [{ ...whole, id, title: gone.title, steps: [gone], gates: [] }])]
}

function cniFirst(addons: readonly Acted[]): readonly Acted[] {
  const isCni = ({ step }: Acted) => (step as AddonStep).addon === 'vpc-cni'
  return [...addons.filter(isCni), ...addons.filter((acted) => !isCni(acted))]
}

function failedFirst(groups: readonly Acted[], failedBatch: string | undefined): readonly Acted[] {
  const rank = ({ batch, step }: Acted) => [batch.id === failedBatch ? 0 : 1, (step as NodesStep | CreateGroupStep).nodes] as const
  return [...groups].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])
}

/** Of each group only the first change of settings or sizes is undone: its `before` is what was there at the start. */
function restoredSettings(settings: readonly Acted[]): readonly Acted[] {
  return settings.filter(({ step }) => step.id.endsWith('/settings') || step.id.endsWith('/size'))
}

/** By how much a step has left the desired size of its group raised: what goes back takes that with it. */
function raisedBy(state: RunState, batch: Batch, step: Step): number {
  if (step.kind !== 'replace-nodes') return 0
  const known = state.batches[batch.id]?.steps[step.id]
  return (step.raised ?? 0) + (known === undefined ? 0 : raisedForSure(known))
}

/** Settings and sizes replace no node, so on their own they leave the gates nothing to judge. */
function backBatch(batch: Batch, step: Step, state: RunState, raised = 0): Batch {
  const id = `back/${step.id}`
  const gates = movesVersions(step) ? batch.gates.filter(({ kind }) => !isBlind(kind, batch, state)) : []
  const back = definitionOf(step).compensate(step as never, `${id}/step`)
  if (back === undefined) throw new Error(`${step.id} has no way back although it was compiled with one`)
  return {
    id,
    phase: 'back',
    title: back.title,
    steps: [{ ...back, needs: [], ...(back.kind === 'replace-nodes' && { raised }) }],
    gates,
    soak: 0,
    approval: false,
  }
}

/** Where aws-node fails on nodes that were there before, new pods are kept away from them until it has gone back. */
function markBatch(failure: Failure | undefined): readonly Batch[] {
  if (failure?.cause !== 'addon-fails' || failure.nodes.length === 0) return []
  return [
    ownBatch({ ...OWN, kind: 'mark-nodes', id: 'back/mark/step', title: 'failing nodes kept free of new pods', nodes: failure.nodes }, []),
  ]
}

/** The marks go as soon as aws-node has gone back one hop: as long as they stand, no new pod comes that could prove a node. */
function unmarkedAfterFirst(marked: boolean, [first, ...rest]: readonly Batch[]): readonly Batch[] {
  if (first === undefined) return []
  const needs = first.steps.map(({ id }) => id)
  const unmark: TidyStep = { ...OWN, kind: 'tidy', id: `${first.id}/unmark`, title: 'marks of failing nodes removed', groups: [], needs }
  return marked ? [{ ...first, steps: [...first.steps, unmark] }, ...rest] : [first, ...rest]
}

/** A gate that asks beyond the cluster's own state and could not see anything on the way there would only stop the way back. */
function isBlind(kind: string, { id }: Batch, { batches }: RunState): boolean {
  const asksBeyond = GATES.some((gate) => gate.kind === kind && (gate.probes !== undefined || gate.questions !== undefined))
  return asksBeyond && batches[id]?.gates[kind]?.verdict === 'unknown'
}

/** After the add-on, what OVERWRITE wiped from the DaemonSet; it rolls aws-node once more, so it has the add-on's gates. */
function fieldsBatch({ awsNodeEnv }: Baseline, cni: Batch | undefined): readonly Batch[] {
  if (cni === undefined || awsNodeEnv === undefined) return []
  return [
    ownBatch(
      { ...OWN, kind: 'aws-node-fields', id: 'back/aws-node-fields/step', title: 'settings of aws-node as they were', env: awsNodeEnv },
      cni.gates,
    ),
  ]
}

function tidyBatch(groups: readonly string[]): Batch {
  return ownBatch({ ...OWN, kind: 'tidy', id: 'back/tidy/step', title: 'leftovers removed', groups }, [])
}

/** A batch of one step that only the way back has. */
function ownBatch(step: Step, gates: Batch['gates']): Batch {
  return { id: step.id.slice(0, -'/step'.length), phase: 'back', title: step.title, steps: [step], gates, soak: 0, approval: false }
}
