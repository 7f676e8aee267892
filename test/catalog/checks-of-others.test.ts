import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CHECKS } from '../../src/catalog/checks/registry.ts'
import { GATES } from '../../src/catalog/gates/registry.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/checks-of-others.md'), 'utf8')
const HERE = PAGE.split('\n').flatMap((line) => (line.startsWith('| ') ? [line.split('|').at(-2)?.trim() ?? ''] : []))
const codes = HERE.flatMap((cell) => cell.match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b|\bIDENTITY\b/g) ?? [])

it('docs/checks-of-others.md names checks that exist, and each of them', () => {
  const known = CHECKS.map(({ code }) => code)
  expect(
    codes.filter((code) => !known.includes(code)),
    'there is no such check',
  ).toEqual([])
  expect(
    known.filter((code) => !codes.includes(code)),
    'stands in neither table',
  ).toEqual([])
})

it('each row has a check or a reason', () => {
  expect(HERE.filter((cell) => !/^(Here|---|none: \S+|none before the run: \S+|[A-Z0-9_]{4,})/.test(cell))).toEqual([])
})

it('gates that it names exist', () => {
  const named = PAGE.match(/the gates `([a-z-]+)` and `([a-z-]+)`/)?.slice(1) ?? []
  expect(named).toHaveLength(2)
  expect(named.filter((kind) => !GATES.some((gate) => gate.kind === kind))).toEqual([])
})
