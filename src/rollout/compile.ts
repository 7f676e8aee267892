import { sizeRestored } from '../catalog/strategies/managed-in-place.ts'
import { STRATEGIES } from '../catalog/strategies/registry.ts'
import { addonHopForecast, groupUpdateForecast } from '../forecast/durations.ts'
import { digestOf } from '../model/canonical-json.ts'
import { MINUTE } from '../model/instant.ts'
import type { AddonIntent, AddonSpec, GroupIntent, Intent } from '../model/intent.ts'
import type { AddonStep, Batch, Itinerary, Step } from '../model/itinerary.ts'
import type { PlanWave, UpgradePlan } from '../model/plan.ts'
import { API_VERSION, type ClusterSnapshot } from '../model/snapshot.ts'
import { recordBaseline } from './baseline.ts'
import { decisionFacts } from './decision-facts.ts'

/** The version of the tool and of its tables; part of the digest, so an itinerary of another build is refused. */
export const TOOL = 'serin/0.1.0'

/** How long an add-on hop may take. EKS does not say how long it keeps a failing add-on UPDATING, so this is ours. */
const ADDON_TIMEOUT = 60 * MINUTE

/** What a plan means on a cluster, compiled into batches of steps with before, after, undo and forecast. Pure: equal input, equal bytes. */
export function compile(plan: UpgradePlan, intent: Intent, snapshot: ClusterSnapshot): Itinerary {
  const batches = [...intent.addons.flatMap((addon) => addonBatches(addon, intent, snapshot)), ...groupBatches(plan, intent, snapshot)]
  const facts = decisionFacts(plan, intent)
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
      ...intent.excluded,
    ],
    pointsOfNoReturn: steps.filter((step) => step.wayBack.exists === 'none').map((step) => `${step.title}: ${step.wayBack.how}`),
    forecast: forecastOf(batches),
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

function hopSpec(addon: AddonIntent, version: string): AddonSpec {
  return { ...addon.baseline, version }
}

function groupBatches(plan: UpgradePlan, intent: Intent, snapshot: ClusterSnapshot): readonly Batch[] {
  const canary = plan.canary === undefined ? [] : waveBatches(plan.canary, 'canary', plan, intent, snapshot)
  return [...canary, ...plan.waves.flatMap((wave) => waveBatches(wave, 'wave', plan, intent, snapshot))]
}

/** The groups of one wave in batches; the wave's soak stands behind its last batch, its approval before the first. */
function waveBatches(
  wave: PlanWave,
  phase: 'canary' | 'wave',
  plan: UpgradePlan,
  intent: Intent,
  snapshot: ClusterSnapshot,
): readonly Batch[] {
  const all = intent.groups.filter((group) => group.changes && group.phase === phase && (phase === 'canary' || group.wave === wave.name))
  const alone = new Set([...newClasses(intent, all, phase), ...all.filter((group) => group.nodes === 0).map((group) => group.name)])
  const portions = intoPortions(all, batchSize(wave.batch, all.length), alone)
  return portions.flatMap((groups, index): readonly Batch[] => {
    const id = phase === 'canary' ? `canary/${index + 1}` : `wave/${wave.name}/${index + 1}`
    const title = portions.length === 1 ? wave.name : `${wave.name} ${index + 1}/${portions.length}`
    const unproven = groups.every((group) => group.whenEmpty === 'update')
    const steps = groups.flatMap((group) => stepsFor(group, plan, id, snapshot))
    const soak = index === portions.length - 1 && !unproven ? wave.soak : 0
    const batch: Batch = { id, phase, title, steps, gates: unproven ? [] : wave.gates, soak, approval: index === 0 ? wave.approval : false }
    const filled = groups.filter((group) => group.whenEmpty === 'scale-one')
    return filled.length === 0 ? [batch] : [batch, emptiedAgain(batch, filled)]
  })
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

/** Groups in flight together: a number, or a percentage of the wave rounded up, never to zero. */
export function batchSize(batch: number | `${number}%`, groups: number): number {
  if (typeof batch === 'number') return Math.max(1, batch)
  return Math.max(1, Math.ceil((groups * Number.parseFloat(batch)) / 100))
}

/** Classes of nodes that no canary represents: the first group of such a class is rolled alone. */
function newClasses(intent: Intent, groups: readonly GroupIntent[], phase: 'canary' | 'wave'): ReadonlySet<string> {
  const proven = new Set(intent.groups.filter((group) => group.phase === 'canary' && group.changes).map((group) => group.nodeClass))
  if (phase === 'canary') return new Set()
  const firsts = new Map<string, string>()
  for (const group of intent.groups.filter((candidate) => candidate.phase === 'wave' && candidate.changes)) {
    if (!proven.has(group.nodeClass) && !firsts.has(group.nodeClass)) firsts.set(group.nodeClass, group.name)
  }
  return new Set(groups.map((group) => group.name).filter((name) => [...firsts.values()].includes(name)))
}

function intoPortions(groups: readonly GroupIntent[], size: number, alone: ReadonlySet<string>): readonly (readonly GroupIntent[])[] {
  const portions: GroupIntent[][] = []
  for (const group of groups) {
    const last = portions.at(-1)
    const fits = last !== undefined && last.length < size && !alone.has(group.name) && !last.some((other) => alone.has(other.name))
    if (fits) last.push(group)
    else portions.push([group])
  }
  return portions
}

function stepsFor(group: GroupIntent, plan: UpgradePlan, batchId: string, snapshot: ClusterSnapshot): readonly Step[] {
  const strategy = STRATEGIES.find((candidate) => candidate.kind === group.strategy)
  if (strategy === undefined) throw new Error(`no strategy ${group.strategy}: the plan loader should have refused it`)
  const settings = snapshot.aws.nodegroups?.find((candidate) => candidate.nodegroupName === group.name)?.updateConfig ?? {}
  const forecast = groupUpdateForecast({ ...group, zones: group.zones.length })
  return strategy.steps({ group, plan, batchId, forecast, settings })
}

/** Batches follow one another; the steps of a batch run side by side, so the longest counts. */
function forecastOf(batches: readonly Batch[]): Itinerary['forecast'] {
  const declaredWaits = batches.reduce((sum, batch) => sum + batch.soak, 0)
  const moving = batches.reduce((sum, batch) => sum + Math.max(0, ...batch.steps.map((step) => step.forecast.expected)), 0)
  return { expected: moving + declaredWaits, declaredWaits }
}
