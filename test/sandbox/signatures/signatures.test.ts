import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { nearMisses } from './near-misses.ts'
import type { SignatureRow } from './row.ts'
import { ROWS } from './rows/registry.ts'
import { openStage, type ScenarioData } from './stage.ts'

const FOLDER = join(import.meta.dirname, '../../../plans/scenarios/signatures')
const CODES = [...codes('F', 21), ...codes('P', 24)]

function codes(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`)
}

function scenarioOf(code: string): ScenarioData {
  return parse(readFileSync(join(FOLDER, `${code.toLowerCase()}.yaml`), 'utf8')) as ScenarioData
}

function found(row: SignatureRow, ...scenarios: readonly ScenarioData[]): readonly unknown[] {
  const stage = openStage(...scenarios)
  row.act(stage)
  return row.look(stage)
}

/** Whether one of the things found is one of those that make the signature, in whatever number. */
function shows(row: SignatureRow, seen: readonly unknown[]): boolean {
  return seen.some((thing) => (row.signs ?? row.evidence).some((wanted) => equals(thing, wanted)))
}

function equals(thing: unknown, wanted: unknown): boolean {
  try {
    expect(thing).toEqual(wanted)
    return true
  } catch {
    return false
  }
}

describe.each(ROWS)('$code: $title', (row) => {
  const scenario = scenarioOf(row.code)
  const leaves = nearMisses(scenario, row.outside)

  it('shows its evidence, field by field, and nothing else', () => {
    expect(found(row, scenario)).toEqual(row.evidence)
  })

  it('shows nothing in the world without it', () => {
    expect(found(row)).toEqual([])
  })

  const isMeant = (path: string) => !Object.keys(row.indifferent ?? {}).some((named) => path === named || path.startsWith(`${named}.`))

  it.each(leaves.filter(({ path }) => isMeant(path)))('is gone when $path is another', (leaf) => {
    const seen = found(row, leaf.scenario)
    expect(shows(row, seen), JSON.stringify(seen, undefined, 1)).toBe(false)
  })

  it('names only leaves that there are as indifferent', () => {
    const paths = leaves.map(({ path }) => path)
    expect([...Object.keys(row.indifferent ?? {}), ...Object.keys(row.outside ?? {})].filter((path) => !paths.includes(path))).toEqual([])
  })
})

describe('scenarios together', () => {
  const rowOf = (code: string) => ROWS.find((row) => row.code === code) as SignatureRow
  const NOISE: ScenarioData = {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'noise', summary: 'pods of an application crash now and then' },
    faults: [
      { fault: 'container-exits', where: { namespace: 'shop' }, when: { every: '4m', lasting: '1m' }, code: 137, reason: 'OOMKilled' },
    ],
  }

  it.each(ROWS)('$code shows the same evidence with noise around it', (row) => {
    expect(found(row, scenarioOf(row.code), NOISE)).toEqual(row.evidence)
  })

  const shipped = parse(readFileSync(join(FOLDER, '../noise.yaml'), 'utf8')) as ScenarioData

  it.each(ROWS)('$code shows the same evidence beside the noise that is shipped', (row) => {
    expect(found(row, scenarioOf(row.code), shipped)).toEqual(row.evidence)
  })

  it.each([
    ['F06', 'F17'],
    ['F02', 'F09'],
    ['F20', 'F01'],
  ])('%s and %s show the evidence of both', (one, other) => {
    const stage = openStage(scenarioOf(one), scenarioOf(other))
    rowOf(one).act(stage)
    rowOf(other).act(stage)
    for (const row of [rowOf(one), rowOf(other)]) {
      const seen = row.look(stage)
      expect(row.evidence.filter((wanted) => !seen.some((thing) => equals(thing, wanted)))).toEqual([])
    }
  })
})

describe('the catalogue', () => {
  it('has one scenario and one row for each of its signatures, and no other', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.yaml$/, '').toUpperCase())
    expect(ROWS.map(({ code }) => code).toSorted()).toEqual(files.toSorted())
    expect(files.toSorted()).toEqual(CODES)
  })
})
