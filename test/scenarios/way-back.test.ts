import { describe, expect, it } from 'vitest'
import type { RollbackPolicy, UpgradePlan } from '../../src/model/plan.ts'
import { leftOver, notAsItWas } from '../support/as-it-was.ts'
import { rehearse } from '../support/rehearsal.ts'
import { outcomeOf } from './story.ts'

/** How much goes back when the last group of the first wave fails, by the plan's policy and by what EKS allows. */

const HANG_IN_APP_B = {
  name: 'hang-in-app-b',
  text: `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: hang-in-app-b, summary: aws-node hangs at the IPAM check on new nodes of app-b }
faults:
  - { fault: ipam-hang, where: { group: app-b, kubeletMinor: "1.33", share: 0.7 } }
`,
}

function withWaves(waves: RollbackPolicy['waves']): (plan: UpgradePlan) => UpgradePlan {
  return (plan) => ({ ...plan, rollback: { ...plan.rollback, waves } })
}

const CHANGED = ['vpc-cni', 'vpc-cni', 'canary', 'app-a', 'app-b']

const names = (steps: readonly string[]) => steps.map((step) => step.split(':')[0])

describe('app-b fails after the canary and app-a have passed', () => {
  it.each([1, 2])('waves: automatic takes everything back where EKS allows the earlier minor (seed %i)', async (seed) => {
    const run = await rehearse({ plan: 'quickstart', scenarios: [HANG_IN_APP_B], seed, change: withWaves('automatic') })
    expect(run.exit).toBe('rolledBack')
    expect(names(outcomeOf(run.ending).takenBack)).toEqual(CHANGED)
    expect(notAsItWas(run.start, run.end, outcomeOf(run.ending).byHand)).toEqual([])
  })

  it.each([1, 2])('waves: automatic ends failed where EKS refuses the earlier minor, as the plan said before (seed %i)', async (seed) => {
    const settings = {
      plan: 'quickstart',
      scenarios: [HANG_IN_APP_B],
      seed,
      minorDowngrade: 'strict',
      change: withWaves('automatic'),
    } as const
    const run = await rehearse(settings)
    const disputed = run.prepared.itinerary.batches.flatMap(({ steps }) => steps).filter(({ wayBack }) => wayBack.exists === 'disputed')
    expect(disputed.map(({ id }) => id)).toEqual(['canary/1/canary', 'wave/app/1/app-a', 'wave/app/2/app-b', 'wave/rest/1/batch'])

    const outcome = outcomeOf(run.ending)
    expect(outcome.exit).toBe('failed')
    expect(names(outcome.takenBack)).toEqual(['vpc-cni', 'vpc-cni', 'app-b'])
    expect(names(outcome.changed)).toEqual(['canary', 'app-a'])
    for (const group of ['canary', 'app-a'])
      expect(outcome.byHand).toContainEqual(
        expect.stringMatching(new RegExp(`^${group} back to 1.32.*eks:UpdateNodegroupVersion ${group} `)),
      )
    expect(leftOver(run.start, run.end, outcome.byHand)).toEqual([])
  })

  it.each([1, 2])('waves: failed-batch takes app-b back, gates what stays, and ends partly done (seed %i)', async (seed) => {
    const run = await rehearse({ plan: 'quickstart', scenarios: [HANG_IN_APP_B], seed, change: withWaves('failed-batch') })
    const outcome = outcomeOf(run.ending)
    expect(outcome.exit).toBe('partlyDone')
    expect(names(outcome.takenBack)).toEqual(['app-b'])
    expect(names(outcome.changed)).toEqual(['vpc-cni', 'vpc-cni', 'canary', 'app-a'])
    expect(names(outcome.untouched)).toEqual(['batch', 'data'])
    expect(leftOver(run.start, run.end, outcome.byHand)).toEqual([])
  })

  it('waves: hold leaves it to a person', async () => {
    const run = await rehearse({ plan: 'quickstart', scenarios: [HANG_IN_APP_B], change: withWaves('hold') })
    expect(run.ending).toMatchObject({ kind: 'open', exit: 'held', state: { hold: { cause: 'networking-fails' } } })
  })
})
