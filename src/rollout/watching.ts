import { observeStep } from '../catalog/strategies/observe-only.ts'
import type { Intent } from '../model/intent.ts'
import type { Batch } from '../model/itinerary.ts'
import type { PlanWave } from '../model/plan.ts'

/** The pools of one wave that are behind, watched side by side once its groups have passed; nothing where none is. */
export function observedBatch(wave: PlanWave, phase: 'canary' | 'wave', { observed = [] }: Intent, alone: boolean): readonly Batch[] {
  const id = `${phase === 'canary' ? 'canary' : `wave/${wave.name}`}/watched`
  const pools = observed.filter((pool) => pool.behind.length > 0 && pool.phase === phase && pool.wave === wave.name)
  if (pools.length === 0) return []
  const { gates, soak, approval } = wave
  const steps = pools.map((pool) => observeStep(pool, id))
  return [{ id, phase, title: `${wave.name}, watched`, steps, gates, soak, approval: alone ? approval : false }]
}

/** Whether a batch does nothing but look at nodes that others move. */
export function isWatching({ steps }: Batch): boolean {
  return steps.length > 0 && steps.every(({ kind }) => kind === 'observe-nodes')
}
