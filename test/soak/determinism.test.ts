import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { shuffled, storyOf } from '../support/story.ts'

/** What `test/scenarios/determinism.test.ts` holds small worlds to, on the quickstart; and between two processes. */

const ROOT = join(import.meta.dirname, '../..')
const SERIN = join(ROOT, 'bin/serin.js')
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
const SPEED = '180'

/** What changes AWS; Leases, records and eviction retries follow the pace of the clock. */
function commands(requests: readonly Pick<RequestRecord, 'service' | 'operation' | 'resource' | 'status'>[]): readonly string[] {
  return requests
    .filter(({ service, operation }) => service !== 'kubernetes' && !/^(Describe|List|Get|Simulate)/.test(operation))
    .map(({ service, operation, resource, status }) => `${service}:${operation} ${resource} ${status}`)
}

describe('two processes', () => {
  it.each([
    { scenario: undefined, code: 0, exit: 'ok' },
    { scenario: 'ipam-hang', code: 20, exit: 'rolledBack' },
  ])('end as one does, by the same commands (scenario $scenario)', async ({ scenario, code, exit }) => {
    const folder = mkdtempSync(join(tmpdir(), 'serin-two-'))
    try {
      const audit = join(folder, 'audit.ndjson')
      const sandbox = ['sandbox', '--speed', SPEED, '--audit', audit, ...(scenario === undefined ? [] : ['--scenario', scenario])]
      const apply = [process.execPath, SERIN, 'apply', join(ROOT, 'plans/quickstart.yaml'), '--yes']
      const { status } = spawnSync(process.execPath, [SERIN, ...sandbox, '--', ...apply], { cwd: folder, encoding: 'utf8' })
      const story = await storyOf({ plan: 'quickstart', scenarios: scenario === undefined ? [] : [scenario] })
      const audited = readFileSync(audit, 'utf8')
        .trim()
        .split('\n')
        .map((line): RequestRecord => JSON.parse(line))
      expect({ status, exit: story.exit }).toEqual({ status: code, exit })
      expect(commands(audited).toSorted()).toEqual(commands(story.mutations.map((line): RequestRecord => JSON.parse(line))).toSorted())
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
