import { clusterActive } from '../../../src/catalog/checks/cluster-active.ts'
import { identity } from '../../../src/catalog/checks/identity.ts'
import { openRun } from '../../../src/catalog/checks/open-run.ts'
import { planResolved } from '../../../src/catalog/checks/plan-resolved.ts'
import { runLease } from '../../../src/catalog/checks/run-lease.ts'
import { serinOnNode } from '../../../src/catalog/checks/serin-on-node.ts'
import { wayBack } from '../../../src/catalog/checks/way-back.ts'
import { windowFits } from '../../../src/catalog/checks/window-fits.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { CNI_AFTER, GROUPS } from '../../support/healthy-cluster.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import type { Situation } from '../../support/situation.ts'
import {
  changeCluster,
  healthyAddonIntent,
  healthyGroupIntent,
  healthyPlan,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const opened =
  (openRun: ClusterSnapshot['openRun']): SnapshotChange =>
  (snapshot) => ({ ...snapshot, openRun })

const held =
  (renewedAt: string): SnapshotChange =>
  (snapshot) => ({
    ...snapshot,
    lease: { holder: 'mira', renewedAt, durationSeconds: 30 },
  })

const wanted = (version: string) => ({
  target: { ...healthyPlan().target, addons: healthyPlan().target.addons.map((addon) => ({ ...addon, version })) },
})

const windowed = (span: string): Situation => ({
  plan: { window: { timeZone: 'UTC', open: [span], freezes: [], atClose: 'hold' } },
})

const runsOn =
  (node: string): SnapshotChange =>
  (snapshot) => ({ ...snapshot, takenFrom: { namespace: 'ci', pod: 'runner', node } })
const withoutBatch = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: group.name !== 'batch' })) }

/** The right place, and nobody else in it. */
export const PLACE: readonly NearMiss[] = [
  {
    check: identity,
    title: 'the plan names another Region',
    fires: { plan: { cluster: { ...healthyPlan().cluster, region: 'eu-central-2' } } },
  },
  {
    check: openRun,
    title: 'nobody looked, instead of nobody is there',
    fires: { snapshot: [opened(undefined)] },
  },
  {
    check: runLease,
    title: 'when the Lease was renewed',
    fires: { snapshot: [held('2026-11-23T09:59:30Z')] },
    silent: { snapshot: [held('2026-11-23T09:59:29Z')] },
  },
  {
    check: planResolved,
    title: 'a version that EKS lists',
    fires: { plan: wanted('v1.22.9-eksbuild.1'), intent: 'resolved' },
    silent: { plan: wanted(CNI_AFTER), intent: 'resolved' },
  },
  {
    check: wayBack,
    title: 'whether there is a way back',
    fires: { intent: { addons: [healthyAddonIntent({ wayBack: { exists: 'disputed', how: 'UpdateAddon' } })] } },
    silent: { intent: { addons: [healthyAddonIntent({ wayBack: { exists: 'yes', how: 'UpdateAddon' } })] } },
  },
  { check: windowFits, title: 'when the window closes', fires: windowed('Mon 09:00-11:00'), silent: windowed('Mon 09:00-24:00') },
  {
    check: serinOnNode,
    title: 'the node that Serin runs on',
    fires: { snapshot: [runsOn(nodeNames('app-a')[0] ?? '')], intent: withoutBatch },
    silent: { snapshot: [runsOn(nodeNames('batch')[0] ?? '')], intent: withoutBatch },
  },
  { check: clusterActive, title: 'the cluster is still UPDATING', fires: { snapshot: [changeCluster({ status: 'UPDATING' })] } },
]
