import type { DrainCluster } from '../../../forecast/drain/opening.ts'
import { type Pace, USUAL } from '../../../forecast/drain/pace.ts'
import { type DrainForecast, rehearseDrain } from '../../../forecast/drain/rehearse.ts'
import type { GroupMove } from '../../../forecast/drain/rolling.ts'
import type { GroupIntent, Intent } from '../../../model/intent.ts'
import type { Node, Pod, PodDisruptionBudget, Workload } from '../../../model/kubernetes.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import { groupsTogether } from './batches.ts'
import { groupNameOf } from './nodes.ts'

/** Several checks and the plan itself ask for the same rehearsal, which is the costliest thing that is computed from a snapshot. */
const DONE = new WeakMap<ClusterSnapshot, Map<string, DrainForecast>>()

/** The drains of the run in their order, at a pace. */
export function rehearsedDrains(snapshot: ClusterSnapshot, plan: UpgradePlan, intent: Intent, pace: Pace = USUAL): DrainForecast {
  const batches = groupsTogether(plan, intent).map((groups) => groups.map(moveOf))
  const key = JSON.stringify([batches, pace])
  const known = DONE.get(snapshot) ?? new Map<string, DrainForecast>()
  DONE.set(snapshot, known)
  const done = known.get(key) ?? rehearseDrain(drainCluster(snapshot), batches, pace)
  known.set(key, done)
  return done
}

function moveOf({ name, maxUnavailable, surge, updateStrategy, zones }: GroupIntent): GroupMove {
  return { group: name, maxUnavailable, surge, updateStrategy, zones }
}

function drainCluster(snapshot: ClusterSnapshot): DrainCluster {
  return {
    nodes: objectsOf<Node>(snapshot, 'Node'),
    pods: objectsOf<Pod>(snapshot, 'Pod'),
    budgets: objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget'),
    replicaSets: objectsOf<Workload>(snapshot, 'ReplicaSet'),
    groupOf: groupNameOf,
    zonesOf: zonesOfVolumes(snapshot),
  }
}

interface Claim {
  readonly kind: 'PersistentVolumeClaim'
  readonly apiVersion: string
  readonly metadata: Node['metadata']
  readonly spec?: { readonly volumeName?: string }
}

interface Volume {
  readonly kind: 'PersistentVolume'
  readonly apiVersion: string
  readonly metadata: Node['metadata']
  readonly spec?: {
    readonly nodeAffinity?: {
      readonly required?: {
        readonly nodeSelectorTerms?: readonly {
          readonly matchExpressions?: readonly { readonly key: string; readonly values?: readonly string[] }[]
        }[]
      }
    }
  }
}

/** Keys by which volumes say which zone they are in. */
const ZONE_KEYS = ['topology.kubernetes.io/zone', 'topology.ebs.csi.aws.com/zone', 'failure-domain.beta.kubernetes.io/zone']

/** Zones that all volumes of a pod have in common; undefined where it has none in a zone, or where volumes were not read. */
function zonesOfVolumes(snapshot: ClusterSnapshot): (pod: Pod) => readonly string[] | undefined {
  const zones = new Map(objectsOf<Volume>(snapshot, 'PersistentVolume').map((volume) => [volume.metadata.name, zonesOf(volume)]))
  const claims = new Map(
    objectsOf<Claim>(snapshot, 'PersistentVolumeClaim').map(({ metadata, spec }) => [
      `${metadata.namespace}/${metadata.name}`,
      zones.get(spec?.volumeName ?? ''),
    ]),
  )
  return ({ metadata, spec }) =>
    (spec?.volumes ?? [])
      .flatMap(({ persistentVolumeClaim }) => [claims.get(`${metadata.namespace}/${persistentVolumeClaim?.claimName}`)])
      .filter((each) => each !== undefined)
      .reduce<readonly string[] | undefined>(
        (common, each) => (common === undefined ? each : common.filter((zone) => each.includes(zone))),
        undefined,
      )
}

function zonesOf({ spec }: Volume): readonly string[] | undefined {
  const expressions = (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap(({ matchExpressions = [] }) => matchExpressions)
  const values = expressions.filter(({ key }) => ZONE_KEYS.includes(key)).flatMap(({ values: named = [] }) => named)
  return values.length === 0 ? undefined : values
}
