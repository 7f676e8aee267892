import type { UpgradePlan } from '../model/plan.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { capture, connectToRead } from './connection.ts'
import { loadSnapshotFile } from './documents.ts'
import { type Io, usage } from './io.ts'

/** The snapshot a plan is judged on: from a file, with no network and no credentials, or taken now. */
export async function snapshotFor(
  io: Io,
  plan: UpgradePlan,
  file: string | undefined,
  refreshInsights?: boolean,
): Promise<ClusterSnapshot> {
  if (file !== undefined && refreshInsights === true) throw usage('--refresh-insights asks EKS; a snapshot file is as it is')
  if (file !== undefined) return loadSnapshotFile(io, file)
  const { name: cluster, region, kubeconfigContext } = plan.cluster
  return await capture(io, await connectToRead(io, { cluster, region, kubeconfigContext }), cluster, { plan, refreshInsights })
}
