import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FAULTS } from '../../src/sandbox/world/faults/registry.ts'

const PAGE = readFileSync(new URL('../../src/sandbox/spec.md', import.meta.url), 'utf8')

/** Names in the first column of the table of faults and nowhere else: a blank line ends a table. */
function faultsOfThePage(): readonly string[] {
  const table = /^## Faults\n\n((?:\|.*\n)+)/m.exec(PAGE)?.[1] ?? ''
  const rows = table.split('\n').slice(2, -1)
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

it('spec.md has every fault in its table once, and no fault that there is not', () => {
  expect(faultsOfThePage().toSorted()).toEqual(FAULTS.map(({ name }) => name).toSorted())
})
