/** What somebody is to be woken for, once for Prometheus and once for CloudWatch. */
export interface Condition {
  readonly name: string
  readonly severity: 'critical' | 'warning'
  /** PromQL; `CLUSTER` stands for a matcher on the cluster. */
  readonly expr: string
  /** How long it has to hold, in minutes. */
  readonly minutes: number
  readonly summary: string
  readonly description: string
  /** For CloudWatch, where the metrics arrive under their own names, by cluster and by cluster and cause (docs/monitor.md). */
  readonly alarm?: {
    readonly metric: string
    /** Labels beside the cluster that it is told apart by; without them the worst of all series counts. */
    readonly by?: Readonly<Record<string, string>>
    readonly statistic: 'Maximum' | 'Minimum'
    readonly comparison: 'GreaterThanThreshold' | 'LessThanThreshold'
    readonly threshold: number
    readonly missing: 'breaching' | 'notBreaching'
  }
}

export const CONDITIONS: readonly Condition[] = [
  {
    name: 'SerinAwsNodeNotReady',
    severity: 'critical',
    expr: 'serin_aws_node_not_ready{CLUSTER} > 0',
    minutes: 6,
    summary: 'aws-node is not ready on {{ $value }} nodes of {{ $labels.nodegroup }}',
    description: 'New pods get no address there. `serin diagnose --cluster NAME --region REGION` says why.',
    alarm: {
      metric: 'serin_aws_node_not_ready',
      statistic: 'Maximum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      missing: 'notBreaching',
    },
  },
  {
    name: 'SerinPodsWithoutAddress',
    severity: 'critical',
    expr: 'serin_stuck_pods{CLUSTER, cause="cni"} > 0',
    minutes: 2,
    summary: '{{ $value }} pods on nodes of {{ $labels.nodegroup }} get no address',
    description: 'They stand in ContainerCreating. `serin diagnose --cluster NAME --region REGION` says why.',
    alarm: {
      metric: 'serin_stuck_pods',
      by: { cause: 'cni' },
      statistic: 'Maximum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      missing: 'notBreaching',
    },
  },
  {
    name: 'SerinSubnetRunsDry',
    severity: 'warning',
    expr: 'serin_subnet_time_to_empty_seconds{CLUSTER} < 6 * 3600',
    minutes: 15,
    summary: '{{ $labels.subnet }} has no address left in {{ $value | humanizeDuration }}',
    description: 'At the pace of the last hour. Give the cluster another subnet, or let warm pools hold less (WARM_IP_TARGET).',
    alarm: {
      metric: 'serin_subnet_time_to_empty_seconds',
      statistic: 'Minimum',
      comparison: 'LessThanThreshold',
      threshold: 21_600,
      missing: 'notBreaching',
    },
  },
  {
    name: 'SerinSubnetNearlyEmpty',
    severity: 'critical',
    expr: 'serin_subnet_addresses_free{CLUSTER} < 16',
    minutes: 5,
    summary: '{{ $labels.subnet }} has {{ $value }} addresses left',
    description: 'The next node may get no warm pool there, and a prefix needs sixteen in a row.',
    alarm: {
      metric: 'serin_subnet_addresses_free',
      statistic: 'Minimum',
      comparison: 'LessThanThreshold',
      threshold: 16,
      missing: 'notBreaching',
    },
  },
  {
    name: 'SerinThrottled',
    severity: 'warning',
    expr: 'serin_throttling_events{CLUSTER} > 0 or rate(serin_api_throttled_total{CLUSTER}[10m]) > 0',
    minutes: 5,
    summary: 'AWS throttles calls about {{ $labels.cluster }}',
    description: 'Nodes that start now share the buckets. Start fewer nodes at a time.',
    alarm: {
      metric: 'serin_throttling_events',
      statistic: 'Maximum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      missing: 'notBreaching',
    },
  },
  {
    name: 'SerinDiagnosisOpen',
    severity: 'critical',
    expr: 'serin_diagnosis_open{CLUSTER} > 0',
    minutes: 5,
    summary: '{{ $labels.code }}: {{ $labels.title }}',
    description: '`serin explain {{ $labels.code }}` says what it is, `serin diagnose` what speaks for it and what to type.',
    alarm: {
      metric: 'serin_diagnosis_open',
      statistic: 'Maximum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      missing: 'notBreaching',
    },
  },
  {
    name: 'SerinMonitorBlind',
    severity: 'warning',
    expr: 'time() - serin_last_reading_timestamp_seconds{CLUSTER} > 300 or absent(serin_last_reading_timestamp_seconds{CLUSTER})',
    minutes: 5,
    summary: 'serin monitor has not read the cluster for five minutes',
    description: 'The other alerts say nothing while it is blind. Look at its log and at /healthz.',
    alarm: { metric: 'serin_nodes', statistic: 'Minimum', comparison: 'LessThanThreshold', threshold: 0, missing: 'breaching' },
  },
]
