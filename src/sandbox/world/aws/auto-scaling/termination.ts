import { keyedId } from '../../../../model/keyed.ts'
import type { LaunchTemplates } from '../launch-templates.ts'
import { activeMembers, type Member, type ScalingGroup } from './group.ts'

/**
 * Who goes at a scale-in, by the default termination policy as far as it can matter here: the zone with most members first, then the
 * oldest launch template version (Amazon EC2 Auto Scaling user guide, "default termination policy"); what is left is a draw. Members
 * that are protected from scale-in stay.
 */
export function surplus(group: ScalingGroup, count: number, templates: LaunchTemplates, seed: number): readonly Member[] {
  const left = new Set(activeMembers(group))
  const chosen: Member[] = []
  while (chosen.length < count && left.size > 0) {
    const crowd = new Map<string, number>()
    for (const { instance } of left) crowd.set(instance.zone, (crowd.get(instance.zone) ?? 0) + 1)
    const free = [...left].filter((member) => !member.protected)
    const [victim] = free.sort((a, b) => preference(a, crowd, templates, seed).localeCompare(preference(b, crowd, templates, seed)))
    if (victim === undefined) break
    left.delete(victim)
    chosen.push(victim)
  }
  return chosen
}

function preference({ instance }: Member, crowd: ReadonlyMap<string, number>, templates: LaunchTemplates, seed: number): string {
  const emptiness = String(10_000 - (crowd.get(instance.zone) ?? 0)).padStart(5, '0')
  const { template } = instance
  const age = template === undefined || templates.get(template.id) === undefined ? '00000' : String(template.version).padStart(5, '0')
  return `${emptiness}/${age}/${keyedId(8, seed, 'termination', instance.id)}`
}
