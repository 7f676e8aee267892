import { expect, it } from 'vitest'
import { checkQuickLaws } from '../properties/checking-quickly.ts'

/** Fifty times as many quick clusters as whole ones: `SERIN_SOAK_RUNS` says how many of those, `SERIN_SEED` where they begin. */
it('keeps its laws in many more clusters of several groups', async () => {
  const runs = 50 * Number(process.env.SERIN_SOAK_RUNS ?? 1_000)
  const seed = Number(process.env.SERIN_SEED)
  const exits = await checkQuickLaws(runs, seed)
  console.log(`${runs} quick runs from seed ${seed}: ${JSON.stringify(exits)}`)
  expect(Object.values(exits).reduce((sum, count) => sum + count, 0)).toBe(runs)
})
