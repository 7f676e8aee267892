import type { GroupIntent, Intent } from '../model/intent.ts'
import type { Batch } from '../model/itinerary.ts'
import type { PlanWave, UpgradePlan } from '../model/plan.ts'

/** Node groups that are in flight together, with what stands behind and before them. */
export interface GroupBatch extends Omit<Batch, 'steps'> {
  readonly groups: readonly GroupIntent[]
}

/** The groups that a run changes, in its order: the canary, then the waves. */
export function groupBatches(plan: UpgradePlan, intent: Intent): readonly GroupBatch[] {
  const canary = plan.canary === undefined ? [] : waveBatches(plan.canary, 'canary', intent)
  return [...canary, ...plan.waves.flatMap((wave) => waveBatches(wave, 'wave', intent))]
}

/** The groups of one wave in batches; the wave's soak stands behind its last batch, its approval before the first. */
function waveBatches(wave: PlanWave, phase: 'canary' | 'wave', intent: Intent): readonly GroupBatch[] {
  const all = intent.groups.filter((group) => group.changes && group.phase === phase && (phase === 'canary' || group.wave === wave.name))
  const apart = all.filter((group) => group.nodes === 0 || group.alone === true).map((group) => group.name)
  const alone = new Set([...newClasses(intent, all, phase), ...apart])
  const portions = intoPortions(all, (index) => batchSize(wave.batch, all.length, index), alone)
  return portions.map((groups, index): GroupBatch => {
    const id = phase === 'canary' ? `canary/${index + 1}` : `wave/${wave.name}/${index + 1}`
    const title = portions.length === 1 ? wave.name : `${wave.name} ${index + 1}/${portions.length}`
    const unproven = groups.every((group) => group.whenEmpty === 'update')
    const soak = index === portions.length - 1 && !unproven ? wave.soak : 0
    return { id, phase, title, groups, gates: unproven ? [] : wave.gates, soak, approval: index === 0 ? wave.approval : false }
  })
}

/** Groups in flight together: a number, a percentage of the wave rounded up and never to zero, or `growing`: one, then twice as many each time. */
export function batchSize(batch: PlanWave['batch'], groups: number, index = 0): number {
  if (batch === 'growing') return 2 ** index
  if (typeof batch === 'number') return Math.max(1, batch)
  return Math.max(1, Math.ceil((groups * Number.parseFloat(batch)) / 100))
}

/** Classes of nodes that no canary represents: the first group of such a class is rolled alone. */
function newClasses(intent: Intent, groups: readonly GroupIntent[], phase: 'canary' | 'wave'): ReadonlySet<string> {
  const proven = new Set(intent.groups.filter((group) => group.phase === 'canary' && group.changes).map((group) => group.nodeClass))
  if (phase === 'canary') return new Set()
  const firsts = new Map<string, string>()
  for (const group of intent.groups.filter((candidate) => candidate.phase === 'wave' && candidate.changes)) {
    if (!proven.has(group.nodeClass) && !firsts.has(group.nodeClass)) firsts.set(group.nodeClass, group.name)
  }
  return new Set(groups.map((group) => group.name).filter((name) => [...firsts.values()].includes(name)))
}

/** @param sizeOf how many groups the nth portion may have */
function intoPortions(
  groups: readonly GroupIntent[],
  sizeOf: (index: number) => number,
  alone: ReadonlySet<string>,
): readonly (readonly GroupIntent[])[] {
  const portions: GroupIntent[][] = []
  for (const group of groups) {
    const last = portions.at(-1)
    const fits =
      last !== undefined &&
      last.length < sizeOf(portions.length - 1) &&
      !alone.has(group.name) &&
      !last.some((other) => alone.has(other.name) || areApart(group, other))
    if (fits) last.push(group)
    else portions.push([group])
  }
  return portions
}

/** Groups of which one waits for the other, or that the plan keeps apart. */
function areApart(one: GroupIntent, other: GroupIntent): boolean {
  const named = (a: GroupIntent, b: GroupIntent) => a.after?.includes(b.name) === true || a.neverWith?.includes(b.name) === true
  return named(one, other) || named(other, one)
}
