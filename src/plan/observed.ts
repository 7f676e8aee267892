import { outlookFor } from '../catalog/observing.ts'
import { globMatches } from '../model/glob.ts'
import type { ObservedPool } from '../model/intent.ts'
import type { Node } from '../model/kubernetes.ts'
import { formatMinor, parseMinor } from '../model/kubernetes-minor.ts'
import type { UpgradePlan } from '../model/plan.ts'
import { poolNamed, poolOf } from '../model/pools.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'

/** A pool that a plan names, with its nodes that are behind and what becomes of them; undefined for a group that somebody launches. */
export function resolvePool(
  place: Pick<ObservedPool, 'name' | 'phase' | 'wave'>,
  plan: UpgradePlan,
  snapshot: ClusterSnapshot,
  minor: string,
): ObservedPool | undefined {
  if (poolNamed(place.name) === undefined) return undefined
  const nodes = objectsOf<Node>(snapshot, 'Node').filter((node) => poolOf(node) === place.name)
  const behind = nodes.filter((node) => minorOf(node) !== minor).map(({ metadata }) => metadata.name)
  const { timeout } = plan.nodeGroups.find(({ match }) => globMatches(match, place.name)) ?? {}
  const there = nodes.map(({ metadata }) => metadata.name)
  return {
    ...place,
    minor,
    behind,
    there,
    ...outlookFor(place.name, { minor, behind, snapshot }),
    ...(timeout !== undefined && { timeout }),
  }
}

function minorOf({ status }: Node): string | undefined {
  const minor = parseMinor(status?.nodeInfo?.kubeletVersion)
  return minor && formatMinor(minor)
}
