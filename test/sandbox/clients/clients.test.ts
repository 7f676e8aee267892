import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShell, type SandboxShell } from '../../support/sandbox-shell.ts'
import { AWS_NAMES, AWS_STORIES, CONTROL_PLANE_STORY } from './aws-lines.ts'
import { essentials, KUBECTL_READS } from './kubectl-reads.ts'
import { KUBECTL_WRITES } from './kubectl-writes.ts'
import type { Line, Story } from './lines.ts'
import { masked } from './lines.ts'

/** The real binaries, as they are installed here, in `serin sandbox`: no flag but those a real cluster needs. */

const OLDEST = 27

const here = (program: string): boolean => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0

/** The minor of a kubectl, 0 when it does not say one. */
const minorOf = (program: string): number =>
  Number(/"gitVersion": "v1\.(\d+)/.exec(String(spawnSync(program, ['version', '--client', '-o', 'json']).stdout))?.[1] ?? 0)

/** Other versions that stand beside the kubectl of the path, as `kubectl.1.NN`. */
function versionsBeside(): readonly { readonly minor: number; readonly program: string }[] {
  const folder = dirname(realpathSync(spawnSync('bash', ['-c', 'command -v kubectl']).stdout.toString().trim()))
  return readdirSync(folder).flatMap((name) => {
    const minor = /^kubectl[.-]v?1\.(\d+)(\.\d+)?$/.exec(name)?.[1]
    return minor === undefined ? [] : [{ minor: Number(minor), program: join(folder, name) }]
  })
}

const minor = here('kubectl') ? minorOf('kubectl') : undefined
const others = minor === undefined ? [] : versionsBeside()
const oldest = others.filter((each) => each.minor >= OLDEST).sort((a, b) => a.minor - b.minor)[0]
const skipped = [
  ...(minor === undefined ? ['kubectl is not installed'] : minor < OLDEST ? [`kubectl 1.${minor} is older than 1.${OLDEST}`] : []),
  ...others.flatMap((each) => (each.minor < OLDEST ? [`${each.program} is older than 1.${OLDEST}`] : [])),
  ...(here('aws') ? [] : ['aws is not installed']),
]

let shell: SandboxShell
beforeAll(async () => {
  for (const reason of skipped) console.warn(`SKIPPED: ${reason}, its lines do not run`)
  shell = await openShell('--speed', '30')
}, 90_000)
afterAll(() => shell.close())

const names: Record<string, string> = {}

function typed(line: string): Promise<{ readonly output: string; readonly code: number | null }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', `exec 2>&1; ${line}`], { env: { ...shell.env, ...names }, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.once('close', (code) => resolve({ output, code }))
  })
}

async function check({ run, prints = [], exactly, hides, code = 0 }: Line): Promise<void> {
  const said = await typed(run)
  const label = `$ ${run}\n${said.output}`
  for (const part of prints) {
    if (typeof part === 'string') expect(said.output, label).toContain(part)
    else expect(said.output, label).toMatch(part)
  }
  if (exactly !== undefined) expect(masked(said.output), label).toBe(exactly)
  if (hides !== undefined) expect(said.output, label).not.toMatch(hides)
  if (code === 'failure') expect(said.code, label).not.toBe(0)
  else expect(said.code, label).toBe(code)
}

const tell = (stories: readonly Story[]): void => {
  it.concurrent.each(stories)('$title', { timeout: 300_000 }, async ({ lines }) => {
    for (const line of lines) await check(line)
  })
}

describe.skipIf(minor === undefined || minor < OLDEST)('kubectl', () => {
  tell([...KUBECTL_READS, ...KUBECTL_WRITES])
})

describe.skipIf(oldest === undefined)('the oldest kubectl beside it', () => {
  tell([essentials(`kubectl 1.${oldest?.minor}`, oldest?.program ?? '')])
})

describe.skipIf(!here('aws'))('the AWS CLI', () => {
  beforeAll(async () => {
    const told = Object.entries(AWS_NAMES).map(async ([name, line]) => [name, (await typed(line)).output.trim()] as const)
    Object.assign(names, Object.fromEntries(await Promise.all(told)))
  }, 90_000)
  tell(AWS_STORIES)
})

describe.skipIf(!here('aws') || minor === undefined || minor < OLDEST)('both, at last', () => {
  tell([CONTROL_PLANE_STORY])
})
