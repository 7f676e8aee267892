import { describe, expect, it } from 'vitest'
import { type CrashPoint, liveThrough } from '../support/crash.ts'
import { expectSameEnd, machines, mutations, sample, wordsFor } from '../support/crash-schedule.ts'

/**
 * A driver dies at a point of its run, another goes on, on this machine or on one that knows nothing: the run ends as if
 * nobody had died, and EKS has accepted every update once. All points are taken by `npm run soak`, here a sample.
 */

const CASES = [
  { title: 'a run that succeeds', scenarios: [], exit: 'ok', spread: 8, atMutations: true },
  { title: 'a canary that is taken back', scenarios: ['ipam-hang'], exit: 'rolledBack', spread: 4, atMutations: true },
  { title: 'an add-on hop that is taken back', scenarios: ['addon-crashloop'], exit: 'rolledBack', spread: 6, atMutations: false },
] as const

/** Where one driver after the other dies. */
const DEATHS: readonly CrashPoint[] = [
  { nth: 3, moment: 'after' },
  { nth: 9, moment: 'torn' },
  { nth: 11, moment: 'after' },
  { nth: 8, moment: 'before' },
  { nth: 17, moment: 'after' },
  { nth: 13, moment: 'before' },
  { nth: 9, moment: 'after' },
]

for (const { title, scenarios, exit, spread, atMutations } of CASES) {
  const calm = await liveThrough({ scenarios, points: [] })
  const [effects = []] = calm.lives
  const points = [...(atMutations ? mutations(effects) : []), ...sample(effects, spread)]

  describe(title, () => {
    it('ends as its scenario says when nobody dies', () => expect(calm).toMatchObject({ exit, crashes: 0 }))

    it.each(points.map((point, index) => ({ where: wordsFor(effects, point), point, machine: machines(index) })))(
      'ends the same after a crash $where',
      async ({ point, machine }) => expectSameEnd(await liveThrough({ scenarios, points: [point], machine }), calm, 1),
    )

    it('ends the same after crash upon crash on three machines in turns', async () => {
      const told = await liveThrough({ scenarios, points: DEATHS, machine: (life) => `machine-${(life * 2) % 3}` })
      expect(told.crashes).toBeGreaterThan(3)
      expectSameEnd(told, calm, told.crashes)
    })
  })
}
