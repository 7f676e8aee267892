import { describe, it } from 'vitest'
import { liveThrough } from '../support/crash.ts'
import { expectSameEnd, machines, pointsOf, wordsFor } from '../support/crash-schedule.ts'

/** Every point at which a driver can die, on the same machine and on another one. Some 1,500 runs, about half an hour. */

for (const scenarios of [[], ['ipam-hang'], ['addon-crashloop'], ['api-flaky']]) {
  const calm = await liveThrough({ scenarios, points: [] })
  const [effects = []] = calm.lives
  const rows = pointsOf(effects).flatMap((point) =>
    [0, 1].map((machine) => ({ where: wordsFor(effects, point), on: machine === 0 ? 'the same machine' : 'another one', point, machine })),
  )

  describe(scenarios[0] ?? 'without trouble', () => {
    it.each(rows)('ends the same after a crash $where, resumed on $on', async ({ point, machine }) => {
      expectSameEnd(await liveThrough({ scenarios, points: [point], machine: machines(machine) }), calm, 1)
    })
  })
}
