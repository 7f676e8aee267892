import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runInSandbox } from '../../src/sandbox/shell.ts'
import { node, START, tinyWorld } from './wire/tiny-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'serin-shell-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function world() {
  return tinyWorld({ objects: [node('n1')], eks: { DescribeCluster: () => ({ cluster: { name: 'shop' } }) } })
}

/** Runs a shell script in the sandbox; what it prints comes from a file, since the command inherits the real output. */
async function script(text: string, env: Record<string, string> = {}): Promise<{ code: number; output: string; audit: readonly string[] }> {
  const output = join(folder, 'output')
  const audit = join(folder, 'audit.ndjson')
  rmSync(audit, { force: true })
  const command = ['bash', '-c', `exec >${output} 2>&1; ${text}`]
  const code = await runInSandbox(world(), command, { speed: 1, audit, env: { ...process.env, ...env } })
  return { code, output: readFileSync(output, 'utf8'), audit: existsSync(audit) ? readFileSync(audit, 'utf8').trim().split('\n') : [] }
}

describe('a command in the sandbox', () => {
  it.each([
    { title: 'its own code', command: ['bash', '-c', 'exit 7'], code: 7 },
    { title: '128 + N when a signal ended it', command: ['bash', '-c', 'kill -TERM $$'], code: 143 },
    { title: '127 when there is no such program', command: ['serin-no-such-program'], code: 127 },
  ])('returns $title', async ({ command, code }) => {
    expect(await runInSandbox(world(), command, { speed: 1, env: process.env })).toBe(code)
  })

  it.each([
    { title: 'SIGTERM', signal: 'TERM', code: 9 },
    { title: 'SIGINT without a terminal', signal: 'INT', code: 9 },
  ])('is sent on $title', async ({ signal, code }) => {
    const command = ['bash', '-c', `trap 'kill $!; exit 9' ${signal}; sleep 30 & kill -${signal} $PPID; wait`]
    expect(await runInSandbox(world(), command, { speed: 1, env: process.env })).toBe(code)
  })

  it('is led to the world and away from everything of the user', async () => {
    const foreign = {
      AWS_PROFILE: 'prod',
      AWS_SESSION_TOKEN: 't',
      AWS_ENDPOINT_URL_EKS: 'https://real',
      KUBECONFIG: '/real',
      ALL_PROXY: 'socks://real',
    }
    const { output } = await script('env; cat $AWS_CONFIG_FILE $AWS_SHARED_CREDENTIALS_FILE', foreign)
    const env = Object.fromEntries(output.split('\n').map((line) => line.split(/=(.*)/s)))
    expect(env).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      NO_PROXY: '127.0.0.1,localhost',
    })
    expect(env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(env.SERIN_SANDBOX_CLOCK).toMatch(new RegExp(`^${START},\\d+,1$`))
    expect(env).not.toHaveProperty('AWS_PROFILE')
    expect(env).not.toHaveProperty('AWS_SESSION_TOKEN')
    expect(env).not.toHaveProperty('AWS_ENDPOINT_URL_EKS')
    expect(env).not.toHaveProperty('ALL_PROXY')
    expect(env.KUBECONFIG).toMatch(/serin-sandbox-/)
    expect(existsSync(env.KUBECONFIG ?? '')).toBe(false)
  })
})

/** Which of the tools are installed; what is not is said aloud, so that a green run does not hide it. */
const installed = (program: string): boolean => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0
const tools = { curl: installed('curl') }

beforeAll(() => {
  for (const [tool, there] of Object.entries(tools))
    if (!there) console.warn(`SKIPPED: ${tool} is not installed, its tests in the sandbox do not run`)
})

describe.skipIf(!tools.curl)('everything else', () => {
  it('is outside the sandbox', async () => {
    const { code, output } = await script('curl -sS http://example.com; curl -sS https://example.com')
    expect(output).toMatch(/outside the sandbox/)
    expect(output).toMatch(/403/)
    expect(code).not.toBe(0)
  })

  it('each request leaves a line in the audit', async () => {
    const { audit } = await script('curl -sS $AWS_ENDPOINT_URL/clusters/shop')
    expect(audit.map((line) => JSON.parse(line))).toMatchObject([
      { service: 'eks', operation: 'DescribeCluster', resource: 'shop', status: 200 },
    ])
  })
})
