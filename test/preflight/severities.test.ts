import { describe, expect, it } from 'vitest'
import type { CheckDefinition, CheckFinding } from '../../src/catalog/checks/definition.ts'
import { instantOf } from '../../src/model/instant.ts'
import type { Waiver } from '../../src/model/plan.ts'
import { evaluatePreflight } from '../../src/preflight/evaluate.ts'
import { healthyIntent, healthyPlan, healthySnapshot, NOW } from '../support/snapshot-builder.ts'

/** A check whose worst is a warning, and that says this. */
function advisory(verdict: CheckFinding['verdict']): CheckDefinition {
  return {
    code: 'ADVISORY',
    title: 'A check that only warns',
    severity: 'warn',
    waivable: true,
    needs: [],
    prevents: 'nothing',
    remedy: 'do this',
    source: 'https://example.com',
    evaluate: () => [{ verdict, subject: 'Cluster/shop', message: 'Something is so.' }],
  }
}

const WAIVER: Waiver = {
  code: 'ADVISORY',
  subject: 'Cluster/shop',
  owner: 'lena',
  reason: 'known',
  expires: '2027-01-31',
  verdict: 'block',
}
const EXPIRED: Waiver = { ...WAIVER, expires: '2026-01-01' }

const evaluate = (verdict: CheckFinding['verdict'], severities: Readonly<Record<string, 'block'>>, waivers: readonly Waiver[] = []) =>
  evaluatePreflight({
    snapshot: healthySnapshot(),
    plan: { ...healthyPlan(), severities, waivers },
    intent: healthyIntent(),
    now: instantOf('2026-11-23T10:00:00Z') ?? NOW,
    checks: [advisory(verdict)],
  })

describe('a severity that the plan raises', () => {
  it.each<{ title: string; says: CheckFinding['verdict']; raise?: string; waivers?: readonly Waiver[]; verdict: string }>([
    { title: 'a warning stays one without it', says: 'warn', verdict: 'clear' },
    { title: 'a warning blocks', says: 'warn', raise: 'ADVISORY', verdict: 'blocked' },
    { title: 'what passes passes', says: 'pass', raise: 'ADVISORY', verdict: 'clear' },
    { title: 'what could not be read makes it inconclusive', says: 'unknown', raise: 'ADVISORY', verdict: 'inconclusive' },
    { title: 'another check is not meant', says: 'warn', raise: 'NAKED_PODS', verdict: 'clear' },
    { title: 'a waiver may take it away again', says: 'warn', raise: 'ADVISORY', waivers: [WAIVER], verdict: 'clear' },
    { title: 'waivers past their day may block themselves', says: 'pass', raise: 'WAIVER_EXPIRED', waivers: [EXPIRED], verdict: 'blocked' },
    { title: 'a waiver without a use may block too', says: 'pass', raise: 'WAIVER_UNUSED', waivers: [WAIVER], verdict: 'blocked' },
  ])('$title', ({ says, raise, waivers, verdict }) => {
    expect(evaluate(says, raise === undefined ? {} : { [raise]: 'block' }, waivers).verdict).toBe(verdict)
  })

  it('is said in the finding', () => {
    expect(evaluate('warn', { ADVISORY: 'block' }).findings[0]?.message).toBe('Something is so. The plan takes it for blocking.')
  })
})
