import { keyedId } from '../../../../model/keyed.ts'
import type { LaunchTemplates } from '../launch-templates.ts'
import { activeMembers, type Member, type ScalingGroup } from './group.ts'

/** Smaller goes first. */
type Ranking = (member: Member, templates: LaunchTemplates) => number

const launchedAt: Ranking = ({ instance }) => instance.launchedAt

/** Instances of a launch configuration go before those of a template, older versions before newer ones. */
const templateAge: Ranking = ({ instance: { template } }, templates) =>
  template === undefined || templates.get(template.id) === undefined ? 0 : template.version

/**
 * Termination policies by name (Auto Scaling user guide, "termination policies"). The default one goes on to the next billing hour,
 * which does not exist here: a draw takes its place.
 */
const POLICIES: Readonly<Record<string, Ranking>> = {
  Default: templateAge,
  OldestInstance: launchedAt,
  NewestInstance: (member, templates) => -launchedAt(member, templates),
  OldestLaunchTemplate: templateAge,
  OldestLaunchConfiguration: templateAge,
  ClosestToNextInstanceHour: () => 0,
  AllocationStrategy: () => 0,
}

export function knownPolicies(): readonly string[] {
  return Object.keys(POLICIES)
}

/** Who goes at a scale-in: from the zone with most members, by the group's policies, else a draw. Protected members stay. */
export function surplus(group: ScalingGroup, count: number, templates: LaunchTemplates, seed: number): readonly Member[] {
  const rankings = group.settings.terminationPolicies.map((name) => POLICIES[name] ?? templateAge)
  const left = new Set(activeMembers(group))
  const candidates = [...left]
    .filter((member) => !member.protected)
    .map((member) => ({
      member,
      ranks: rankings.map((ranking) => ranking(member, templates)),
      draw: keyedId(8, seed, 'termination', member.instance.id),
    }))
    .sort((a, b) => compare(a.ranks, b.ranks) || (a.draw < b.draw ? -1 : 1))
  const chosen: Member[] = []
  while (chosen.length < count) {
    const crowd = crowdOf(left)
    const open = candidates.filter(({ member }) => left.has(member)).map(({ member }) => member)
    const most = Math.max(...open.map(({ instance }) => crowd.get(instance.zone) ?? 0))
    const victim = open.find(({ instance }) => crowd.get(instance.zone) === most)
    if (victim === undefined) break
    left.delete(victim)
    chosen.push(victim)
  }
  return chosen
}

function crowdOf(members: Iterable<Member>): ReadonlyMap<string, number> {
  const crowd = new Map<string, number>()
  for (const { instance } of members) crowd.set(instance.zone, (crowd.get(instance.zone) ?? 0) + 1)
  return crowd
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, rank] of a.entries()) if (rank !== b[at]) return rank - (b[at] ?? 0)
  return 0
}
