import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { openSimulatedCli, type SimulatedCli } from '../support/simulated-cli.ts'

const SMALL = 'plans/small.yaml'
const at = (file: string) => join(process.cwd(), file)

let cli: SimulatedCli
const open = (files: Record<string, string> = {}) => {
  cli = openSimulatedCli({ plan: 'small' }, files)
  return cli
}
afterEach(() => cli.close())

/** The small plan with something put into its canary. */
const withApproval = `apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: small-images }
cluster: { name: small, region: eu-west-1, accountId: "111122223333" }
target: { images: latest }
canary: { nodeGroups: [canary] }
waves:
  - { name: rest, nodeGroups: ["*"], approval: { role: release } }
`

describe('on a cluster', () => {
  it('init proposes a plan that is valid and that pre-flight lets through, and overwrites nothing', async () => {
    const { type, files } = open()
    const proposed = await type(['init', '--cluster', 'small', '--region', 'eu-west-1', '--out', 'mine.yaml'])
    expect(proposed).toMatchObject({ exit: 0, stdout: '' })
    expect(files[at('mine.yaml')]).toContain('kind: UpgradePlan')
    expect(await type(['validate', at('mine.yaml')])).toMatchObject({ exit: 0 })
    expect(await type(['preflight', at('mine.yaml')])).toMatchObject({ exit: 0 })
    expect(await type(['init', '--cluster', 'small', '--region', 'eu-west-1', '--out', 'mine.yaml'])).toMatchObject({ exit: 2 })
  })

  it('snapshot writes what later commands need without a cluster', async () => {
    const { type } = open()
    expect(await type(['snapshot', SMALL, '-o', 'snap.json'])).toMatchObject({ exit: 0, stdout: '' })
    const offline: Partial<Io> = { reach: () => Promise.reject(new Error('nobody may ask the cluster')) }
    const plan = await type(['plan', SMALL, '--snapshot', 'snap.json'], offline)
    expect(plan.exit).toBe(0)
    expect(plan.stdout.split('\n')[0]).toMatch(/^Pre-flight: clear \(/)
    expect((await type(['plan', SMALL, '--snapshot', 'snap.json', '--detailed-exitcode'], offline)).exit).toBe(2)
    expect((await type(['init', '--snapshot', 'snap.json'], offline)).stdout).toContain('kind: UpgradePlan')
  })

  it('preflight tells what changed since an earlier result, and refuses one that is no whole result', async () => {
    const { type, files } = open()
    const first = await type(['preflight', SMALL, '-o', 'json'])
    files[at('then.json')] = first.stdout
    const second = await type(['preflight', SMALL, '-o', 'json', '--since', 'then.json'])
    expect(second.exit).toBe(first.exit)
    expect(JSON.parse(second.stdout)).toMatchObject({ findings: [], since: { same: JSON.parse(first.stdout).findings.length } })
    files[at('part.json')] = second.stdout
    expect(await type(['preflight', SMALL, '--since', 'part.json'])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('only what changed'),
    })
  })

  it('preflight annotates the plan in a job of GitHub, on stderr', async () => {
    const { type, files } = open()
    await type(['snapshot', SMALL, '-o', 'snap.json'])
    const snapshot = JSON.parse(files[at('snap.json')] ?? '')
    snapshot.kubernetes.items.find(({ kind }: { kind: string }) => kind === 'Node').spec.unschedulable = true
    files[at('snap.json')] = JSON.stringify(snapshot)
    const told = await type(['preflight', SMALL, '--snapshot', 'snap.json'], { env: { GITHUB_ACTIONS: 'true' } })
    expect(told.stderr).toContain(`::warning file=${SMALL},line=1,title=NODE_CORDONED`)
    expect(told.stdout).not.toContain('::warning')
  })

  it('an itinerary from a file runs while nothing has moved', async () => {
    const { type } = open()
    expect((await type(['plan', SMALL, '--out', 'it.json'])).exit).toBe(0)
    const applied = await type(['apply', at('it.json'), '--yes'])
    expect(applied.exit, applied.stderr).toBe(0)
  })

  it('an itinerary that was edited by hand is refused with the place', async () => {
    const { type, files } = open()
    await type(['plan', SMALL, '--out', 'it.json'])
    const itinerary = JSON.parse(files[at('it.json')] ?? '')
    itinerary.batches[0].gates = []
    files[at('it.json')] = JSON.stringify(itinerary)
    const edited = await type(['apply', at('it.json'), '--yes'])
    expect(edited.exit).toBe(52)
    expect(edited.stderr).toMatch(/batches\[0\]\.gates/)
    expect(edited.stderr).toContain('Nothing was changed')
  })

  it('an itinerary is refused with what moved, and nothing is changed', async () => {
    const { type } = open()
    expect((await type(['plan', SMALL, '--out', 'it.json'])).exit).toBe(0)
    expect((await type(['apply', SMALL, '--yes'])).exit).toBe(0)
    const late = await type(['apply', at('it.json'), '--yes'])
    expect(late.exit).toBe(52)
    expect(late.stderr).toMatch(/groups\.canary\.baseline\.releaseVersion: ".*" → ".*"/)
    expect(late.stderr).toContain('Nothing was changed')
    expect((await type(['plan', SMALL, '--detailed-exitcode'])).exit).toBe(0)
  })

  it('--until canary stops behind the canary; another machine shows where it stands and goes on', async () => {
    const { type } = open()
    const first = await type(['apply', SMALL, '--yes', '--until', 'canary'])
    expect(first.exit).toBe(30)
    expect(first.stdout).toContain('stopped after canary, as asked')
    expect(first.stderr).not.toContain('rest 1/2 (')
    const elsewhere = { by: 'mia', home: 'there' }
    const status = await type(['status', '--plan', SMALL], elsewhere)
    expect(status.stdout).toMatch(/nobody drives it now[\s\S]*✓ canary: passed[\s\S]*rest 1\/2: not begun/)
    expect(await type(['apply', SMALL, '--yes'], elsewhere)).toMatchObject({ exit: 50 })
    expect((await type(['hold', '--plan', SMALL], elsewhere)).stderr).toContain('it holds already')
    expect((await type(['resume', '--plan', SMALL], elsewhere)).exit).toBe(0)
    expect((await type(['runs'], elsewhere)).stdout).toMatch(/small-images +small +\S+ +0 ok/)
  })

  it('hold stops a run that somebody else drives, and says when that takes effect', async () => {
    const { type } = open()
    let hold: Promise<{ readonly exit: number; readonly stdout: string }> | undefined
    const write = (text: string) => {
      if (text.includes('update node group canary'))
        hold ??= type(['hold', '--plan', SMALL, '--reason', 'lunch'], { by: 'mia', home: 'there' })
    }
    const applied = await type(['apply', SMALL, '--yes'], { stderr: { write } })
    expect(applied.exit).toBe(30)
    expect(applied.stdout).toMatch(/mia\S* asked to hold: lunch/)
    expect((await hold)?.stdout).toMatch(/takes it up[\s\S]*It takes effect after group canary, in about \d+m/)
    expect((await type(['resume'])).exit).toBe(0)
  })

  it('approve is given by somebody else than the starter, and taken up by resume', async () => {
    const { type } = open({ [at('approved.yaml')]: withApproval })
    const waiting = await type(['apply', 'approved.yaml', '--yes'])
    expect(waiting.exit).toBe(30)
    expect(waiting.stdout).toMatch(/Next\n {2}→ serin approve \S+\n {2}→ serin resume/)
    expect((await type(['approve'])).exit).toBe(2)
    expect((await type(['approve', '--plan', 'approved.yaml'], { by: 'mia', home: 'there' })).exit).toBe(0)
    expect((await type(['resume'])).stdout).toContain('mia approved')
  })

  it('accept takes a step that the run has, and names those when it has not', async () => {
    const { type } = open()
    await type(['apply', SMALL, '--yes', '--until', 'canary'])
    const unknown = await type(['accept', '--step', 'rest/1', '--reason', 'x'])
    expect(unknown.exit).toBe(2)
    expect(unknown.stderr).toContain('Steps of this run: canary/1')
    const accepted = await type(['accept', '--step', 'wave/rest/1', '--reason', 'replaced by hand'])
    expect(accepted.exit).toBe(0)
    expect(accepted.stdout).toMatch(/\(wave\/rest\/1\): accepted by hand[\s\S]*accepted wave\/rest\/1: replaced by hand/)
  })

  it('abandon ends a run where it stands and says what stays', async () => {
    const { type } = open()
    await type(['apply', SMALL, '--yes', '--until', 'canary'])
    const abandoned = await type(['abandon', '--reason', 'finished by hand'])
    expect(abandoned.exit).toBe(0)
    expect(abandoned.stdout).toMatch(/Changed and stays\n {2}canary: [\s\S]*Write back\n {2}WHAT/)
    expect((await type(['status'])).stdout).toMatch(/^Run \S+ is over\./)
    expect((await type(['resume'])).exit).toBe(22)
  })
})
