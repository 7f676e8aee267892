import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import { notTarget } from '../support/as-it-was.ts'
import { rehearse } from '../support/rehearsal.ts'
import { launchingFrom, only, PLAN, scenario } from './self-managed.ts'
import { begin, goOn, heldFor, lookAround, outcomeOf, withStory } from './story.ts'

/** Self-managed groups of every kind, and what stands in their way: everything that is waited for has a name, and an end. */

/** Whoever waives what pre-flight says of addresses has still to be stopped by the subnet itself. */
const WAIVED = {
  ...{
    code: 'SUBNET_ADDRESSES',
    subject: 'Subnet/subnet-eacec89734d34159f',
    owner: 'lena',
    reason: 'the neighbours leave at nine',
    expires: '2026-10-30',
  },
  verdict: 'block' as const,
}

describe('room for new nodes', () => {
  it('that one zone does not have is waited for, then held for by the name of its subnet, and used once it is there', async () => {
    const full = scenario('full', '{ fault: subnet-exhausted, where: { zone: "*b" }, when: { to: 90m } }')
    const change: typeof PLAN.change = (plan) => ({ ...(only()?.(plan) ?? plan), waivers: [WAIVED] })
    await withStory({ ...PLAN, change, scenarios: [full] }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'no-capacity' })
      expect(heldFor(story.journal)?.message).toMatch(/subnet-\S+ has 0 free addresses in eu-central-1b/)
      const [waited] = story.journal.filter(({ event }) => event.type === 'waiting-began' && event.on.startsWith('steps/'))
      const [held] = story.journal.filter(({ event }) => event.type === 'hold-entered')
      expect((held?.at ?? 0) - (waited?.at ?? 0)).toBeGreaterThanOrEqual(15 * MINUTE)

      story.simulation.world.timeline.advanceTo(story.simulation.world.timeline.now() + 90 * MINUTE)
      const outcome = outcomeOf(await goOn(story, 'resume'))
      expect(outcome.exit).toBe('ok')
      expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
    })
  })
})

describe('a mixed-instances policy', () => {
  it('with weights is refused before anything moves, with the reason: its size counts units', async () => {
    const weighted = launchingFrom('{ launchTemplate: { name: workers, version: 1 }, mixed: { weights: { m5.large: 2 } } }')
    const { exit, prepared } = await rehearse({ ...weighted, change: only() })
    expect(exit).toBe('blocked')
    const said = prepared.preflight.findings.filter(({ verdict }) => verdict === 'block').map(({ message }) => message)
    expect(said).toContainEqual(expect.stringContaining('gives m5.large a weight of 2, so its size counts units and not nodes'))
  })
})
