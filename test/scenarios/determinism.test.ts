import { describe, expect, it } from 'vitest'
import type { WatchFate } from '../../src/sandbox/levers.ts'
import { FAULTS } from '../../src/sandbox/world/faults/registry.ts'
import { FAULT_NAMES } from '../support/any-fault.ts'
import { shuffled, smallCase, storyOf } from '../support/story.ts'

/**
 * The same seed tells the same story, byte for byte, with faults in force: again, with parallel requests in another
 * order, and over sockets. `SERIN_SEED=7 npx vitest run test/scenarios/determinism.test.ts` replays one seed.
 */

const chosen = process.env.SERIN_SEED
const seeds = (count: number): readonly number[] =>
  chosen === undefined ? Array.from({ length: count }, (_none, at) => at + 1) : [Number(chosen)]

/** A watch that is silent is waited for over sockets as long as it takes to believe it: nothing there to be told apart. */
const BREAKS: readonly WatchFate[] = ['cut', 'cut-within']

/** Watches of which nearly every one breaks off soon, some after no line at all. */
function cutWatches(fate: WatchFate): { readonly name: string; readonly text: string } {
  const faults = [0, 3, 9].map((lines) => ({ fault: 'cut-watch', where: { service: 'kubernetes' }, lines, fate, chance: 0.4 }))
  const metadata = { name: 'cut', summary: 'cut' }
  return { name: 'cut', text: JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata, faults }) }
}

const exits = new Set<string>()

describe('the seed of a world decides', () => {
  it.each(seeds(Math.max(50, FAULT_NAMES.length)))(
    'the journal and every mutation, in process and over loopback, whoever comes first there (seed %i)',
    async (seed) => {
      const first = await storyOf(smallCase(seed))
      exits.add(first.exit)
      expect(await storyOf({ ...smallCase(seed), over: 'loopback', between: shuffled(seed) }), `seed ${seed}`).toEqual(first)
    },
  )

  it.each(seeds(2))('them in process, whoever of those who ask together comes first (seed %i)', async (seed) => {
    expect(await storyOf({ ...smallCase(seed), between: shuffled(seed) }), `seed ${seed}`).toEqual(await storyOf(smallCase(seed)))
  })

  it.each(BREAKS.flatMap((fate) => seeds(3).map((seed) => ({ fate, seed }))))(
    'the same where watches $fate after a few lines (seed $seed)',
    async ({ fate, seed }) => {
      const settings = { ...smallCase(seed), scenarios: [cutWatches(fate)] }
      const first = await storyOf(settings)
      expect(await storyOf({ ...settings, over: 'loopback', between: shuffled(seed) }), `seed ${seed}`).toEqual(first)
    },
  )

  it('and another seed tells another story', async () => {
    const stories = await Promise.all([14, 15].map((seed) => storyOf({ ...smallCase(14), seed })))
    expect(stories[0]?.journal).not.toBe(stories[1]?.journal)
  })

  it('has had every fault that there is', () => {
    expect(FAULT_NAMES.toSorted()).toEqual(FAULTS.map(({ name }) => name).toSorted())
  })

  it.skipIf(chosen !== undefined)('and the stories are not all alike', () => {
    expect([...exits]).toEqual(expect.arrayContaining(['ok', 'rolledBack', 'held']))
  })
})
