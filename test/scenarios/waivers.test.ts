import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { UpgradePlan, Waiver } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { runHtml } from '../../src/report/run-html.ts'
import { runMarkdown } from '../../src/report/run-markdown.ts'
import { runReport, stateOf } from '../../src/report/run-report.ts'
import { runText } from '../../src/report/run-text.ts'
import { PLAIN } from '../../src/report/style.ts'
import { type Rehearsal, rehearse } from '../support/rehearsal.ts'

const PLANS = join(import.meta.dirname, '../../plans')
const PLAN = loadPlan({ read: (path) => readFileSync(path, 'utf8') }, join(PLANS, 'small.yaml')).plan
/** The small world with a workload that has a single pod. */
const WORLD = readFileSync(join(PLANS, 'worlds/small.yaml'), 'utf8').replace(
  'workloads:',
  'workloads:\n  - { kind: Deployment, namespace: shop, name: lonely, replicas: 1, cpu: 10m }',
)
const WAIVER: Waiver = {
  code: 'SINGLE_REPLICA',
  subject: 'Deployment/shop/lonely',
  owner: 'lena',
  reason: 'may be away at night',
  expires: '2027-12-31',
  verdict: 'block',
}

const run = (change: Partial<UpgradePlan>): Promise<Rehearsal> => rehearse({ plan: { plan: { ...PLAN, ...change }, world: WORLD } })

describe('a plan that raises a severity', () => {
  it('is blocked before anything moves', async () => {
    const { exit, prepared, requests } = await run({ severities: { SINGLE_REPLICA: 'block' } })
    expect(exit).toBe('blocked')
    expect(prepared.preflight.findings[0]).toMatchObject({ code: 'SINGLE_REPLICA', verdict: 'block', subject: WAIVER.subject })
    expect(requests.filter(({ service, operation }) => service === 'eks' && /^(Update|Create|Delete)/.test(operation))).toEqual([])
  })

  it('goes on with a waiver, whose every use is in the journal, in what is told, and in every report', async () => {
    const { exit, journal, prepared } = await run({ severities: { SINGLE_REPLICA: 'block' }, waivers: [WAIVER] })
    expect(exit).toBe('ok')
    const evaluated = journal.flatMap(({ event }) => (event.type === 'preflight-evaluated' ? [event] : []))
    expect(evaluated.length).toBeGreaterThan(1)
    expect(evaluated[0]?.waived).toMatchObject([{ code: WAIVER.code, subject: WAIVER.subject, waiver: WAIVER }])
    const state = stateOf(journal)
    if (state === undefined) throw new Error('no run')
    const report = runReport(prepared.itinerary, state, journal)
    expect(report.waived).toHaveLength(1)
    for (const text of [runText(report, { ...PLAIN, columns: 400 }), runMarkdown(report).replaceAll('\\', ''), runHtml(report)])
      expect(text).toContain('SINGLE_REPLICA on Deployment/shop/lonely, by lena until 2027-12-31: may be away at night')
  })
})
