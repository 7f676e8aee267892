import { describe, expect, it } from 'vitest'
import { forecastCase } from '../support/forecast-case.ts'
import { outcomeOf } from '../support/forecast-outcome.ts'
import { type GroupScore, type Score, scoreOf } from '../support/forecast-score.ts'

/** The forecast against what the sandbox then does, on a handful of generated worlds; `npm run bench -- forecast` has many. */
describe('a forecast', () => {
  it.each(Array.from({ length: 8 }, (_none, index) => ({ seed: index + 4 })))('of the world of seed $seed holds', async ({ seed }) => {
    const outcome = await outcomeOf(forecastCase(seed))
    const { groups, addresses, disruptions } = scoreOf(outcome)
    expect(outcome.prepared.itinerary.forecast.run.rehearsals).toBeGreaterThan(1)
    for (const group of groups) holds(group)
    for (const { worst, seen } of addresses) expect(seen, 'addresses of a subnet').toBeLessThanOrEqual(worst + 15)
    const [forecast, seen] = [sumOf(disruptions, 0), sumOf(disruptions, 1)]
    expect(Math.abs(forecast - seen), 'evictions').toBeLessThanOrEqual(3 + 0.3 * seen)
  })
})

function holds({ group, isForecastBlocked, isBlocked, namesOwner, minutes }: GroupScore): void {
  expect(isForecastBlocked, `${group} is blocked`).toBe(isBlocked)
  if (isBlocked) expect(namesOwner, `${group}: a workload that is held is named`).toBe(true)
  if (minutes === undefined) return
  expect(Math.abs(minutes.p50 - minutes.seen) / minutes.seen, `${group}: minutes`).toBeLessThan(0.4)
  expect(minutes.seen, `${group}: minutes`).toBeLessThan(minutes.p90 * 1.2)
}

function sumOf(pairs: Score['disruptions'], side: 0 | 1): number {
  return pairs.reduce((sum, pair) => sum + pair[side], 0)
}
