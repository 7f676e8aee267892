import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import { conditionOf, type Node } from '../../../src/model/kubernetes.ts'
import { openWorld } from '../../../src/sandbox/world/open.ts'

const PLANS = join(import.meta.dirname, '../../../plans')
const filesIn = (folder: string) =>
  readdirSync(join(PLANS, folder)).flatMap((file) => (file.endsWith('.yaml') ? [file.replace(/\.yaml$/, '')] : []))
const textOf = (folder: string, name: string) => readFileSync(join(PLANS, folder, `${name}.yaml`), 'utf8')

const WORLDS = filesIn('worlds')
const SCENARIOS = filesIn('scenarios')

describe('what is shipped', () => {
  it.each(WORLDS)('world %s opens with every node Ready and every pod running', (name) => {
    const world = openWorld({ world: textOf('worlds', name), scenarios: [] })
    const nodes = world.store.list('Node') as unknown as readonly Node[]
    const pods = world.store.list('Pod') as unknown as readonly { status?: { phase?: string } }[]
    expect(nodes.length).toBeGreaterThan(2)
    expect(nodes.filter((node) => conditionOf(node.status?.conditions, 'Ready')?.status !== 'True')).toEqual([])
    expect(pods.length).toBeGreaterThan(nodes.length)
    expect(pods.filter((pod) => pod.status?.phase !== 'Running')).toEqual([])
  })

  it.each(WORLDS.flatMap((world) => SCENARIOS.map((scenario) => ({ world, scenario }))))('scenario $scenario fits world $world', (row) => {
    const scenarios = [{ name: row.scenario, text: textOf('scenarios', row.scenario) }]
    const world = openWorld({ world: textOf('worlds', row.world), scenarios })
    expect(world.scenarios).toEqual([row.scenario])
  })

  it('scenario kubelet-silent silences some nodes of the quickstart, and gives them back', () => {
    const scenarios = [{ name: 'kubelet-silent', text: textOf('scenarios', 'kubelet-silent') }]
    const { store, timeline } = openWorld({ world: textOf('worlds', 'quickstart'), scenarios })
    const begin = timeline.now()
    const unknown = (minute: number) => {
      timeline.advanceTo(begin + minute * MINUTE)
      const nodes = store.list('Node') as unknown as readonly Node[]
      return nodes.filter(({ status }) => conditionOf(status?.conditions, 'Ready')?.status === 'Unknown').length / nodes.length
    }
    expect(unknown(10)).toBe(0)
    expect(unknown(12)).toBeGreaterThan(0)
    expect(unknown(12)).toBeLessThan(0.5)
    expect(unknown(31)).toBe(0)
  })

  it('has all three forms of managed node group', () => {
    const text = WORLDS.map((name) => textOf('worlds', name)).join('\n')
    expect(text).toContain('form: template')
    expect(text).toContain('form: custom-ami')
    expect(text).toMatch(/name: canary\n {4}instanceTypes/)
  })
})
