import type { MonitorReading } from '../../model/monitor.ts'

/** What Serin's monitor measures, as the Prometheus text format has it (https://prometheus.io/docs/instrumenting/exposition_formats/). */

type Labels = Readonly<Record<string, string>>

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly values: (reading: MonitorReading) => readonly (readonly [Labels, number])[]
}

export const METRICS: readonly Metric[] = [
  gauge('serin_last_reading_timestamp_seconds', 'When the cluster was last read.', ({ at }) => [[{}, at / 1000]]),
  gauge('serin_nodes', 'Nodes of a node group.', ({ groups }) => groups.map(({ name, nodes }) => [{ nodegroup: name }, nodes])),
  gauge('serin_nodes_ready', 'Nodes of a node group that are Ready.', ({ groups }) =>
    groups.map(({ name, ready }) => [{ nodegroup: name }, ready]),
  ),
  gauge('serin_aws_node_expected', 'Nodes on which aws-node should run.', ({ groups }) =>
    groups.map(({ name, awsNodeExpected }) => [{ nodegroup: name }, awsNodeExpected]),
  ),
  gauge('serin_aws_node_ready', 'Nodes on which every container of aws-node runs and is ready.', ({ groups }) =>
    groups.map(({ name, awsNodeReady }) => [{ nodegroup: name }, awsNodeReady]),
  ),
  gauge('serin_aws_node_not_ready', 'Nodes on which aws-node should run, and does not or is not ready.', ({ groups }) =>
    groups.map(({ name, awsNodeExpected, awsNodeReady }) => [{ nodegroup: name }, awsNodeExpected - awsNodeReady]),
  ),
  gauge('serin_stuck_pods', 'Pods without an address for two minutes, by cause.', ({ groups }) =>
    groups.flatMap(({ name, stuck }) => Object.entries(stuck).map(([cause, count]) => [{ nodegroup: name, cause }, count] as const)),
  ),
  gauge('serin_subnet_addresses_free', 'Addresses left in a subnet of the node groups.', ({ subnets }) =>
    subnets.map((subnet) => [placeOf(subnet), subnet.free]),
  ),
  gauge(
    'serin_subnet_addresses_per_hour',
    'Addresses that come free in an hour by the trend of the last hour; negative when it fills.',
    ({ subnets }) => subnets.flatMap((subnet) => (subnet.perHour === undefined ? [] : [[placeOf(subnet), subnet.perHour] as const])),
  ),
  gauge(
    'serin_subnet_time_to_empty_seconds',
    'Seconds until a subnet has no address at this pace; infinite when it does not fill.',
    ({ subnets }) =>
      subnets.map((subnet) => [placeOf(subnet), subnet.emptyIn === undefined ? Number.POSITIVE_INFINITY : subnet.emptyIn / 1000]),
  ),
  {
    ...gauge('serin_api_throttled_total', 'Throttling answers to calls of Serin itself.', ({ throttled }) => [[{}, throttled]]),
    type: 'counter',
  },
  gauge('serin_throttling_events', 'Events of the last ten minutes that speak of throttling.', ({ throttlingEvents }) => [
    [{}, throttlingEvents],
  ]),
  gauge('serin_diagnosis_open', 'Nodes and pods that show a cause which the signatures find now.', ({ diagnoses }) =>
    diagnoses.map(({ code, title, nodes, pods }) => [{ code, title }, nodes + pods]),
  ),
  gauge('serin_source_unavailable', 'A source that cannot be read.', ({ unavailable }) =>
    [...new Set(unavailable)].map((source) => [{ source }, 1]),
  ),
]

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name, help, type: 'gauge', values }
}

function placeOf({ id, zone }: MonitorReading['subnets'][number]): Labels {
  return { subnet: id, ...(zone !== undefined && { zone }) }
}

/** The text that `/metrics` answers; before the first reading only that there was none. */
export function metricsText(reading: MonitorReading | undefined): string {
  if (reading === undefined) return '# The cluster has not been read yet.\n'
  return METRICS.map((metric) => metricText(metric, reading)).join('')
}

function metricText({ name, help, type, values }: Metric, reading: MonitorReading): string {
  const lines = values(reading).map(([labels, value]) => `${name}${labelsText({ cluster: reading.cluster, ...labels })} ${number(value)}`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join('')}`
}

function labelsText(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`)
    .join(',')}}`
}

function number(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value)
}
