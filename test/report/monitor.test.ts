import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { CONDITIONS } from '../../src/report/monitor/conditions.ts'
import { METRICS, metricsText } from '../../src/report/monitor/metrics.ts'
import { cloudWatchAlarms, prometheusRule } from '../../src/report/monitor/rules.ts'
import { metricOf, promql, scraped } from '../support/prometheus.ts'
import { NOW } from '../support/seen-builder.ts'

const READING = {
  at: NOW,
  cluster: 'shop',
  groups: [{ name: 'app', nodes: 3, ready: 2, awsNodeExpected: 3, awsNodeReady: 1, stuck: { cni: 2, image: 1 } }],
  subnets: [
    { id: 'subnet-a', zone: 'eu-central-1a', free: 30, perHour: -10, emptyIn: 10_800_000 },
    { id: 'subnet-b', free: 500 },
  ],
  throttled: 4,
  throttlingEvents: 1,
  diagnoses: [{ code: 'F05', title: 'kube-proxy does not\nprogram "kubernetes"', nodes: 2, pods: 0 }],
  unavailable: ['kubernetes:pods', 'kubernetes:pods'],
}

interface Wanted {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAMES = new Set(METRICS.map(({ name }) => name))

describe('the metrics', () => {
  const families = scraped(metricsText(READING))

  it('are understood by a parser of the text format, each with help and type', () => {
    expect([...families.keys()]).toEqual([...NAMES])
    for (const { help, type } of families.values()) expect([help.length > 10, ['GAUGE', 'COUNTER'].includes(type)]).toEqual([true, true])
  })

  it.each([
    { name: 'serin_aws_node_ready', labels: { nodegroup: 'app' }, value: 1 },
    { name: 'serin_aws_node_not_ready', labels: { nodegroup: 'app' }, value: 2 },
    { name: 'serin_stuck_pods', labels: { nodegroup: 'app', cause: 'cni' }, value: 2 },
    { name: 'serin_subnet_time_to_empty_seconds', labels: { subnet: 'subnet-a' }, value: 10_800 },
    { name: 'serin_subnet_time_to_empty_seconds', labels: { subnet: 'subnet-b' }, value: Number.POSITIVE_INFINITY },
    { name: 'serin_api_throttled_total', labels: { cluster: 'shop' }, value: 4 },
    { name: 'serin_diagnosis_open', labels: { code: 'F05', title: 'kube-proxy does not\nprogram "kubernetes"' }, value: 2 },
    { name: 'serin_source_unavailable', labels: { source: 'kubernetes:pods' }, value: 1 },
  ] as readonly Wanted[])('say $name $labels', ({ name, labels, value }) => expect(metricOf(families, name, labels)).toBe(value))

  it('say nothing before the first reading', () => expect(scraped(metricsText(undefined)).size).toBe(0))
})

describe('the rules', () => {
  const rule = parseYaml(prometheusRule('shop'))
  const rules: readonly { alert: string; expr: string; for: string; annotations: { summary: string } }[] = rule.spec.groups[0].rules

  it('are a PrometheusRule with one alert for each condition', () => {
    expect(rule).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' })
    expect(rules.map(({ alert }) => alert)).toEqual(CONDITIONS.map(({ name }) => name))
  })

  it.each(rules)('$alert is PromQL over metrics that there are', ({ expr, for: lasting }) => {
    const { errors, metrics } = promql(expr)
    expect(errors).toEqual([])
    expect(metrics.length).toBeGreaterThan(0)
    expect(metrics.filter((name) => !NAMES.has(name))).toEqual([])
    expect(lasting).toMatch(/^\d+m$/)
  })

  it('would be refused if they were no PromQL', () => expect(promql('serin_nodes{ > 3').errors).not.toEqual([]))
})

describe('the alarms', () => {
  it('are inputs of PutMetricAlarm over metrics that there are', () => {
    const alarms: readonly Record<string, unknown>[] = JSON.parse(cloudWatchAlarms('shop'))
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(CONDITIONS.map(({ name }) => `${name}-shop`))
    for (const alarm of alarms) {
      expect(NAMES).toContain(alarm.MetricName)
      expect(String(alarm.AlarmDescription)).not.toMatch(/\{\{|undefined/)
      expect(alarm).toMatchObject({ Period: 60, Dimensions: expect.arrayContaining([{ Name: 'ClusterName', Value: 'shop' }]) })
    }
  })

  it('ring for pods without an address, and not for those that wait for an image', () => {
    const alarms: readonly Record<string, unknown>[] = JSON.parse(cloudWatchAlarms('shop'))
    const stuck = alarms.find(({ MetricName }) => MetricName === 'serin_stuck_pods')
    expect(stuck?.Dimensions).toContainEqual({ Name: 'cause', Value: 'cni' })
  })
})
