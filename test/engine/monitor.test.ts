import { afterEach, describe, expect, it } from 'vitest'
import { serveMetrics } from '../../src/adapters/metrics-server/metrics-server.ts'
import { monitor } from '../../src/engine/monitor.ts'
import { HOUR, MINUTE } from '../../src/model/instant.ts'
import type { MonitorReading } from '../../src/model/monitor.ts'
import { metricsText } from '../../src/report/monitor/metrics.ts'
import { metricOf, scraped } from '../support/prometheus.ts'
import { openSimulation, type RehearsalSettings } from '../support/rehearsal.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Watches a simulated cluster for so long, in its own time. */
async function watched(
  settings: RehearsalSettings,
  lasting: number,
  meanwhile: (reading: MonitorReading, at: number) => void = () => undefined,
) {
  const simulation = openSimulation(settings)
  closing.push(simulation.close)
  const ports = await simulation.connect()
  const began = ports.clock.now()
  const stop = new AbortController()
  const readings: MonitorReading[] = []
  const troubles: string[] = []
  await monitor({
    ports,
    cluster: simulation.plan.cluster.name,
    every: MINUTE,
    stop: stop.signal,
    publish: (reading) => {
      readings.push(reading)
      meanwhile(reading, readings.length)
      if (ports.clock.now() - began >= lasting) stop.abort()
    },
    trouble: (reason) => {
      troubles.push(reason)
      if (ports.clock.now() - began >= lasting) stop.abort()
    },
  })
  return { readings, troubles, last: readings.at(-1) as MonitorReading }
}

const scenario = (name: string, fault: string) => ({
  name,
  text: `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: ${name}, summary: ${name} }
faults: [${fault}]
`,
})

describe('the monitor', () => {
  it('sees a healthy cluster as healthy, and no cause in it', async () => {
    const { last, troubles } = await watched({ plan: 'small' }, 5 * MINUTE)
    expect(troubles).toEqual([])
    expect(
      last.groups.every(({ nodes, ready, awsNodeExpected, awsNodeReady }) => nodes === ready && awsNodeReady === awsNodeExpected),
    ).toBe(true)
    expect(last).toMatchObject({ diagnoses: [], throttlingEvents: 0, unavailable: [] })
    expect(last.subnets.length).toBeGreaterThan(0)
  })

  it('counts nodes on which aws-node loops, and looks for the cause', async () => {
    const loops = scenario(
      'loops',
      '{ fault: container-exits, where: { namespace: kube-system, workload: aws-node, share: 0.5 }, when: { from: 2m } }',
    )
    const { last } = await watched({ plan: 'small', scenarios: [loops] }, 20 * MINUTE)
    const lacking = last.groups.reduce((sum, { awsNodeExpected, awsNodeReady }) => sum + awsNodeExpected - awsNodeReady, 0)
    expect(lacking).toBeGreaterThan(0)
  })

  it('goes on after the API server was away', async () => {
    const away = scenario('away', '{ fault: api-server-away, when: { from: 3m, to: 6m } }')
    const { readings, last } = await watched({ plan: 'small', scenarios: [away] }, 20 * MINUTE)
    expect(last.unavailable).toEqual([])
    expect(last.at - (readings[0]?.at ?? 0)).toBeGreaterThanOrEqual(19 * MINUTE)
  })

  it('answers a real client: metrics that parse, and whether it is well', async () => {
    const { last } = await watched({ plan: 'small' }, 2 * MINUTE)
    let ailment: string | undefined
    const server = await serveMetrics('127.0.0.1', 0, { metrics: () => metricsText(last), ailment: () => ailment })
    const ask = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${server.address}${path}`, init)
      return { status: answer.status, text: await answer.text() }
    }
    const metrics = await ask('/metrics')
    expect(metrics.status).toBe(200)
    expect(metricOf(scraped(metrics.text), 'serin_nodes', { nodegroup: 'canary' })).toBeGreaterThan(0)
    expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok\n' })
    ailment = 'the cluster was last read 5m ago'
    expect(await ask('/healthz')).toEqual({ status: 503, text: 'the cluster was last read 5m ago\n' })
    expect((await ask('/other')).status).toBe(404)
    expect((await ask('/metrics', { method: 'POST' })).status).toBe(405)
    await server.close()
    await expect(ask('/healthz')).rejects.toThrow()
  })
})

describe('the trend of a subnet', () => {
  it('says when it will be empty, from the addresses of the last hour', async () => {
    const { createTrends } = await import('../../src/engine/monitoring/reading.ts')
    const trends = createTrends()
    for (let minute = 0; minute <= 60; minute++) trends({ a: { free: 300 - minute }, b: { free: 100 } }, minute * MINUTE)
    const [a, b] = trends({ a: { free: 239 }, b: { free: 100 } }, 61 * MINUTE)
    expect(a?.perHour).toBeCloseTo(-60)
    expect((a?.emptyIn ?? 0) / HOUR).toBeCloseTo(239 / 60)
    expect(b).toMatchObject({ free: 100, perHour: 0 })
    expect(b?.emptyIn).toBeUndefined()
  })
})
