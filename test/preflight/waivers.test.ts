import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalog/checks/registry.ts'
import { WAIVER_CODES } from '../../src/catalog/codes.ts'
import type { PreflightResult } from '../../src/model/finding.ts'
import { DAY, HOUR, instantOf } from '../../src/model/instant.ts'
import type { PodDisruptionBudget } from '../../src/model/kubernetes.ts'
import type { Waiver } from '../../src/model/plan.ts'
import { evaluatePreflight } from '../../src/preflight/evaluate.ts'
import { changeObject, healthyIntent, healthyPlan, healthySnapshot, NOW, unreadable } from '../support/snapshot-builder.ts'

const waiver: Waiver = {
  code: 'PDB_ALLOWS_NONE',
  subject: 'PodDisruptionBudget/shop/db',
  owner: 'lena',
  reason: 'moved by hand first',
  expires: '2026-11-23',
  verdict: 'block',
}

const blocked = healthySnapshot(
  changeObject<PodDisruptionBudget>('PodDisruptionBudget', 'db', (each) => ({
    ...each,
    status: { ...each.status, disruptionsAllowed: 0 },
  })),
)
const unseen = healthySnapshot(unreadable('kubernetes:poddisruptionbudgets'))
const unseenWaiver: Waiver = { ...waiver, subject: 'Cluster/shop', verdict: 'unknown' }

function evaluate(waivers: readonly Waiver[], snapshot = blocked, now = NOW, plan = healthyPlan()): PreflightResult {
  return evaluatePreflight({ snapshot, plan: { ...plan, waivers }, intent: healthyIntent(), now })
}

const codes = ({ findings }: PreflightResult) => findings.map((finding) => finding.code).filter((code) => code.startsWith('WAIVER_'))

describe('waivers', () => {
  it('without one the finding blocks', () => {
    expect(evaluate([]).verdict).toBe('blocked')
  })

  it('one for this code and subject takes the block away and stays visible', () => {
    const result = evaluate([waiver])
    expect(result.verdict).toBe('clear')
    expect(result.findings.find((finding) => finding.code === 'PDB_ALLOWS_NONE')).toMatchObject({ verdict: 'block', waivedBy: waiver })
    expect(codes(result)).toEqual([])
  })

  it.each<{ title: string; change: Partial<Waiver>; because: string }>([
    { title: 'another subject', change: { subject: 'PodDisruptionBudget/shop/web' }, because: 'no finding PDB_ALLOWS_NONE is about' },
    { title: 'another code', change: { code: 'SUBNET_ADDRESSES' }, because: 'no finding SUBNET_ADDRESSES is about' },
    { title: 'a code that does not exist', change: { code: 'PDB_ALLOWS_NON' }, because: 'no finding PDB_ALLOWS_NON is about' },
    { title: 'another verdict', change: { verdict: 'unknown' }, because: 'the finding says block, the waiver is for unknown' },
  ])('one for $title does nothing and is reported', ({ change, because }) => {
    const result = evaluate([{ ...waiver, ...change }])
    expect(result.verdict).toBe('blocked')
    expect(codes(result)).toEqual(['WAIVER_UNUSED'])
    expect(result.findings.find((finding) => finding.code === 'WAIVER_UNUSED')?.message).toContain(because)
  })

  it('one of two subjects leaves the other blocking', () => {
    const both = healthySnapshot(
      ...['db', 'web'].map((name) =>
        changeObject<PodDisruptionBudget>('PodDisruptionBudget', name, (each) => ({
          ...each,
          status: { ...each.status, disruptionsAllowed: 0 },
        })),
      ),
    )
    expect(evaluate([waiver], both).verdict).toBe('blocked')
    expect(evaluate([waiver, { ...waiver, subject: 'PodDisruptionBudget/shop/web' }], both).verdict).toBe('clear')
  })

  describe('for what could not be seen', () => {
    it('the verdict unknown is wanted', () => {
      expect(evaluate([], unseen).verdict).toBe('inconclusive')
      const each = ['PDB_ALLOWS_NONE', 'PDB_OVERLAP', 'DRAIN_BLOCKED'].map((code) => ({ ...unseenWaiver, code }))
      expect(evaluate(each, unseen).verdict).toBe('clear')
    })

    it('one for a block is not enough', () => {
      expect(evaluate([{ ...unseenWaiver, verdict: 'block' }], unseen).verdict).toBe('inconclusive')
    })
  })

  describe('end with their day, in UTC', () => {
    const midnight = instantOf('2026-11-23T00:00:00Z') ?? 0
    it.each([
      { title: 'on the morning of the day', now: midnight, verdict: 'clear', reported: [] },
      {
        title: 'in the evening, when the run ends after midnight',
        now: midnight + DAY - HOUR,
        verdict: 'blocked',
        reported: ['WAIVER_EXPIRED'],
      },
      { title: 'at its end', now: midnight + DAY, verdict: 'blocked', reported: ['WAIVER_EXPIRED'] },
    ])('$title: $verdict', ({ now, verdict, reported }) => {
      const result = evaluate([waiver], blocked, now)
      expect(result.verdict).toBe(verdict)
      expect(codes(result)).toEqual(reported)
    })

    it('an hour before its end, saying that the run ends later', () => {
      const said = evaluate([waiver], blocked, midnight + DAY - HOUR).findings.find(({ code }) => code === 'WAIVER_EXPIRED')
      expect(said?.message).toContain('before the run does, about 2026-11-24T0')
    })

    it('a day that cannot be read is over', () => {
      expect(evaluate([{ ...waiver, expires: 'soon' }]).verdict).toBe('blocked')
    })
  })

  it('every code about waivers is explained and is no code of a check', () => {
    for (const [code, title] of Object.entries(WAIVER_CODES)) {
      expect(CHECKS.map((check) => check.code)).not.toContain(code)
      expect(title.length).toBeGreaterThan(10)
    }
  })

  it('what no run survives cannot be waived: identity, an open run, nodes above the control plane, Amazon Linux 2 beyond its last minor', () => {
    const never = CHECKS.filter(({ waivable }) => !waivable).map(({ code }) => code)
    for (const code of ['IDENTITY', 'OPEN_RUN', 'GROUP_TARGET', 'AL2_IMAGE']) expect(never).toContain(code)
  })

  it('identity cannot be waived', () => {
    const plan = healthyPlan({ cluster: { ...healthyPlan().cluster, region: 'eu-west-1' } })
    const result = evaluate([{ ...waiver, code: 'IDENTITY', subject: 'Cluster/shop' }], healthySnapshot(), NOW, plan)
    expect(result.verdict).toBe('blocked')
    expect(codes(result)).toEqual(['WAIVER_REFUSED'])
  })
})
