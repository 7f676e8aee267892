import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import { PROBE_LABELS } from '../../src/model/probe.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { CRASH_PLAN, CRASH_WORLD } from '../support/crash-world.ts'
import { openShell, type SandboxShell } from '../support/sandbox-shell.ts'

/** `kill -9` of a real process while its gate has probe pods in the cluster: they go when the run goes on, and when it never does. */

const PROOF = '{ namespace: default, image: "busybox:1.36", lasting: 1m }'
/** The longest deadline of a probe, what a finished Job is kept for, and some minutes. */
const GONE_AFTER = 45 * MINUTE

const folder = mkdtempSync(join(tmpdir(), 'serin-probes-'))
const [plan, world] = [join(folder, 'crash.yaml'), join(folder, 'world.yaml')]
writeFileSync(plan, CRASH_PLAN.replace('[nodes-ready, aws-node,', `[nodes-ready, network-proof: ${PROOF}, aws-node,`))
writeFileSync(world, CRASH_WORLD)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let looks = 0
async function look(shell: SandboxShell): Promise<{ readonly at: number; readonly probes: readonly string[] }> {
  const file = join(folder, `snapshot-${looks++}.json`)
  const { code, output } = await shell.type('onlooker', 'snapshot', plan, '-o', file)
  expect(code, output).toBe(0)
  const { capturedAt, kubernetes }: ClusterSnapshot = JSON.parse(readFileSync(file, 'utf8'))
  const ours = (kubernetes.items ?? []).filter(({ metadata }) => metadata.labels?.[PROBE_LABELS.role] !== undefined)
  return { at: Date.parse(capturedAt), probes: ours.map(({ kind, metadata }) => `${kind}/${metadata.name}`) }
}

/** A run that dies while a probe is on its way to a new node; what it leaves behind. */
async function killedWhileProbing(shell: SandboxShell) {
  const driver = shell.start('here', 'apply', plan, '--yes', '-o', 'ndjson')
  await driver.says('"role":"subject"')
  driver.process.kill('SIGKILL')
  await driver.ended
  return await look(shell)
}

/** Both wait for time that passes in their clusters, so they do it side by side. */
describe.concurrent('serin that is killed while it probes the network', { timeout: 300_000 }, () => {
  const shells: SandboxShell[] = []
  const open = async (speed: string): Promise<SandboxShell> => {
    const shell = await openShell('--world', world, '--speed', speed)
    shells.push(shell)
    return shell
  }
  afterAll(() => Promise.all(shells.map((shell) => shell.close())))

  it('leaves its probes in the cluster, and takes them away when the run is gone on with elsewhere', async ({ expect }) => {
    const shell = await open('60')
    expect((await killedWhileProbing(shell)).probes).not.toEqual([])
    const { code, output } = await shell.type('there', 'resume', '--plan', plan)
    expect(code, output).toBe(0)
    expect((await look(shell)).probes).toEqual([])
  })

  it('leaves probes that are gone after their deadline, when nobody goes on', async ({ expect }) => {
    const shell = await open('120')
    const left = await killedWhileProbing(shell)
    expect(left.probes).not.toEqual([])
    let now = left
    while (now.at < left.at + GONE_AFTER) now = await look(shell)
    expect(now.probes).toEqual([])
  })
})
