import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connectForReading } from '../../src/adapters/connect.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { connectInProcess } from '../../src/sandbox/in-process.ts'
import { openWorld } from '../../src/sandbox/world/open.ts'
import { type } from '../support/fake-io.ts'

const home = mkdtempSync(join(tmpdir(), 'serin-rehearse-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const rehearse = (line: readonly string[], by: string, folder: string) =>
  type(['rehearse', 'plans/small.yaml', ...line], {
    identity: by,
    env: { SERIN_HOME: join(home, folder), SERIN_USER: by },
    fileExists: (path) => path.endsWith('/worlds/small.yaml') || /\/scenarios\/(node-never-joins|ipam-hang)\.yaml$/.test(path),
  })

describe('a rehearsal on a snapshot', () => {
  it.each([
    { form: 'table', says: /^Assumed: Nodes and pods are placed anew:/m },
    { form: 'markdown', says: /^Assumed for the rehearsal:\n\n- Nodes and pods are placed anew:/m },
    { form: 'json', says: /"assumptions": \[\n\s+"Nodes and pods are placed anew:/ },
  ])('lists what was assumed, as $form', async ({ form, says }) => {
    const world = openWorld({ world: readFileSync('plans/worlds/small.yaml', 'utf8'), scenarios: [] })
    const { transport, clock } = connectInProcess(world)
    const { name: cluster, region } = world.cluster
    const snapshot = await captureSnapshot(await connectForReading({ cluster, region, transport, clock }), cluster)
    const files = { [resolve('captured.json')]: JSON.stringify(snapshot) }
    const { stdout, exit } = await type(['rehearse', 'plans/small.yaml', '--snapshot', 'captured.json', '-o', form], {
      files,
      env: { SERIN_HOME: join(home, `assumed-${form}`) },
    })
    expect(exit).toBe(0)
    expect(stdout).toMatch(says)
  })
})

describe('a rehearsal', () => {
  it('prints the same whoever rehearses, and again', async () => {
    const first = await rehearse([], 'lena@here/1', 'a')
    expect(first.exit).toBe(0)
    expect(first.stdout).toMatch(/opened by\srehearsal;\stook/)
    expect(await rehearse([], 'mia@there/2', 'b')).toEqual(first)
    expect(await rehearse([], 'mia@there/3', 'b')).toEqual(first)
  })

  it.each([
    { form: 'table', says: /^! The fault ipam-hang of scenario ipam-hang met nothing: nothing came its way/m },
    { form: 'json', says: /"unmet": \[\n\s+"The fault ipam-hang of scenario ipam-hang met nothing/ },
  ])('says of a fault that met nothing that it has shown nothing, as $form', async ({ form, says }) => {
    const { exit, stdout } = await rehearse(['--scenario', 'ipam-hang', '-o', form], 'lena@here/1', `unmet-${form}`)
    expect(exit).toBe(0)
    expect(stdout).toMatch(says)
  })

  it('names the shipped scenarios without a plan', async () => {
    const { exit, stdout } = await type(['rehearse', '--list-scenarios'])
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^ipam-hang +aws-node hangs/m)
  })

  it('that does not end well names the same rehearsal as the next command, and no door of a run', async () => {
    const { exit, stdout } = await rehearse(['--scenario', 'node-never-joins'], 'lena@here/1', 'c')
    expect(exit).not.toBe(0)
    const next = stdout.slice(stdout.lastIndexOf('Next\n'))
    expect(next).toContain('serin rehearse plans/small.yaml --scenario node-never-joins\n')
    expect(next).not.toMatch(/serin (resume|rollback|accept|abandon)/)
    expect(stdout).not.toContain('met nothing')
  })
})
