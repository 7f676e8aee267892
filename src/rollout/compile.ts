import { groupBatches } from '../catalog/batches.ts'
import { addressNeedsOf } from '../catalog/checks/reading/address-needs.ts'
import { runForecast } from '../catalog/checks/reading/run-forecast.ts'
import { addressesLeft } from '../catalog/gates/addresses-left.ts'
import { gatesOf } from '../catalog/gates/named.ts'
import type { StrategyInput } from '../catalog/strategies/definition.ts'
import { sizeRestored } from '../catalog/strategies/managed-in-place.ts'
import { strategyOf } from '../catalog/strategies/registry.ts'
import { addonHopForecast, controlPlaneForecast } from '../forecast/durations.ts'
import { digestOf } from '../model/canonical-json.ts'
import type { RunForecast, Span } from '../model/forecast.ts'
import { MINUTE } from '../model/instant.ts'
import type { AddonIntent, AddonSpec, ControlPlaneIntent, GroupIntent, Intent, ReplacePace } from '../model/intent.ts'
import type { AddonStep, Batch, ControlPlaneStep, Itinerary, StepForecast } from '../model/itinerary.ts'
import type { PlanWave, UpgradePlan } from '../model/plan.ts'
import { API_VERSION, type ClusterSnapshot } from '../model/snapshot.ts'
import { recordBaseline } from './baseline.ts'
import { decisionFacts } from './decision-facts.ts'
import { observedBatch } from './watching.ts'

/** The version of the tool and of its tables; part of the digest, so an itinerary of another build is refused. */
export const TOOL = 'serin/0.1.0'

/** How long an add-on hop may take. EKS does not say how long it keeps a failing add-on UPDATING, so this is ours. */
const ADDON_TIMEOUT = 60 * MINUTE

/** An update of a control plane takes about ten minutes and cannot be stopped. */
const CONTROL_PLANE_TIMEOUT = 60 * MINUTE

/** What a plan means on a cluster, compiled into batches of steps with before, after, undo and forecast. Pure: equal input, equal bytes. */
export function compile(plan: UpgradePlan, intent: Intent, snapshot: ClusterSnapshot): Itinerary {
  // Worked out to the end and without what it is made of: an itinerary is kept for as long as its run.
  const run = structuredClone(runForecast(snapshot, plan, intent))
  const batches = [
    ...intent.addons.flatMap((addon) => addonBatches(addon, intent, snapshot)),
    ...controlPlaneBatch(intent.controlPlane),
    ...nodeBatches(plan, intent, snapshot, run),
  ]
  const facts = decisionFacts(plan, intent)
  const addressNeeds = gatesOf(plan, addressesLeft.kind).length > 0 ? addressNeedsOf(plan, intent, snapshot) : undefined
  const steps = batches.flatMap((batch) => batch.steps)
  return {
    apiVersion: API_VERSION,
    kind: 'Itinerary',
    digest: digestOf({ facts, tool: TOOL }),
    decisionFacts: facts,
    plan: plan.metadata.name,
    source: { plan, intent },
    tool: TOOL,
    madeFrom: { capturedAt: snapshot.capturedAt, ...(snapshot.sandbox && { sandbox: snapshot.sandbox }) },
    cluster: { ...plan.cluster, minor: intent.clusterMinor },
    batches,
    baseline: recordBaseline(snapshot, intent),
    window: plan.window,
    rollback: plan.rollback,
    waivers: plan.waivers,
    notify: plan.notify,
    untouched: [
      ...intent.groups
        .filter((group) => !group.changes)
        .map((group) => ({ name: group.name, reason: group.unchangedBecause ?? 'nothing to do' })),
      ...(intent.observed ?? []).flatMap(({ name, minor, behind }) =>
        behind.length > 0 ? [] : [{ name, reason: `its nodes already run ${minor}` }],
      ),
      ...intent.excluded,
    ],
    pointsOfNoReturn: steps.filter((step) => step.wayBack.exists === 'none').map((step) => `${step.title}: ${step.wayBack.how}`),
    forecast: { expected: run.takes.p50, declaredWaits: batches.reduce((sum, { soak }) => sum + soak, 0), run },
    ...(addressNeeds && { addressNeeds }),
  }
}

function addonBatches(addon: AddonIntent, intent: Intent, snapshot: ClusterSnapshot): readonly Batch[] {
  const nodes = (snapshot.kubernetes.items ?? []).filter((item) => item.kind === 'Node').length
  const pods = intent.groups.reduce((sum, group) => sum + group.pods, 0)
  return addon.hops.map((version, index) => {
    const id = `addon/${addon.name}/${index + 1}`
    const before = hopSpec(addon, index === 0 ? addon.baseline.version : (addon.hops[index - 1] ?? addon.baseline.version))
    const after = hopSpec(addon, version)
    const step: AddonStep = {
      kind: 'addon-update',
      id: `${id}/${addon.name}`,
      title: `${addon.name}: ${before.version} → ${after.version}`,
      addon: addon.name,
      before,
      after,
      resolveConflicts: addon.resolveConflicts,
      timeout: ADDON_TIMEOUT,
      wayBack: addon.wayBack,
      forecast: addonHopForecast({ nodes, pods }),
      ...(addon.backAfterControlPlane && { afterControlPlane: true as const }),
    }
    return {
      id,
      phase: 'addon',
      title: `${addon.name} ${index + 1}/${addon.hops.length}`,
      steps: [step],
      gates: addon.gates,
      soak: addon.soak,
      approval: false,
    }
  })
}

