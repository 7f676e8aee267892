import { describe, expect, it } from 'vitest'
import type { Finding, PreflightResult } from '../../src/model/finding.ts'
import { preflightExit } from '../../src/report/findings.ts'
import { findingsGithub } from '../../src/report/findings-github.ts'
import { findingsMarkdown } from '../../src/report/findings-markdown.ts'
import { findingsSarif } from '../../src/report/findings-sarif.ts'
import { findingsText } from '../../src/report/findings-text.ts'
import { findingsJson } from '../../src/report/json.ts'
import { findingsJunit } from '../../src/report/junit.ts'
import { COMMENT_LIMIT } from '../../src/report/markdown.ts'
import { PLAIN } from '../../src/report/style.ts'

const waiver = { code: 'C', subject: 'S', owner: 'lena', reason: 'moved by hand', expires: '2027-01-31', verdict: 'block' } as const
const findings: readonly Finding[] = [
  { code: 'CLUSTER_ACTIVE', verdict: 'pass', subject: 'Cluster/shop', message: 'The cluster is ACTIVE and no update is in progress.' },
  { code: 'CANARY_SIZE', verdict: 'warn', subject: 'NodeGroup/spot', message: 'The canary has 12 nodes.', remedy: 'Name a smaller group.' },
  {
    code: 'PDB_ALLOWS_NONE',
    verdict: 'block',
    subject: 'PodDisruptionBudget/shop/db',
    message: 'The budget shop/db allows no disruption now: 1 of 1 pods healthy, 1 needed. Pod shop/db-0 on ip-10-0-1-7 cannot be evicted.',
    remedy: 'Raise the replicas of StatefulSet shop/db, or waive it.',
  },
  {
    code: 'SUBNET_ADDRESSES',
    verdict: 'unknown',
    subject: 'Subnet/subnet-1',
    message: 'ec2:DescribeSubnets was denied.',
    wouldBlock: true,
  },
  { code: 'GROUP_HEALTH', verdict: 'block', subject: 'NodeGroup/old', message: 'Not healthy.', waivedBy: waiver },
]
const result: PreflightResult = { evaluatedAt: '2026-11-23T10:00:05Z', findings, verdict: 'blocked' }
const origin = { plan: 'shop-1-33', cluster: 'shop', region: 'eu-central-1', capturedAt: '2026-11-23T10:00:00Z' }

