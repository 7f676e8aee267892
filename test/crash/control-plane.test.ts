import { describe, expect, it } from 'vitest'
import { liveThrough } from '../support/crash.ts'
import { expectSameEnd, machines, mutations, sample, wordsFor } from '../support/crash-schedule.ts'
import { CRASH_PLAN, CRASH_WORLD } from '../support/crash-world.ts'

/**
 * A driver dies around the upgrade of a control plane, or around its rollback: the next one goes on, and EKS has accepted each of
 * them once.
 */

/** The control plane alone: no add-on and no node moves with it. */
const plan = CRASH_PLAN.replace(/ {2}kubernetesVersion: .*\n/, '  controlPlane: { version: "1.34", soak: 1m }\n')
  .replace(/ {2}images: latest\n/, '')
  .replace(/ {2}addons:\n.*\n/, '')
  .replace('rollback: {', 'rollback: { controlPlane: automatic,')
const world = CRASH_WORLD.replace('coredns, version: v1.12.4-eksbuild.1 ', 'coredns, version: v1.12.4-eksbuild.38 ')

/** A node whose kubelet falls silent under the new control plane, and speaks again under the old one. */
const silent = {
  name: 'silent',
  text: `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: silent, summary: a kubelet falls silent for a while }\nfaults:\n  - { fault: kubelet-silent, where: { group: app }, when: { from: 9m, to: 30m } }\n`,
}

const CASES = [
  { title: 'a control plane that moves', scenarios: [], exit: 'ok' },
  { title: 'a control plane that goes back', scenarios: [silent], exit: 'rolledBack' },
]

for (const { title, scenarios, exit } of CASES) {
  const on = { plan, world }
  const calm = await liveThrough({ scenarios, on, points: [] })
  const [effects = []] = calm.lives
  const points = [...mutations(effects), ...sample(effects, 4)]

  describe(title, () => {
    it('ends as it should when nobody dies', () => expect(calm).toMatchObject({ exit, crashes: 0 }))

    it.each(points.map((point, index) => ({ where: wordsFor(effects, point), point, machine: machines(index) })))(
      'ends the same after a crash $where',
      async ({ point, machine }) => expectSameEnd(await liveThrough({ scenarios, on, points: [point], machine }), calm, 1),
    )
  })
}
