import { describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { prepare } from '../../src/engine/prepare.ts'
import { HOUR, instantOf, MINUTE, SECOND } from '../../src/model/instant.ts'
import { openSimulation, type RehearsalSettings } from '../support/rehearsal.ts'

/** `--refresh-insights`: EKS computes its insights anew, and a snapshot waits for that. */
const CODES = ['INSIGHTS_FRESH', 'UPGRADE_INSIGHTS', 'REMOVED_APIS']

const scenario = (played: object) => ({
  name: 'asked',
  text: JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'asked', summary: 'as asked' }, ...played }),
})

async function look(refreshInsights: boolean, settings: Partial<RehearsalSettings> = {}) {
  const simulation = openSimulation({ plan: 'small', ...settings })
  try {
    const { plan, world, requests } = simulation
    const began = world.timeline.now()
    const snapshot = await captureSnapshot(await simulation.connect(), plan.cluster.name, { refreshInsights })
    const { findings } = prepare(plan, snapshot).preflight
    const ages = (snapshot.aws.insights ?? []).map(({ lastRefreshTime }) => began - (instantOf(lastRefreshTime) ?? 0))
    return {
      asked: requests.filter(({ operation }) => operation.includes('Insights')).map(({ operation }) => operation),
      took: world.timeline.now() - began,
      oldest: Math.max(...ages),
      verdicts: CODES.map((code) => findings.find((finding) => finding.code === code)?.verdict),
      messages: findings.filter(({ code }) => code === 'INSIGHTS_FRESH').map(({ message }) => message),
    }
  } finally {
    simulation.close()
  }
}

describe('insights computed anew', () => {
  it.each(['in process', 'loopback'] as const)('are asked for, waited for and younger than the question, %s', async (way) => {
    const seen = await look(true, way === 'loopback' ? { over: way } : {})
    expect(seen.asked[0]).toBe('StartInsightsRefresh')
    expect(seen.asked.filter((operation) => operation === 'DescribeInsightsRefresh').length).toBeGreaterThan(1)
    expect(seen.asked.at(-1)).toBe('ListInsights')
    expect(seen.took).toBeGreaterThanOrEqual(30 * SECOND)
    expect(seen.oldest).toBeLessThan(0)
    expect(seen.verdicts).toEqual(['pass', 'pass', 'pass'])
  })

  it('are not asked for without the flag', async () => {
    const seen = await look(false)
    expect(seen.asked).toEqual(['ListInsights'])
    expect(seen.oldest).toBeGreaterThan(HOUR)
  })

  const forbidden = (operation: string) => ({ faults: [{ fault: 'forbidden', where: { service: 'eks', operation } }] })
  const ending = (insightsRefresh: string) => ({ world: { controlPlane: { insightsRefresh } } })

  it.each([
    { title: 'EKS refuses to', played: forbidden('StartInsightsRefresh'), says: 'AccessDeniedException', within: MINUTE },
    { title: 'it may not be waited for', played: forbidden('DescribeInsightsRefresh'), says: 'AccessDeniedException', within: MINUTE },
    { title: 'EKS fails', played: ending('fails'), says: 'FAILED', within: MINUTE },
    { title: 'EKS does not come to an end', played: ending('stalls'), says: 'IN_PROGRESS', within: 6 * MINUTE },
  ])('are unknown where $title, in bounded time', async ({ played, says, within }) => {
    const seen = await look(true, { scenarios: [scenario(played)] })
    expect(seen.verdicts).toEqual(['unknown', 'unknown', 'unknown'])
    expect(seen.messages.join()).toContain(says)
    expect(seen.took).toBeLessThan(within)
  })
})
