import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { openSimulation } from '../support/rehearsal.ts'
import { ms, timed } from './measure.ts'

const ROOT = join(import.meta.dirname, '../..')
const ROUNDS = 3

function run(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/serin.js'), ...args], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`serin ${args[0]} ended with ${status}: ${stderr}`)
}

async function best(work: () => void): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await timed(work))
  return Math.min(...times)
}

/** A review of a plan against a snapshot file: what a pull-request job waits for. */
export async function planStartUp(): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-bench-'))
  const simulation = openSimulation({ plan: 'quickstart' })
  try {
    const file = join(folder, 'snapshot.json')
    writeFileSync(file, JSON.stringify(await captureSnapshot(await simulation.connect(), simulation.plan.cluster.name, {})))
    const help = await best(() => run('--help'))
    const plan = await best(() => run('plan', 'plans/quickstart.yaml', '--snapshot', file))
    return [
      ['command', `best of ${ROUNDS}`, 'ratio'],
      ['serin --help', ms(help), '1'],
      ['serin plan --snapshot FILE', ms(plan), (plan / help).toFixed(1)],
    ]
  } finally {
    simulation.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
