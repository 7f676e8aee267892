import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FAULTS } from '../../src/sandbox/world/faults/registry.ts'

const SOURCE = readFileSync(new URL('../../src/sandbox/levers.ts', import.meta.url), 'utf8')

/** The names that the interface `Levers` declares. */
function declared(): readonly string[] {
  const body = /^export interface Levers \{\n([\s\S]*?)^\}/m.exec(SOURCE)?.[1] ?? ''
  return [...body.matchAll(/^ {2}readonly '?([a-z/-]+)'?:/gm)].map(([, name = '']) => name)
}

it('some fault pulls each lever', () => {
  const pulled = new Set<string>(FAULTS.flatMap(({ levers }) => Object.keys(levers)))
  expect(declared()).toContain('request')
  expect(declared().filter((lever) => !pulled.has(lever))).toEqual([])
})
