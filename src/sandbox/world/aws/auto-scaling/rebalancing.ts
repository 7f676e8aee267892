import { MINUTE, type Millis } from '../../../../model/instant.ts'
import { activeMembers, type ScalingGroup } from './group.ts'
import { launchOne } from './launching.ts'
import { atTime, type Scaling } from './scaling.ts'

/** When a rebalancing that found no room is tried again; our assumption. */
export const BALANCE_AGAIN: Millis = 15 * MINUTE

/**
 * Evens out the zones of a group that has what it should have: an instance comes in the emptiest zone before one goes in the fullest,
 * beyond the maximum size by a tenth if need be (Auto Scaling user guide, "rebalancing activities").
 */
export function rebalance(scaling: Scaling, group: ScalingGroup): 'launched' | 'refused' | undefined {
  if (group.suspended.has('AZRebalance') || group.suspended.has('Launch')) return undefined
  if ([...group.members.values()].some(({ lifecycle }) => lifecycle !== 'InService' && lifecycle !== 'Standby')) return undefined
  const byZone = zonesOf(scaling, group)
  const least = Math.min(...byZone.values())
  const most = Math.max(...byZone.values())
  if (most - least < 2 || group.sizes.desired + 1 > group.sizes.max + Math.max(1, Math.floor(group.sizes.max / 10))) return undefined
  const crowded = [...byZone].filter(([, count]) => count === most).map(([zone]) => zone)
  const empty = [...byZone].filter(([, count]) => count === least).map(([zone]) => zone)
  const cause = `${atTime(scaling.timeline.now())} instances were launched to balance instances in zones ${empty.join(' ')} with other zones ${crowded.join(' ')} resulting in more than desired number of instances in the group.`
  if (!launchOne(scaling, group, cause, { zones: new Set(empty) })) return 'refused'
  group.balancing = true
  return 'launched'
}

/** Members by zone, for every zone of the group's subnets. */
function zonesOf({ subnets }: Scaling, group: ScalingGroup): ReadonlyMap<string, number> {
  const byZone = new Map(group.subnetIds.map((id) => [subnets.get(id)?.zone ?? '', 0]))
  for (const { instance } of activeMembers(group)) byZone.set(instance.zone, (byZone.get(instance.zone) ?? 0) + 1)
  return byZone
}
