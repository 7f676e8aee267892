import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { World } from '../../src/sandbox/contract.ts'
import { type RandomCase, randomCase } from '../support/random-case.ts'
import { checking, checkLaws, mustKeepTheLaws } from './checking.ts'

/**
 * Random small clusters, plans, faults, people and seeds, rehearsed with the real engine and adapters, held against every
 * law of `laws.ts`. A failure prints the seed and path that replay it; `npm run soak` tries many more.
 */

it('keeps its laws on random clusters, plans, faults and people', { timeout: 300_000 }, async () => {
  const exits = await checkLaws(40, 1)
  // Were all runs alike, the laws would be kept by runs that do nothing.
  expect(Object.keys(exits).length).toBeGreaterThanOrEqual(3)
  expect(exits.ok ?? 0).toBeGreaterThanOrEqual(5)
  expect(exits.rolledBack ?? 0).toBeGreaterThanOrEqual(1)
})

/** From the first update on, aws-node hangs wherever it starts; a minute and a half later somebody restarts it everywhere. */
function allAlike(random: RandomCase): RandomCase {
  const hang = { fault: 'ipam-hang', when: { after: 'eks:UpdateNodegroupVersion *', from: '0s' } }
  return { ...random, faults: [hang], person: 'leaves', plan: { ...random.plan, target: { kubernetesVersion: '1.33', images: 'latest' } } }
}

function restartAwsNodes(world: World): void {
  const pods = world.store.list('Pod').filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node')
  for (const { metadata } of pods) world.deletePod('kube-system', metadata.name, 0)
}

it('holds, and takes nothing back, when a fault hits all nodes alike', { timeout: 120_000 }, async () => {
  const exits: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(randomCase.map(allAlike), async (random) => {
      let restarted = false
      const { exit, entries } = await mustKeepTheLaws(random, ({ event }, world) => {
        if (restarted || event.type !== 'command-answered' || event.result.kind !== 'accepted') return
        restarted = true
        world.timeline.after(90_000, 'somebody/restarts-aws-node', () => restartAwsNodes(world))
      })
      expect(entries.map(({ entry }) => entry.event.type)).not.toContain('rollback-started')
      expect(['held', 'blocked']).toContain(exit)
      exits[exit] = (exits[exit] ?? 0) + 1
    }),
    checking(6, 1),
  )
  expect(exits.held ?? 0).toBeGreaterThanOrEqual(3)
})
