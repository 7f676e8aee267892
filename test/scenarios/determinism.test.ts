import { describe, expect, it } from 'vitest'
import { encodeEntry } from '../../src/journal/codec.ts'
import { rehearse } from '../support/rehearsal.ts'

/** The same seed tells the same story, byte for byte; another seed tells another one. */

async function journalOf(scenarios: readonly string[], seed: number): Promise<string> {
  const { journal } = await rehearse({ plan: 'quickstart', scenarios, seed })
  return journal.map(encodeEntry).join('')
}

describe('the seed of a world', () => {
  it.each([
    { scenarios: ['api-flaky'], seed: 11 },
    { scenarios: ['ipam-hang', 'throttled'], seed: 13 },
  ])('$seed gives the same journal twice ($scenarios)', async ({ scenarios, seed }) => {
    expect(await journalOf(scenarios, seed), `seed ${seed}`).toBe(await journalOf(scenarios, seed))
  })

  it('makes a difference', async () => {
    expect(await journalOf(['ipam-hang'], 14)).not.toBe(await journalOf(['ipam-hang'], 15))
  })
})
