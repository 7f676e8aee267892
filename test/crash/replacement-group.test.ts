import { describe, expect, it } from 'vitest'
import { liveThrough } from '../support/crash.ts'
import { expectSameEnd, machines, mutations, sample, wordsFor } from '../support/crash-schedule.ts'
import { REPLACEMENT_WORLD, replacementPlan } from '../support/replacement-world.ts'

/** A driver dies while a new group takes over, or while the old one comes back: the next one goes on, with one new group and no more. */

const hangs = {
  name: 'hangs',
  text: `apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: hangs, summary: aws-node hangs on nodes of the new group }
faults:
  - { fault: ipam-hang, where: { launchedLater: true } }
`,
}

const CASES = [
  { title: 'a managed group that takes over', group: 'web', scenarios: [], exit: /^held: .*approves/ },
  { title: 'a self-managed group that takes over', group: 'asg:batch', scenarios: [], exit: /^held: .*approves/ },
  { title: 'a managed group that cannot take over', group: 'web', scenarios: [hangs], exit: /^rolledBack$/ },
  { title: 'a self-managed group that cannot take over', group: 'asg:batch', scenarios: [hangs], exit: /^rolledBack$/ },
] as const

for (const [at, { title, group, scenarios, exit }] of CASES.entries()) {
  const on = { plan: replacementPlan(group), world: REPLACEMENT_WORLD }
  const calm = await liveThrough({ scenarios, on, points: [] })
  const [effects = []] = calm.lives
  const atAws = mutations(effects).filter(({ nth }) => !effects[nth - 1]?.startsWith('kubernetes.'))
  // Half of them each, so that every call is cut off before and after in one of the two kinds of groups.
  const points = [...atAws.filter((_, index) => index % 2 === at % 2), ...sample(effects, 4).slice(at, at + 1)]

  describe(title, () => {
    it('ends as it should when nobody dies', () => expect(calm).toMatchObject({ exit: expect.stringMatching(exit), crashes: 0 }))

    it.each(points.map((point, index) => ({ where: wordsFor(effects, point), point, machine: machines(index) })))(
      'ends the same after a crash $where',
      async ({ point, machine }) => expectSameEnd(await liveThrough({ scenarios, on, points: [point], machine }), calm, 1),
    )
  })
}
