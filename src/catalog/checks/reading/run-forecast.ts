import type { DrainCluster } from '../../../forecast/drain/opening.ts'
import type { Stage } from '../../../forecast/drain/rehearse.ts'
import { addonHopForecast, controlPlaneForecast } from '../../../forecast/durations.ts'
import { forecastRun } from '../../../forecast/run-forecast.ts'
import type { RunForecast } from '../../../model/forecast.ts'
import { groupOfNode } from '../../../model/groups-of-nodes.ts'
import type { Millis } from '../../../model/instant.ts'
import type { Intent } from '../../../model/intent.ts'
import type { Pod, PodDisruptionBudget, Workload } from '../../../model/kubernetes.ts'
import type { GateSpec, UpgradePlan } from '../../../model/plan.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import { groupBatches } from '../../batches.ts'
import { GATES } from '../../gates/registry.ts'
import { strategyOf } from '../../strategies/registry.ts'
import { addressRules, subnetsOfNodes } from './address-rules.ts'
import { nodesOf } from './nodes.ts'
import { zonesOfVolumes } from './volumes.ts'

/** Several checks and the plan itself ask for the same forecast, which is the costliest thing that is computed from a snapshot. */
const DONE = new WeakMap<ClusterSnapshot, Map<string, RunForecast>>()

/** How the run would go on this cluster. */
export function runForecast(snapshot: ClusterSnapshot, plan: UpgradePlan, intent: Intent): RunForecast {
  const stages = [...addonStages(snapshot, intent), ...controlPlaneStage(intent), ...groupStages(plan, intent)]
  const key = JSON.stringify(stages)
  const known = DONE.get(snapshot) ?? new Map<string, RunForecast>()
  DONE.set(snapshot, known)
  const done = known.get(key) ?? forecastRun(drainCluster(snapshot, intent), stages)
  known.set(key, done)
  return done
}

function addonStages(snapshot: ClusterSnapshot, intent: Intent): readonly Stage[] {
  const pods = intent.groups.reduce((sum, group) => sum + group.pods, 0)
  const { expected: other } = addonHopForecast({ nodes: nodesOf(snapshot).length, pods })
  return intent.addons.flatMap(({ name, hops, gates, soak }) =>
    hops.map((_hop, index) => ({ id: `addon/${name}/${index + 1}`, moves: [], other, gates: leastOf(gates), soak })),
  )
}

function controlPlaneStage({ controlPlane }: Intent): readonly Stage[] {
  if (controlPlane === undefined || !controlPlane.changes) return []
  const { gates, soak, nodesBackWithin } = controlPlane
  return [{ id: 'control-plane', moves: [], other: controlPlaneForecast(nodesBackWithin).expected, gates: leastOf(gates), soak }]
}

function groupStages(plan: UpgradePlan, intent: Intent): readonly Stage[] {
  return groupBatches(plan, intent).map(({ id, groups, gates, soak }) => ({
    id,
    moves: groups.map((group) => strategyOf(group).move(group)),
    other: 0,
    gates: leastOf(gates),
    soak: Math.max(soak, ...groups.map((group) => strategyOf(group).waits?.(group, soak) ?? soak)),
  }))
}

/** Gates are judged side by side: the one that wants to see things well for longest counts. */
function leastOf(gates: readonly GateSpec[]): Millis {
  return Math.max(0, ...gates.map(({ kind }) => GATES.find((gate) => gate.kind === kind)?.least ?? 0))
}

function drainCluster(snapshot: ClusterSnapshot, intent: Intent): DrainCluster {
  return {
    nodes: nodesOf(snapshot),
    pods: objectsOf<Pod>(snapshot, 'Pod'),
    budgets: objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget'),
    replicaSets: objectsOf<Workload>(snapshot, 'ReplicaSet'),
    groupOf: (node) => groupOfNode(node, snapshot),
    zonesOf: zonesOfVolumes(snapshot),
    addresses: addressRules(snapshot, intent),
    subnetOf: subnetsOfNodes(snapshot),
  }
}
