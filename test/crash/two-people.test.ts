import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShell, type Running, type SandboxShell } from '../support/sandbox-shell.ts'

/** Two people, several machines, one cluster: who drives, what others are told, how a run is left and gone on with. Real processes. */

const folder = mkdtempSync(join(tmpdir(), 'serin-people-'))
const PLAN = join(folder, 'quickstart.yaml')
// The quickstart without the soaks of its node groups, which would only be waited for; those of vpc-cni are the time in which a hold is asked for.
const PLAN_TEXT = readFileSync('plans/quickstart.yaml', 'utf8').replaceAll(/(gates: (?:proof|node)), soak: 5m/g, '$1')
writeFileSync(PLAN, PLAN_TEXT)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const HERE = ['--plan', PLAN] as const

describe('one run, told in order', { timeout: 240_000 }, () => {
  let shell: SandboxShell
  let driver: Running
  beforeAll(async () => {
    shell = await openShell('--world', 'plans/worlds/quickstart.yaml', '--speed', '80')
  })
  afterAll(() => shell.close())

  it('a second apply while one runs exits 50 and says who holds the Lease, since when and how to look', async () => {
    driver = shell.start('lena', 'apply', PLAN, '--yes')
    await driver.says('was opened by')
    const second = await shell.type('omar', 'apply', PLAN, '--yes')
    expect(second.code, second.output).toBe(50)
    expect(told(second)).toMatch(/Run \S+ of plan quickstart is open since \S+Z, opened by lena; its driver/)
    expect(told(second)).toMatch(new RegExp(`process ${driver.process.pid}.* holds the Lease since \\S+Z`))
    expect(second.output).toContain('serin status')
  })

  it('a resume while it runs exits 50 too, and changes nothing', async () => {
    const second = await shell.type('omar', 'resume', ...HERE)
    expect(second.code, second.output).toBe(50)
    expect(told(second)).toMatch(/is driven by .* since \S+Z .*serin status/)
  })

  it('status on another machine says where it stands and who drives', async () => {
    await driver.says('update add-on vpc-cni')
    const status = await shell.type('omar', 'status', ...HERE)
    expect(status.code, status.output).toBe(0)
    expect(status.output).toMatch(/Driver: .*process \d+.* drives it since/)
  })

  it('hold from another machine says when it takes effect, and the driver ends 30', async () => {
    const asked = await shell.type('omar', 'hold', ...HERE, '--reason', 'incident in the Region')
    expect(asked.code, asked.output).toBe(0)
    expect(asked.output).toMatch(/takes effect/)
    const { code, output } = await driver.ended
    expect(code, output).toBe(30)
    expect(output).toContain('incident in the Region')
  })

  it('apply while the run is open and nobody drives exits 50 and names the doors', async () => {
    const second = await shell.type('omar', 'apply', PLAN, '--yes')
    expect(second.code, second.output).toBe(50)
    expect(told(second)).toMatch(/nobody drives it now.*serin resume.*serin rollback.*serin abandon/)
  })

  it('the first Ctrl-C finishes what moves and exits 130', async () => {
    driver = shell.start('omar', 'resume', ...HERE)
    await driver.says('update node group canary')
    driver.process.kill('SIGINT')
    const { code, output } = await driver.ended
    expect(code, output).toBe(130)
    expect(output).toMatch(/canary is done/)
    expect(told({ output })).toMatch(/Ctrl-C again leaves at once.*interrupted/)
  })

  it('SIGTERM exits 143 within five seconds, gives the Lease back and leaves the run open', async () => {
    driver = shell.start('ci', 'resume', ...HERE)
    await driver.says('update node group app-a')
    const sent = performance.now()
    driver.process.kill('SIGTERM')
    const { code, output } = await driver.ended
    expect(code, output).toBe(143)
    expect(performance.now() - sent).toBeLessThan(5000)
    const status = await shell.type('lena', 'status', ...HERE)
    expect(status.output).toContain('Driver: nobody drives it now.')
    expect(status.output).toMatch(/serin resume/)
  })

  it('the second Ctrl-C leaves at once, and what moves goes on in EKS', async () => {
    driver = shell.start('lena', 'resume', ...HERE)
    await driver.says('was resumed by')
    driver.process.kill('SIGINT')
    await driver.says('Ctrl-C again leaves at once')
    driver.process.kill('SIGINT')
    const { code, output } = await driver.ended
    expect(code, output).toBe(130)
    expect(output).toContain('Leaving')
  })

  it('accept takes responsibility for a batch, approve for a gate: journalled with who and why', async () => {
    const asked = await shell.type('omar', 'approve', ...HERE, '--gate', 'workloads', '--reason', 'metrics read by hand')
    expect(asked.code, asked.output).toBe(0)
    expect(asked.output).toMatch(/Asked run \S+ to approve: nobody drives it now/)
    driver = shell.start('omar', 'accept', ...HERE, '--step', 'wave/app/1', '--reason', 'nodes seen by hand')
    await driver.says('nodes seen by hand')
    await driver.says('update node group app-b')
  })

  it('a rollback asked from another machine is taken up by the driver that lives', async () => {
    const asked = await shell.type('lena', 'rollback', ...HERE, '--reason', 'latency of checkout doubled')
    expect(asked.code, asked.output).toBe(0)
    expect(asked.output).toMatch(/Asked run \S+ to rollback/)
    const { code, output } = await driver.ended
    expect(code, output).toBe(20)
    expect(output).toContain('latency of checkout doubled')
  })

  it('a resume after the end says how it ended, with the same exit code', async () => {
    const again = await shell.type('ci', 'resume', ...HERE)
    expect(again.code, again.output).toBe(20)
    expect(again.output).toContain('has ended already')
  })

  it('abandon ends an open run where it stands', async () => {
    driver = shell.start('omar', 'apply', PLAN, '--yes')
    await driver.says('update add-on vpc-cni')
    driver.process.kill('SIGKILL')
    await driver.ended
    const ended = await shell.type('lena', 'abandon', ...HERE, '--reason', 'finished by hand')
    expect(ended.code, ended.output).toBe(0)
    const status = await shell.type('ci', 'status', ...HERE)
    expect(status.output).toContain('abandoned')
  })

  it('an approval with a role is not given by whoever opened the run, on whichever machine', async () => {
    const plan = join(folder, 'approved.yaml')
    writeFileSync(plan, PLAN_TEXT.replace('gates: proof }', 'gates: proof, approval: { role: release } }'))
    const held = await shell.type('lena', 'apply', plan, '--yes')
    expect(held.code, held.output).toBe(30)
    expect(held.output).toContain('serin approve')
    const own = await shell.type('lena', 'approve', ...HERE)
    expect(own.code, own.output).toBe(2)
    expect(own.output).toMatch(/lena opened run \S+ and cannot approve canary/)
    const other = await shell.type('omar', 'approve', ...HERE)
    expect(other.code, other.output).toBe(0)
    driver = shell.start('ci', 'resume', ...HERE)
    await driver.says('update node group canary')
    driver.process.kill('SIGTERM')
    expect((await driver.ended).code).toBe(143)
  })
})

/** What was said, without the line breaks of a narrow terminal. */
function told({ output }: { readonly output: string }): string {
  return output.replace(/\s+/g, ' ')
}
