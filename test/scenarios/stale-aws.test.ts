import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { namedBy } from '../../src/engine/capture/named-by-plan.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { MINUTE } from '../../src/model/instant.ts'
import { loadPlan } from '../../src/plan/load.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { leftOver, notTarget } from '../support/as-it-was.ts'
import { type RehearsalSettings, rehearsed } from '../support/rehearsal.ts'
import { REPLACEMENT_WORLD, replacementPlan } from '../support/replacement-world.ts'
import { canaryOnly } from './self-managed.ts'

/**
 * AWS tells of changes late: for seconds always, for a minute and a half with the scenario. What Serin did it knows by itself: it never
 * does a thing twice for having read that it is not done, and ends where it ends when everybody is told at once.
 */

const replacing = (group: 'web' | 'asg:batch'): RehearsalSettings => ({
  plan: { plan: loadPlan({ read: () => replacementPlan(group) }, 'plan.yaml').plan, world: REPLACEMENT_WORLD },
})

const CASES: readonly { readonly title: string; readonly settings: RehearsalSettings }[] = [
  { title: 'an add-on and managed groups', settings: { plan: 'small' } },
  { title: 'nodes of a self-managed group', settings: { plan: 'self-managed', change: canaryOnly() } },
  { title: 'a managed group that another takes over from', settings: replacing('web') },
  { title: 'a self-managed group that another takes over from', settings: replacing('asg:batch') },
]

type Scenarios = NonNullable<RehearsalSettings['scenarios']>

async function played(settings: RehearsalSettings, scenarios: Scenarios = []) {
  return rehearsed({ ...settings, scenarios }, async ({ exit, requests, prepared, start }, ports) => {
    // Long enough for everybody to have heard of everything.
    await ports.clock.sleepUntil(ports.clock.now() + 5 * MINUTE)
    const end = await captureSnapshot(ports, prepared.itinerary.cluster.name, namedBy(prepared.itinerary.source.plan))
    const amiss = exit === 'done' ? notTarget(start, end, prepared.itinerary, []) : leftOver(start, end, [])
    return { exit, amiss, changes: requests.filter(isChangeAtAws) }
  })
}

function isChangeAtAws({ service, operation, status }: RequestRecord): boolean {
  return service !== 'kubernetes' && status === 200 && !/^(Describe|List|Get|Simulate)/.test(operation)
}

/** Makes, ends or begins something each time that it is asked for. The rest says how something is to be, as often as one likes. */
const COUNTS = /^(Create|Delete|Terminate|Start|Run)(?!.*Tags$)|^Update(Addon|.*Version)$/

function countable(changes: readonly RequestRecord[]): readonly string[] {
  return changes.flatMap(({ operation, resource }) => (COUNTS.test(operation) ? [`${operation} ${resource}`] : [])).toSorted()
}

const MINUTES_LATE = readFileSync('plans/scenarios/stale-aws.yaml', 'utf8').replaceAll('20s', '90s')

describe.each(CASES)('$title', ({ settings }) => {
  let prompt: Awaited<ReturnType<typeof played>>
  beforeAll(async () => {
    prompt = await played(settings)
  }, 60_000)

  it.each([
    { late: 'twenty seconds', scenario: 'stale-aws' },
    { late: 'a minute and a half', scenario: { name: 'minutes', text: MINUTES_LATE } },
  ])(
    'told $late late: what has an effect each time is done once, and all ends as it does else',
    async ({ scenario }) => {
      const late = await played(settings, [scenario])
      expect(late).toMatchObject({ exit: prompt.exit, amiss: prompt.amiss })
      expect(countable(late.changes)).toEqual(countable(prompt.changes))
    },
    60_000,
  )
})
