import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type } from '../support/fake-io.ts'

const home = mkdtempSync(join(tmpdir(), 'serin-rollback-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const plan = (...line: readonly string[]) =>
  type(['plan', 'plans/self-managed.yaml', ...line], {
    env: { SERIN_HOME: home, SERIN_USER: 'lena' },
    fileExists: (path) => path.endsWith('.yaml'),
  })

describe('a rehearsal of the ways back', () => {
  it('fails every batch once, and says of each whether everything came back exactly and how long it took', async () => {
    const { stdout, exit } = await plan('--world', 'plans/worlds/self-managed.yaml', '--rehearse-rollback', '-o', 'json')
    const rehearsed = JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1))
    expect(rehearsed).toMatchObject([
      { batch: 'canary/1', failedBy: 'networking-fails', exit: 'rolledBack', exact: true, differences: [] },
      { batch: 'wave/billing/1', failedBy: 'networking-fails', exit: 'rolledBack', exact: true, differences: [] },
      { batch: 'wave/rest/1', failedBy: 'nothing: taken back when it was done', exit: 'rolledBack', exact: true, differences: [] },
    ])
    for (const { took } of rehearsed) expect(took).toBeGreaterThan(0)
    expect(exit).toBe(0)
  })

  it('takes no world without being asked to rehearse', async () => {
    const { exit, stderr } = await plan('--world', 'plans/worlds/self-managed.yaml')
    expect(exit).toBe(2)
    expect(stderr).toContain('--world goes with --rehearse-rollback')
  })
})
