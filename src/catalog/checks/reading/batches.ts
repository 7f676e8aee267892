import type { GroupIntent, Intent } from '../../../model/intent.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import { changingGroups } from './nodes.ts'

/** Groups that are in flight together, by the plan's waves; a percentage is rounded up and never to zero. */
export function groupsTogether(plan: UpgradePlan, intent: Intent): readonly (readonly GroupIntent[])[] {
  return [...Map.groupBy(changingGroups(intent), (group) => group.wave)].flatMap(([wave, groups]) =>
    chunks(groups, batchSize(plan, wave, groups.length)),
  )
}

function batchSize(plan: UpgradePlan, name: string, groups: number): number {
  const wave = plan.canary?.name === name ? plan.canary : plan.waves.find((each) => each.name === name)
  const batch = wave?.batch ?? 1
  const size = typeof batch === 'number' ? batch : Math.ceil((groups * Number.parseInt(batch, 10)) / 100)
  return Math.max(1, size)
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, place) => all.slice(place * size, (place + 1) * size))
}
