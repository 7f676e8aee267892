import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'

const ROOT = join(import.meta.dirname, '../..')
const SERIN = join(ROOT, 'bin/serin.js')

export interface TwoProcesses {
  readonly code: number | null
  readonly stderr: string
  readonly requests: readonly RequestRecord[]
}

/** `serin sandbox -- serin apply`: the world in one process, the engine in another, over sockets and in real time, many times as fast. */
export function applyInSandbox(given: {
  readonly plan: string
  readonly world: string
  readonly scenarios?: readonly string[]
  readonly speed: number
}): TwoProcesses {
  const folder = mkdtempSync(join(tmpdir(), 'serin-two-'))
  try {
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const audit = join(folder, 'audit.ndjson')
    const scenarios = (given.scenarios ?? []).flatMap((name) => ['--scenario', name])
    const world = ['--world', file('world.yaml', given.world), '--speed', String(given.speed), '--audit', audit]
    const apply = [process.execPath, SERIN, 'apply', file('plan.yaml', given.plan), '--yes']
    const line = [SERIN, 'sandbox', ...world, ...scenarios, '--', ...apply]
    const { status, stderr } = spawnSync(process.execPath, line, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, SERIN_HOME: folder },
    })
    const lines = existsSync(audit) ? readFileSync(audit, 'utf8').trim().split('\n') : []
    return { code: status, stderr, requests: lines.map((text): RequestRecord => JSON.parse(text)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Everything that was changed, in AWS and in Kubernetes, each once: a Lease is renewed and an eviction asked again at the pace of the
 * clock, and what was refused has changed nothing. Probes are called by what they ask and when: how often depends on the pace too.
 */
export function changesOf(requests: readonly RequestRecord[]): readonly string[] {
  const changing = requests.filter(
    ({ operation, status }) => !/^(Describe|List|Get|Simulate|get|list|watch)/.test(operation) && Number(status) < 300,
  )
  return [
    ...new Set(
      changing.map(
        ({ service, operation, resource }) => `${service}:${operation} ${resource.replace(/serin-probe-[0-9a-f]+/, 'serin-probe-…')}`,
      ),
    ),
  ].toSorted()
}
