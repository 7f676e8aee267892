import { clusterActive } from '../../../src/catalog/checks/cluster-active.ts'
import { identity } from '../../../src/catalog/checks/identity.ts'
import { openRun } from '../../../src/catalog/checks/open-run.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { changeCluster, healthyPlan, type SnapshotChange } from '../../support/snapshot-builder.ts'

const opened =
  (openRun: ClusterSnapshot['openRun']): SnapshotChange =>
  (snapshot) => ({ ...snapshot, openRun })

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
  { check: clusterActive, title: 'the cluster is still UPDATING', fires: { snapshot: [changeCluster({ status: 'UPDATING' })] } },
]
