import { describe, expect, it } from 'vitest'
import type { RunForecast } from '../../src/model/forecast.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import { forecastChart, forecastGantt } from '../../src/report/forecast-chart.ts'
import { forecastLines, lengthSentence } from '../../src/report/forecast-words.ts'
import { PLAIN } from '../../src/report/style.ts'
import { itinerary } from '../support/run-builder.ts'

const span = (p50: number, p90 = p50) => ({ p50: p50 * MINUTE, p90: p90 * MINUTE })

/** One canary batch of ten minutes and one wave of twenty, with gates of three and a soak of fifteen minutes between them. */
const FORECAST: RunForecast = {
  takes: span(48, 60),
  stages: [
    {
      id: 'canary/1',
      from: 0,
      steps: span(10, 13),
      gates: 3 * MINUTE,
      soak: 15 * MINUTE,
      groups: [{ group: 'spot', nodes: 1, takes: span(10, 13), perNode: span(2), slowest: { node: 'spot-1', takes: 2 * MINUTE } }],
    },
    {
      id: 'wave/app/1',
      from: 28 * MINUTE,
      steps: span(20, 25),
      gates: 0,
      soak: 0,
      groups: [{ group: 'app-a', nodes: 4, takes: span(20, 25), perNode: span(2, 4), slowest: { node: 'app-a-2', takes: 4 * MINUTE } }],
    },
  ],
  blockers: [],
  unplaced: [],
  disruptions: [
    { owner: 'Deployment/shop/web', evictions: 5 },
    { owner: 'StatefulSet/shop/db', evictions: 1 },
  ],
  addresses: [{ subnet: 'subnet-a', zone: 'eu-central-1a', free: 90, peak: { usual: 40, worst: 60 }, stage: 'wave/app/1' }],
  rehearsals: 7,
}

const BLOCKER: RunForecast['blockers'][number] = {
  stage: 'wave/app/1',
  group: 'app-a',
  node: 'app-a-2',
  pod: 'shop/db-0',
  owner: 'StatefulSet/shop/db',
  budgets: ['shop/db'],
  healthy: 2,
  desired: 2,
  waiting: [],
  minute: 45,
  seen: 3,
}

function planned(run: Partial<RunForecast> = {}): Itinerary {
  const base = itinerary()
  return { ...base, forecast: { ...base.forecast, run: { ...FORECAST, ...run } } }
}

describe('a forecast', () => {
  it('says how long, how often and on what it was rehearsed', () => {
    expect(lengthSentence(planned())).toBe(
      'Forecast: 48m, nine times of ten at most 1h, 45m of it soaks. The drains were rehearsed on this snapshot in 7 orders of the nodes; approvals and closed windows are not in it.',
    )
  })

  it('says what decides, whom it disturbs, and what is left of the tightest subnet', () => {
    const lines = forecastLines(planned())
    expect(lines).toContain('6 evictions, a pod that moves twice counted twice: shop/web 5, shop/db 1.')
    expect(lines).toContain('A node takes 2m to 4m; slowest: app-a-2 (app-a), 4m.')
    expect(lines.find((line) => line.startsWith('Critical path'))).toMatch(
      /^Critical path: app-a 20m to 25m \(.+\), spot 10m to 13m \(canary\)\.$/,
    )
    expect(lines.find((line) => line.startsWith('Addresses'))).toMatch(/90 free, at most 60 taken at once, in .+, 30 left\.$/)
  })

  it('names pod, owner, budget and batch of what would block, and in how many orders', () => {
    const [line] = forecastLines(planned({ blockers: [BLOCKER] }))
    expect(line).toMatch(
      /^Would block \(in 3 of 7 orders\): .+, app-a, 45 min in: pod shop\/db-0 of StatefulSet\/shop\/db stays on app-a-2; /,
    )
    expect(line).toContain('shop/db has 2 healthy and needs 2')
  })

  it.each([80, 120])('is a picture that fits %i columns', (columns) => {
    const chart = forecastChart(planned({ blockers: [BLOCKER] }), { ...PLAIN, columns })
    for (const line of chart) expect(line.length).toBeLessThanOrEqual(columns)
    expect(chart.join('\n')).toMatch(/canary +spot +█+░+/)
    expect(chart.join('\n')).toMatch(/✗+ +20m to 25m/)
  })

  it('is a picture in ASCII too', () => {
    expect(forecastChart(planned(), { ...PLAIN, unicode: false }).join('\n')).toMatch(/^[ -~\n]+$/)
  })

  it('is a chart that GitHub draws: bars one after the other, what would block as critical', () => {
    const gantt = forecastGantt(planned({ blockers: [BLOCKER] }))
    expect(gantt).toContain('    spot :active, 2000-01-01 00:00:00, 600s\n    gates and soak :done, 2000-01-01 00:10:00, 1080s')
    expect(gantt).toContain('    app-a :crit, 2000-01-01 00:28:00, 1200s')
  })
})
