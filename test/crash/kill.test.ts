import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { acceptedUpdates } from '../support/crash.ts'

/** `serin apply` in a process of its own, killed again and again while the sandbox lives on. `SERIN_KILL_SEED` repeats a run. */

const ROOT = join(import.meta.dirname, '../..')
const KILLS = 10
const SPEED = 200

const folder = mkdtempSync(join(tmpdir(), 'serin-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it(`ends 0 after ${KILLS} kills at random moments, and every update was accepted once`, { timeout: 400_000 }, () => {
  const seed = process.env.SERIN_KILL_SEED ?? String(Date.now() % 1_000_000)
  const audit = join(folder, 'audit.ndjson')
  const script = [process.execPath, join(ROOT, 'test/support/kill-and-resume.ts'), folder, seed, String(KILLS)]
  const sandbox = ['bin/serin.js', 'sandbox', '--speed', String(SPEED), '--audit', audit, '--', ...script]
  process.stdout.write(`kill test: seed ${seed} (SERIN_KILL_SEED=${seed} repeats its moments)\n`)
  const { status, stderr } = spawnSync(process.execPath, sandbox, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, SERIN_USER: 'lena' },
  })

  const lives = linesOf(join(folder, 'lives.ndjson')) as readonly { killed: boolean; machine: string; command: string }[]
  const story = lives.map((life) => JSON.stringify(life)).join('\n')
  expect(status, `seed ${seed}\n${story}\n${stderr}\n${readFileSync(join(folder, `life-${lives.length - 1}.txt`), 'utf8')}`).toBe(0)
  expect(lives.filter(({ killed }) => killed)).toHaveLength(KILLS)
  expect(lives.filter(({ machine }) => machine !== 'here').length).toBeGreaterThanOrEqual(4)
  expect(acceptedUpdates(linesOf(audit) as Parameters<typeof acceptedUpdates>[0]), `seed ${seed}\n${story}`).toEqual({
    'UpdateAddon vpc-cni': 2,
    'UpdateNodegroupVersion app-a': 1,
    'UpdateNodegroupVersion app-b': 1,
    'UpdateNodegroupVersion batch': 1,
    'UpdateNodegroupVersion canary': 1,
    'UpdateNodegroupVersion data': 1,
  })
})

function linesOf(file: string): readonly unknown[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
