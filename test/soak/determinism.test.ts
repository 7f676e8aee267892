import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { shuffled, storyOf } from '../support/story.ts'
import { applyInSandbox, changesOf } from '../support/two-processes.ts'

/** What `test/scenarios/determinism.test.ts` holds small worlds to, on the quickstart; and between two processes. */

const ROOT = join(import.meta.dirname, '../..')
const SCENARIOS = [[], ['ipam-hang'], ['api-flaky'], ['throttled'], ['addon-crashloop'], ['pod-eviction-failure']]

describe.each(SCENARIOS)('the quickstart with %j %s', (...scenarios) => {
  const named = scenarios.filter((name) => name !== undefined)

  it.each([1, 2, 3, 4, 5])('tells the same story in another order of arrival and over loopback (seed %i)', async (seed) => {
    const settings = { plan: 'quickstart', scenarios: named, seed }
    const first = await storyOf(settings)
    expect(await storyOf({ ...settings, between: shuffled(seed) }), `seed ${seed}`).toEqual(first)
    expect(await storyOf({ ...settings, over: 'loopback' }), `seed ${seed}`).toEqual(first)
  })
})

/** Virtual seconds per second: the run of an hour and a half takes half a minute. */
const SPEED = 180

const shipped = (path: string) => readFileSync(join(ROOT, 'plans', path), 'utf8')

describe('two processes', () => {
  it.each([
    { scenario: undefined, code: 0, exit: 'ok' },
    { scenario: 'ipam-hang', code: 20, exit: 'rolledBack' },
  ])('end as one does, by the same changes (scenario $scenario)', async ({ scenario, code, exit }) => {
    const scenarios = scenario === undefined ? [] : [scenario]
    const files = { plan: shipped('quickstart.yaml'), world: shipped('worlds/quickstart.yaml') }
    const apart = applyInSandbox({ ...files, scenarios, speed: SPEED })
    const told: RequestRecord[] = []
    const story = await storyOf({ plan: 'quickstart', scenarios }, (record) => told.push(record))
    expect({ code: apart.code, exit: story.exit }, apart.stderr).toEqual({ code, exit })
    expect(changesOf(apart.requests)).toEqual(changesOf(told))
  })
})
