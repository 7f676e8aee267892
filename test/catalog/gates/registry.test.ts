import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { GATES } from '../../../src/catalog/gates/registry.ts'

/** What only the plan can say. */
const NEEDING_OPTIONS = ['network-proof', 'prometheus', 'cloudwatch-alarm', 'http', 'command']

const folder = new URL('../../../src/catalog/gates/', import.meta.url)

describe('the registry of gates', () => {
  it('has every file of the folder, under the name of its gate', () => {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    const kinds = files.map((file) => file.name.replace(/\.ts$/, '')).filter((name) => !['registry', 'definition', 'named'].includes(name))
    expect(GATES.map((gate) => gate.kind).sort()).toEqual(kinds.sort())
  })

  it('lists the gates in the order in which a new node passes them', () => {
    expect(GATES.map((gate) => gate.kind)).toEqual([
      'nodes-ready',
      'aws-node',
      'kube-proxy',
      'permissions',
      'ipam',
      'ipamd-metrics',
      'networking-ready',
      'stuck-pods',
      'network-proof',
      'workloads',
      'control-plane',
      'addresses-left',
      'throttling',
      'prometheus',
      'cloudwatch-alarm',
      'http',
      'command',
      'soak',
      'approval',
    ])
  })

  it.each(GATES)('$kind says what passes, what fails, what stays unknown, and where that comes from', (gate) => {
    expect([gate.summary, gate.rule.pass, gate.rule.fail, gate.rule.unknown].every((text) => text.length > 20)).toBe(true)
    expect(gate.source).toMatch(/^https:\/\//)
  })

  it.each(GATES)('$kind refuses options that it does not know', (gate) => {
    expect(gate.options.safeParse({ nonsense: 1 }).success).toBe(false)
  })

  it.each(GATES.filter(({ kind }) => !NEEDING_OPTIONS.includes(kind)))('$kind needs no options', (gate) => {
    expect(gate.options.safeParse({}).success).toBe(true)
  })
})
