import { expect, it } from 'vitest'
import { checkLaws } from '../properties/checking.ts'

/** The laws of `test/properties/laws.ts` on many more random cases; `SERIN_SOAK_RUNS` says how many, `SERIN_SEED` where they begin. */
it('keeps its laws on many random clusters, plans, faults and people', async () => {
  const runs = Number(process.env.SERIN_SOAK_RUNS ?? 1_000)
  const seed = Number(process.env.SERIN_SEED)
  const exits = await checkLaws(runs, seed)
  console.log(`${runs} runs from seed ${seed}: ${JSON.stringify(exits)}`)
  expect(Object.values(exits).reduce((sum, count) => sum + count, 0)).toBe(runs)
})
