import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type } from '../support/fake-io.ts'

/** A run that meets trouble on the wire ends with an exit code that says so, never by a defect. */

const home = mkdtempSync(join(tmpdir(), 'serin-faults-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('the small plan', () => {
  it.each([
    { scenario: 'latency', exit: 0 },
    { scenario: 'cut-watch', exit: 0 },
    { scenario: 'stale-read', exit: 0 },
    { scenario: 'conflict-storm', exit: 0 },
    { scenario: 'clock-skew', exit: 0 },
    { scenario: 'api-server-away', exit: 0 },
    { scenario: 'truncated', exit: 0 },
    { scenario: 'proxy-page', exit: 0 },
    { scenario: 'forbidden', exit: 30, says: 'is not authorized to perform: eks:UpdateNodegroupVersion' },
    { scenario: 'expired-token', exit: 40, says: 'The security token included in the request is expired' },
  ])('with $scenario ends with $exit', async ({ scenario, exit, says = '' }) => {
    const typed = await type(['rehearse', 'plans/small.yaml', '--scenario', scenario], {
      env: { SERIN_HOME: join(home, scenario) },
      fileExists: (path) => path.endsWith('/worlds/small.yaml') || path.endsWith(`/scenarios/${scenario}.yaml`),
    })
    const said = `${typed.stdout}\n${typed.stderr}`
    expect(typed.exit, said).toBe(exit)
    expect(said.replace(/\s+/g, ' ')).toContain(says)
  })
})
