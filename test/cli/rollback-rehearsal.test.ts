import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type } from '../support/fake-io.ts'

const home = mkdtempSync(join(tmpdir(), 'serin-rollback-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const BATCH = `apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: batch }
cluster: { name: attic, region: eu-west-1, accountId: "111122223333" }
target: { images: latest }
waves: [{ name: batch, nodeGroups: ["asg:batch"], soak: 10m }]
exclude: [{ nodeGroups: [canary, web, system], reason: not asked }]
nodeGroups: [{ match: "asg:batch", strategy: replacement-group, launchTemplateVersion: 2, replacement: { share: 1, soak: 1m, keep: 1m } }]
`

const planOf = (file: string, ...line: readonly string[]) =>
  type(['plan', file, ...line], {
    env: { SERIN_HOME: home, SERIN_USER: 'lena' },
    files: { '/batch.yaml': BATCH },
    fileExists: (path) => path.endsWith('.yaml'),
  })

const plan = (...line: readonly string[]) => planOf('plans/self-managed.yaml', ...line)

const rehearsedIn = (stdout: string) => JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1))

describe('a rehearsal of the ways back', () => {
  it('fails every step once, and says of each whether everything came back exactly and how long it took', async () => {
    const { stdout, exit } = await plan('--world', 'plans/worlds/self-managed.yaml', '--rehearse-rollback', '-o', 'json')
    const rehearsed = rehearsedIn(stdout)
    expect(rehearsed).toMatchObject([
      { batch: 'canary/1', failedBy: 'networking-fails', exit: 'rolledBack', exact: true, differences: [] },
      { batch: 'wave/billing/1', failedBy: 'networking-fails', exit: 'rolledBack', exact: true, differences: [] },
      { batch: 'wave/rest/1', failedBy: 'nothing: taken back when it was done', exit: 'rolledBack', exact: true, differences: [] },
    ])
    for (const { took } of rehearsed) expect(took).toBeGreaterThan(0)
    expect(exit).toBe(0)
  })

  it('fails a group that is made meanwhile too, and says where nothing leads back', async () => {
    const { stdout, exit } = await planOf(
      '/batch.yaml',
      '--world',
      'plans/worlds/replacement-group.yaml',
      '--rehearse-rollback',
      '-o',
      'json',
    )
    expect(rehearsedIn(stdout)).toMatchObject([
      { title: 'batch, first share', failedBy: 'networking-fails', exit: 'rolledBack', exact: true },
      { title: 'batch, the rest', failedBy: 'nothing: taken back when it was done', exit: 'rolledBack', exact: true },
      { title: expect.stringContaining('asg:batch deleted'), untried: expect.stringContaining('no way back') },
    ])
    expect(exit).toBe(0)
  })

  it('takes no world without being asked to rehearse', async () => {
    const { exit, stderr } = await plan('--world', 'plans/worlds/self-managed.yaml')
    expect(exit).toBe(2)
    expect(stderr).toContain('--world goes with --rehearse-rollback')
  })
})
