import { describe, expect, it } from 'vitest'
import type { CheckDefinition } from '../../src/catalog/checks/definition.ts'
import { CHECKS } from '../../src/catalog/checks/registry.ts'
import type { FindingVerdict } from '../../src/model/finding.ts'
import { evaluatePreflight, type PreflightInput } from '../../src/preflight/evaluate.ts'
import {
  changeCluster,
  healthyAddonIntent,
  healthyIntent,
  healthyPlan,
  healthySnapshot,
  NOW,
  unreadable,
} from '../support/snapshot-builder.ts'

const healthy: PreflightInput = { snapshot: healthySnapshot(), plan: healthyPlan(), intent: healthyIntent(), now: NOW }

const saying = (
  code: string,
  verdict: FindingVerdict,
  severity: CheckDefinition['severity'] = 'block',
  subjects = ['Cluster/shop'],
): CheckDefinition => ({
  code,
  title: code,
  severity,
  waivable: true,
  needs: [],
  prevents: 'nothing',
  remedy: 'do nothing',
  source: 'https://example.com',
  evaluate: () => subjects.map((subject) => ({ verdict, subject, message: `${code} says ${verdict}.` })),
})

const failing: CheckDefinition = {
  ...saying('BROKEN', 'pass'),
  evaluate: () => {
    throw new TypeError('cannot read x of undefined')
  },
}

const evaluate = (...checks: readonly CheckDefinition[]) => evaluatePreflight({ ...healthy, checks })

describe('the verdict of pre-flight', () => {
  it('is clear on the healthy cluster, with one pass for each check', () => {
    const result = evaluatePreflight(healthy)
    expect(result.verdict).toBe('clear')
    expect(result.evaluatedAt).toBe('2026-11-23T10:00:00.000Z')
    expect(result.findings.map((finding) => `${finding.code} ${finding.verdict}`)).toEqual(CHECKS.map((check) => `${check.code} pass`))
  })

  it.each<{ title: string; checks: readonly CheckDefinition[]; verdict: string }>([
    { title: 'warnings leave it clear', checks: [saying('A', 'warn'), saying('B', 'pass')], verdict: 'clear' },
    { title: 'one block blocks', checks: [saying('A', 'pass'), saying('B', 'block')], verdict: 'blocked' },
    { title: 'an unknown of a check that may block leaves it open', checks: [saying('A', 'unknown')], verdict: 'inconclusive' },
    { title: 'an unknown of a check that may only warn does not', checks: [saying('A', 'unknown', 'warn')], verdict: 'clear' },
    { title: 'a block beats an unknown', checks: [saying('A', 'unknown'), saying('B', 'block')], verdict: 'blocked' },
    { title: 'a check that throws leaves it open', checks: [failing], verdict: 'inconclusive' },
    { title: 'no checks, nothing against it', checks: [], verdict: 'clear' },
  ])('$title: $verdict', ({ checks, verdict }) => {
    expect(evaluate(...checks).verdict).toBe(verdict)
  })

  it('a check that throws says so and spares the others', () => {
    const { findings } = evaluate(failing, saying('A', 'pass'))
    expect(findings).toMatchObject([
      { code: 'BROKEN', verdict: 'unknown', wouldBlock: true },
      { code: 'A', verdict: 'pass' },
    ])
    expect(findings[0]?.message).toContain('cannot read x of undefined')
  })
})

describe('the order of findings', () => {
  it('is by weight, then by check, then by subject', () => {
    const { findings } = evaluate(
      saying('P', 'pass'),
      saying('W', 'warn'),
      saying('Q', 'unknown', 'warn'),
      saying('U', 'unknown'),
      saying('B2', 'block', 'block', ['Node/b', 'Node/a']),
      saying('B1', 'block'),
    )
    expect(findings.map((finding) => `${finding.code} ${finding.subject}`)).toEqual([
      'B2 Node/a',
      'B2 Node/b',
      'B1 Cluster/shop',
      'U Cluster/shop',
      'Q Cluster/shop',
      'W Cluster/shop',
      'P Cluster/shop',
    ])
  })

  it("every finding but a pass has a remedy, its own or the check's", () => {
    expect(evaluate(saying('A', 'warn')).findings[0]?.remedy).toBe('do nothing')
    expect(evaluate(saying('A', 'pass')).findings[0]?.remedy).toBeUndefined()
  })

  it('the same input gives the same result', () => {
    const ill = {
      ...healthy,
      snapshot: healthySnapshot(changeCluster({ status: 'UPDATING' }), unreadable('ec2:DescribeSubnets', 'subnets')),
    }
    expect(evaluatePreflight(ill)).toEqual(evaluatePreflight(structuredClone(ill)))
  })
})

describe('missing evidence', () => {
  // What a check needs that has nothing to judge on the healthy cluster is held by its own table.
  const judging = CHECKS.filter((check) => check.notApplicable?.({ ...healthy, options: {} }) === undefined)
  const sources = [...new Set(judging.flatMap((check) => check.needs))].map((source) => ({ source }))

  it.each(sources)('without $source no check that needs it passes, and the run does not start', ({ source }) => {
    const { findings, verdict } = evaluatePreflight({ ...healthy, snapshot: healthySnapshot(unreadable(source)) })
    const needing = judging.filter((check) => check.needs.includes(source))
    for (const check of needing) {
      const said = findings.filter((finding) => finding.code === check.code)
      expect(said.map((finding) => finding.verdict)).toEqual(['unknown'])
      expect(said[0]?.message).toContain('AccessDenied')
    }
    expect(verdict).toBe(needing.some((check) => check.severity === 'block') ? 'inconclusive' : 'clear')
  })

  it('a list that is not in the snapshot is missing evidence too', () => {
    const { kubernetes, aws, lease, ...rest } = healthySnapshot()
    const bare = { ...rest, aws: {}, kubernetes: {} }
    const { findings, verdict } = evaluatePreflight({ ...healthy, snapshot: bare })
    expect(verdict).toBe('inconclusive')
    const unseeing = CHECKS.filter((each) => each.notApplicable?.({ ...healthy, snapshot: bare, options: {} }) === undefined)
    for (const check of unseeing.filter((each) => each.needs.length > 0)) {
      const said = findings.filter((finding) => finding.code === check.code)
      expect(
        said.map((finding) => finding.verdict),
        check.code,
      ).not.toContain('pass')
      expect(said[0]?.message).toContain('not in the snapshot')
    }
  })

  it('what was partly read is judged, but never passes', () => {
    const partly = healthySnapshot(unreadable('eks:DescribeAddonConfiguration'))
    const { findings } = evaluatePreflight({ ...healthy, snapshot: partly })
    expect(findings.find((finding) => finding.code === 'ADDON_CONFIGURATION')?.message).toContain('only partly readable')
    const invalid = { ...healthy, snapshot: partly, intent: healthyIntent({ addons: [addonWith('{"nonsense":1}')] }) }
    const verdicts = evaluatePreflight(invalid).findings.filter((finding) => finding.code === 'ADDON_CONFIGURATION')
    expect(verdicts.map((finding) => finding.verdict)).toEqual(['block', 'block', 'block', 'unknown'])
  })
})

function addonWith(configurationValues: string) {
  const addon = healthyAddonIntent()
  return { ...addon, baseline: { ...addon.baseline, configurationValues } }
}
