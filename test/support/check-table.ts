import { describe, expect, it } from 'vitest'
import type { CheckDefinition } from '../../src/catalog/checks/definition.ts'
import type { Finding, FindingVerdict } from '../../src/model/finding.ts'
import { runCheck } from '../../src/preflight/run-check.ts'
import { inputOf, type Situation } from './situation.ts'
import { unreadable } from './snapshot-builder.ts'

/** One row: what differs from the healthy cluster, plan and intent, and what the check then says. */
export interface CheckRow extends Situation {
  readonly title: string
  readonly verdict: FindingVerdict
  /** By default the cluster. */
  readonly subject?: string
  /** All of them stand in the message. */
  readonly words?: readonly string[]
  /** Stands in what to do about it. */
  readonly remedy?: string
  /** How many findings there are in all; by default one. */
  readonly findings?: number
}

/**
 * A table of situations for one check, with one row more for each part of the snapshot that it needs and may lack.
 * `applies` makes the check apply where the healthy cluster gives it nothing to judge.
 */
export function checkTable(check: CheckDefinition, rows: readonly CheckRow[], applies: Situation = {}): void {
  describe(`${check.code}: ${check.title}`, () => {
    it('passes on the healthy cluster, saying what it looked at', () => {
      const findings = runCheck(check, inputOf({}))
      expect(findings).toMatchObject([{ code: check.code, verdict: 'pass' }])
      expect(findings[0]?.message).toMatch(/\w.*\.$/)
    })

    it.each(rows)('$title: $verdict', (row) => {
      const findings = runCheck(check, inputOf(row))
      const told = (finding: Finding) => `${finding.verdict} ${finding.subject}`
      const wanted = `${row.verdict} ${row.subject ?? 'Cluster/shop'}`
      expect(findings.map(told)).toContain(wanted)
      expect(findings, findings.map((finding) => finding.message).join('\n')).toHaveLength(row.findings ?? 1)
      const finding = findings.find((each) => told(each) === wanted)
      for (const words of row.words ?? []) expect(finding?.message).toContain(words)
      if (row.remedy !== undefined) expect(finding?.remedy).toContain(row.remedy)
    })

    const missing = check.needs.map((need) => ({ need }))
    if (missing.length > 0) {
      it.each(missing)('does not know without $need', ({ need }) => {
        const findings = runCheck(check, inputOf({ ...applies, snapshot: [...(applies.snapshot ?? []), unreadable(need)] }))
        expect(findings).toMatchObject([{ code: check.code, verdict: 'unknown', wouldBlock: check.severity === 'block' }])
        expect(findings[0]?.message).toContain(need)
        expect(findings[0]?.message).toContain('AccessDenied')
      })
    }
  })
}
