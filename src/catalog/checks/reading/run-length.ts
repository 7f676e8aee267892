import { type Pace, USUAL } from '../../../forecast/drain/pace.ts'
import { addonHopForecast } from '../../../forecast/durations.ts'
import type { Millis } from '../../../model/instant.ts'
import type { Intent } from '../../../model/intent.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'
import { rehearsedDrains } from './drain-rehearsal.ts'
import { changingGroups, nodesOf } from './nodes.ts'

/** How long the run takes from its first command to its end, soaks included, without approvals and closed windows. */
export function runLength(snapshot: ClusterSnapshot, plan: UpgradePlan, intent: Intent, pace: Pace = USUAL): Millis {
  const pods = intent.groups.reduce((sum, group) => sum + group.pods, 0)
  const hop = addonHopForecast({ nodes: nodesOf(snapshot).length, pods }).expected
  const addons = intent.addons.reduce((sum, { hops, soak }) => sum + hops.length * (hop + soak), 0)
  const moved = new Set(changingGroups(intent).map(({ wave }) => wave))
  const waves = [...(plan.canary ? [plan.canary] : []), ...plan.waves]
  const soaks = waves.reduce((sum, { name, soak }) => sum + (moved.has(name) ? soak : 0), 0)
  return addons + soaks + rehearsedDrains(snapshot, plan, intent, pace).takes
}