describe('findings', () => {
  it('stand in a terminal in the order in which they are needed', () => {
    expect(findingsText(result, origin, PLAIN)).toMatchInlineSnapshot(`
      "Pre-flight of plan shop-1-33: BLOCKED
      cluster shop in eu-central-1, as seen at 2026-11-23T10:00:00Z

        ✗ block    PDB_ALLOWS_NONE on PodDisruptionBudget/shop/db
                   The budget shop/db allows no disruption now: 1 of 1 pods healthy, 1
                   needed. Pod shop/db-0 on ip-10-0-1-7 cannot be evicted.
                   → Raise the replicas of StatefulSet shop/db, or waive it.
        ? unknown  SUBNET_ADDRESSES on Subnet/subnet-1
                   ec2:DescribeSubnets was denied.
        ▲ warn     CANARY_SIZE on NodeGroup/spot
                   The canary has 12 nodes.
                   → Name a smaller group.
        ○ waived   GROUP_HEALTH on NodeGroup/old
                   Not healthy.
                   → waived by lena until 2027-01-31: moved by hand
        ✓ pass     CLUSTER_ACTIVE: The cluster is ACTIVE and no update is in progress.

      BLOCKED: 1 blocking, 1 unknown, 1 warning, 1 waived, 1 passed.
      "
    `)
  })

  it('are the same, in the same order, in every form', () => {
    const order = ['PDB_ALLOWS_NONE', 'SUBNET_ADDRESSES', 'CANARY_SIZE', 'GROUP_HEALTH', 'CLUSTER_ACTIVE']
    const found = (text: string, code: RegExp) => [...text.matchAll(code)].map(([, name]) => name)
    const sarif = JSON.parse(findingsSarif(result, origin, 'plan.yaml', 'serin/0.1.0')).runs[0].results
    expect(found(findingsText(result, origin, PLAIN), /^ {2}\S \w+ +([A-Z_]+)/gm)).toEqual(order)
    expect(JSON.parse(findingsJson(result, origin)).findings.map(({ code }: Finding) => code)).toEqual(order)
    expect(found(findingsMarkdown(result, origin), /^\|.*?`([A-Z_]+)`/gm)).toEqual(order)
    expect(found(findingsJunit(result, 'shop-1-33'), /classname="preflight\.([A-Z_]+)"/g)).toEqual(order)
    expect(sarif.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(order)
    // Nobody annotates what is waived or well.
    expect(found(findingsGithub(result, 'plan.yaml'), /title=([A-Z_]+)/g)).toEqual(order.slice(0, 3))
  })

  it.each([60, 80, 120])('keep to %i columns where words allow', (columns) => {
    const lines = findingsText(result, origin, { ...PLAIN, columns })
      .split('\n')
      .slice(2)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  })

  it('carry no meaning by colour or glyph alone', () => {
    const text = findingsText(result, origin, { ...PLAIN, unicode: false })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is what is meant
    expect(text).toMatch(/^[\x00-\x7f]*$/)
    for (const word of ['block', 'warn', 'unknown', 'waived', 'pass']) expect(text).toContain(` ${word}`)
  })

  it('differ from the plain text by escape sequences only when colours are on', () => {
    const coloured = findingsText(result, origin, { ...PLAIN, colour: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are taken out
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(findingsText(result, origin, PLAIN))
  })

  it('let no control character of a foreign answer through', () => {
    const hostile = {
      ...result,
      findings: [{ code: 'X', verdict: 'warn', subject: 'S/\u001b]0;owned\u0007', message: '\u001b[2J' }] as const,
    }
    for (const text of [findingsText(hostile, origin, PLAIN), findingsMarkdown(hostile, origin), findingsJunit(hostile, 'p')]) {
      expect(text).not.toContain('\u001b')
    }
  })

  it('say the verdict first in Markdown and fold away what passed', () => {
    const text = findingsMarkdown(result, origin)
    expect(text.split('\n')[0]).toBe('## Pre-flight of `shop-1-33`: blocked')
    expect(text).toContain('<details><summary>1 passed</summary>')
  })

  it('fit a comment however many there are, and say that something was cut', () => {
    const many = { ...result, findings: Array.from({ length: 2000 }, (_, i) => ({ ...findings[2], subject: `Node/${i}` }) as Finding) }
    const text = findingsMarkdown(many, origin)
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT)
    expect(text).toContain('Cut to fit a comment')
  })

  it('are JUnit failures when they block, errors when they are unknown, skipped when waived', () => {
    const text = findingsJunit(result, 'shop-1-33')
    expect(text).toContain('tests="5" failures="1" errors="1" skipped="1"')
    expect(text).toContain('<failure message="The budget shop/db allows')
  })

  it('are JSON with the exit code', () => {
    expect(JSON.parse(findingsJson(result, origin))).toMatchObject({ kind: 'PreflightResult', exit: 10, verdict: 'blocked' })
  })

  it('say what to mend first where there is more than a glance takes', () => {
    const many = ['a', 'b', 'c', 'd'].map(
      (name) => ({ ...findings[2], subject: `Node/${name}`, remedy: `Raise the replicas of ${name}.` }) as Finding,
    )
    const text = findingsText({ ...result, findings: [...findings.slice(0, 2), ...many] }, origin, PLAIN)
    expect(text.split('\n').slice(3, 5)).toEqual(['Do first', expect.stringContaining('1. PDB_ALLOWS_NONE on Node/a: Raise the replicas')])
    expect(text).not.toContain('  4. ')
    expect(findingsMarkdown({ ...result, findings: many }, origin)).toContain('3. `PDB_ALLOWS_NONE` on Node/c')
  })

  it('tell of what stops the run for one cause once, with every subject', () => {
    const names = Array.from({ length: 9 }, (_none, index) => `Node/${index}`)
    const many = names.map((subject) => ({ ...findings[2], subject }) as Finding)
    const text = findingsText({ ...result, findings: many }, origin, { ...PLAIN, columns: 200 }, true)
    expect(text.match(/PDB_ALLOWS_NONE on/g)).toHaveLength(1)
    expect(text).toContain(`likewise on ${names.slice(1).join(', ')}`)
    expect(text).not.toContain('Do first')
    expect(findingsText({ ...result, findings: many }, origin, PLAIN).match(/PDB_ALLOWS_NONE on/g)).toHaveLength(9)
  })

  it('tell of what could not be read once, with the checks that do not know and the parts that are missing', () => {
    const blind = ['pods', 'nodes', 'services'].map(
      (source, index): Finding => ({
        code: `CHECK_${index}`,
        verdict: 'unknown',
        wouldBlock: true,
        subject: 'Cluster/shop',
        message: `kubernetes:${source} was not readable: Forbidden.`,
        evidence: [{ subject: `kubernetes:${source}`, says: 'Forbidden' }],
        remedy: 'Take the snapshot again.',
      }),
    )
    const text = findingsText({ ...result, findings: blind }, origin, { ...PLAIN, columns: 200 }, true)
    expect(text.match(/\? unknown/g)).toHaveLength(1)
    expect(text).toContain('likewise CHECK_1, CHECK_2')
    expect(text).toContain('not read: kubernetes:pods, kubernetes:nodes, kubernetes:services')
  })

  it('say what changed against an earlier result, and what is gone', () => {
    const since = { evaluatedAt: '2026-11-22T10:00:05Z', same: 12, gone: [findings[1] as Finding] }
    const text = findingsText({ ...result, since }, origin, PLAIN)
    expect(text).toContain('gone: CANARY_SIZE on NodeGroup/spot (was warn)')
    expect(text).toContain('Since 2026-11-22T10:00:05Z: 5 new or of another verdict, 1 gone, 12 as they were.')
    expect(findingsMarkdown({ ...result, since }, origin)).toContain('<summary>1 gone</summary>')
  })

  describe('as SARIF', () => {
    const run = JSON.parse(findingsSarif(result, origin, 'plans/my plan.yaml', 'serin/0.1.0')).runs[0]

    it('have the weight that code scanning goes by', () => {
      const told = run.results.map(({ ruleId, kind, level, suppressions }: Record<string, unknown>) => [
        ruleId,
        kind,
        level,
        Boolean(suppressions),
      ])
      expect(told).toEqual([
        ['PDB_ALLOWS_NONE', 'fail', 'error', false],
        ['SUBNET_ADDRESSES', 'fail', 'error', false],
        ['CANARY_SIZE', 'fail', 'warning', false],
        ['GROUP_HEALTH', 'fail', 'error', true],
        ['CLUSTER_ACTIVE', 'pass', 'none', false],
      ])
    })

    it('name the plan, the subject and the rule with its help', () => {
      expect(run.tool.driver).toMatchObject({ name: 'serin', version: '0.1.0' })
      expect(run.results[0].locations[0]).toMatchObject({
        physicalLocation: { artifactLocation: { uri: 'plans/my%20plan.yaml' } },
        logicalLocations: [{ fullyQualifiedName: 'PodDisruptionBudget/shop/db' }],
      })
      const rule = run.tool.driver.rules[run.results[0].ruleIndex]
      expect(rule).toMatchObject({ id: 'PDB_ALLOWS_NONE', helpUri: expect.stringMatching(/^https:/) })
    })
  })

  describe("as GitHub's annotations", () => {
    it('stand beside the plan, one line each, what stops the run as errors', () => {
      const lines = findingsGithub(result, 'plans/a,b.yaml').trimEnd().split('\n')
      expect(lines.map((line) => line.split('::')[1])).toEqual([
        'error file=plans/a%2Cb.yaml,line=1,title=PDB_ALLOWS_NONE',
        'error file=plans/a%2Cb.yaml,line=1,title=SUBNET_ADDRESSES',
        'warning file=plans/a%2Cb.yaml,line=1,title=CANARY_SIZE',
      ])
      expect(lines[0]).toContain('%0ARaise the replicas')
    })

    it('are never more than GitHub shows, and say so', () => {
      const many = Array.from({ length: 30 }, (_, i) => ({ ...findings[2], subject: `Node/${i}` }) as Finding)
      const lines = findingsGithub({ ...result, findings: many }, 'plan.yaml')
        .trimEnd()
        .split('\n')
      expect(lines).toHaveLength(10)
      expect(lines.at(-1)).toContain('21 more')
    })
  })

  it.each([
    ['clear', 0],
    ['blocked', 10],
    ['inconclusive', 11],
  ] as const)('exit %s with %i', (verdict, exit) => {
    expect(preflightExit({ ...result, verdict })).toBe(exit)
  })

  it('name the sandbox they come from', () => {
    const simulated = { ...origin, sandbox: { world: 'quickstart', seed: 7, scenarios: ['ipam-hang'] } }
    expect(findingsText(result, simulated, PLAIN)).toContain('Simulated: world quickstart, seed 7, scenarios ipam-hang.')
  })
})