/** After the add-ons, which fit both minors by then, and before the nodes, which stay behind while it bakes. */
function controlPlaneBatch(intent: ControlPlaneIntent | undefined): readonly Batch[] {
  if (intent === undefined || !intent.changes) return []
  const { baseline: before, target: after, gates, soak, approval, wayBack, nodesBackWithin } = intent
  const step: ControlPlaneStep = {
    ...{ kind: 'control-plane-update', id: 'control-plane/update', title: `control plane: ${before} → ${after}`, before, after },
    ...(nodesBackWithin !== undefined && { nodesBackWithin }),
    ...{ timeout: CONTROL_PLANE_TIMEOUT, wayBack, forecast: controlPlaneForecast(nodesBackWithin) },
  }
  return [{ id: 'control-plane', phase: 'control-plane', title: `control plane to ${after}`, steps: [step], gates, soak, approval }]
}

function hopSpec(addon: AddonIntent, version: string): AddonSpec {
  return { ...addon.baseline, version }
}

/** The batches of node groups in the order of the run, by what each group's strategy does. */
export function nodeBatches(
  plan: UpgradePlan,
  intent: Intent,
  snapshot: ClusterSnapshot,
  run: Pick<RunForecast, 'stages'>,
): readonly Batch[] {
  const forecasts = new Map(run.stages.flatMap(({ groups }) => groups.map((each) => [each.group, each.takes])))
  const inputOf = (group: GroupIntent, batchId: string) => strategyInput(group, plan, batchId, snapshot, forecasts.get(group.name))
  const parts = groupBatches(plan, intent).map(({ groups, ...rest }) => {
    const batch: Batch = { ...rest, steps: groups.flatMap((group) => strategyOf(group).steps(inputOf(group, rest.id))) }
    const [only] = groups
    const spread = only === undefined || groups.length > 1 ? undefined : strategyOf(only).spread?.(batch, inputOf(only, rest.id))
    if (spread !== undefined) return { id: rest.id, ...spread }
    const filled = groups.filter((group) => group.whenEmpty === 'scale-one')
    return { id: rest.id, now: filled.length === 0 ? [batch] : [batch, emptiedAgain(batch, filled)], last: [] }
  })
  const ofWave = (wave: PlanWave, phase: 'canary' | 'wave') => {
    const own = parts.filter(({ id }) => id.startsWith(phase === 'canary' ? 'canary/' : `wave/${wave.name}/`))
    return [...own.flatMap(({ now }) => now), ...observedBatch(wave, phase, intent, own.length === 0)]
  }
  const canary = plan.canary === undefined ? [] : ofWave(plan.canary, 'canary')
  return [...canary, ...plan.waves.flatMap((wave) => ofWave(wave, 'wave')), ...parts.flatMap(({ last }) => last)]
}

/** Groups that got a node to prove themselves on are emptied again once they have passed. */
function emptiedAgain(batch: Batch, groups: readonly GroupIntent[]): Batch {
  const id = `${batch.id}/emptied`
  return {
    id,
    phase: batch.phase,
    title: `${batch.title}, sizes restored`,
    steps: groups.map((group) => sizeRestored(group, id)),
    gates: [],
    soak: 0,
    approval: false,
  }
}

const NO_TIME: Span = { p50: 0, p90: 0 }

/** All nodes and pods of a group count as exposed: EKS cannot stop an update (https://github.com/aws/containers-roadmap/issues/1531). */
function exposedWhole({ nodes, pods }: GroupIntent, { p90 }: Span): StepForecast['exposed'] {
  return { nodes, pods, minutes: Math.ceil(p90 / MINUTE) }
}

/** Where Serin replaces nodes itself it can stop after any of them: only what is drained at once is exposed. */
function exposedAtOnce({ nodes, pods }: GroupIntent, { surge, maxUnavailable, drainTimeout }: ReplacePace): StepForecast['exposed'] {
  const atOnce = Math.min(nodes, Math.max(1, surge + maxUnavailable))
  return { nodes: atOnce, pods: nodes === 0 ? 0 : Math.ceil((pods / nodes) * atOnce), minutes: Math.ceil(drainTimeout / MINUTE) }
}

function strategyInput(
  group: GroupIntent,
  plan: UpgradePlan,
  batchId: string,
  snapshot: ClusterSnapshot,
  takes: Span = NO_TIME,
): StrategyInput {
  const settings = snapshot.aws.nodegroups?.find((candidate) => candidate.nodegroupName === group.name)?.updateConfig ?? {}
  const exposed = group.pace === undefined ? exposedWhole(group, takes) : exposedAtOnce(group, group.pace)
  return { group, plan, batchId, forecast: { expected: takes.p50, back: takes.p50, exposed }, settings }
}
