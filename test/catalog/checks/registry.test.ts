import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CheckDefinition } from '../../../src/catalog/checks/definition.ts'
import { CHECKS } from '../../../src/catalog/checks/registry.ts'
import { gapsIn } from '../../../src/preflight/evidence.ts'
import { healthySnapshot } from '../../support/snapshot-builder.ts'

const FOLDER = new URL('../../../src/catalog/checks/', import.meta.url)

const files = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isFile() && !['definition.ts', 'registry.ts'].includes(entry.name))
  .map((entry) => entry.name)

describe('the registry of checks', () => {
  it('has found files to look at', () => {
    expect(files.length).toBeGreaterThan(20)
  })

  it.each(files)('%s stands in the registry', async (file) => {
    const exported: Record<string, unknown> = await import(new URL(file, FOLDER).href)
    expect(Object.values(exported).some((value) => CHECKS.includes(value as CheckDefinition))).toBe(true)
  })

  it('has one check for each file and no code twice', () => {
    expect(CHECKS).toHaveLength(files.length)
    expect(new Set(CHECKS.map((check) => check.code)).size).toBe(CHECKS.length)
  })

  it.each(CHECKS.map((check) => ({ code: check.code, check })))(
    '$code says what it is, what it prevents, what to do and where from',
    ({ check }) => {
      expect(check.code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
      expect(check.title.length).toBeGreaterThan(10)
      expect(check.prevents.length).toBeGreaterThan(30)
      expect(check.remedy.length).toBeGreaterThan(10)
      expect(check.source).toMatch(/^https:\/\//)
    },
  )

  it.each(CHECKS.map((check) => ({ code: check.code, check })))('$code needs only parts that the healthy snapshot has', ({ check }) => {
    expect(gapsIn(healthySnapshot(), check.needs)).toEqual([])
  })
})
