import type { AddressNeed } from '../../../model/forecast.ts'
import type { Intent } from '../../../model/intent.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'
import { groupBatches } from '../../batches.ts'
import { awsNodeDaemonSet, poolSettings } from './pool-settings.ts'
import { needsOf } from './zone-needs.ts'

/** What each batch takes of subnets, by its id; undefined where there is no aws-node, so that nobody knows. */
export function addressNeedsOf(
  plan: UpgradePlan,
  intent: Intent,
  snapshot: ClusterSnapshot,
): Readonly<Record<string, readonly AddressNeed[]>> | undefined {
  const daemonSet = awsNodeDaemonSet(snapshot)
  if (daemonSet === undefined) return undefined
  const settings = poolSettings(snapshot, daemonSet)
  const batches = groupBatches(plan, intent).map(({ id, groups }) => {
    const needs = groups.flatMap((group) => needsOf(snapshot, settings, daemonSet, group).needs)
    return [id, needs.map(({ subnets, perNode, ...rest }) => briefly(rest, subnets, perNode.addresses))] as const
  })
  return Object.fromEntries(batches)
}

function briefly(
  { group, zone, newNodes }: Pick<AddressNeed, 'group' | 'zone' | 'newNodes'>,
  subnets: readonly { readonly SubnetId?: string }[],
  perNode: number,
): AddressNeed {
  return { group, zone, newNodes, perNode, subnets: subnets.flatMap(({ SubnetId }) => SubnetId ?? []) }
}
