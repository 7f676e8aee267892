import { stringify } from 'yaml'
import { jsonText } from '../json.ts'
import { CONDITIONS, type Condition } from './conditions.ts'

/** A PrometheusRule for the Prometheus operator; its `groups` are a rules file of Prometheus itself. */
export function prometheusRule(cluster: string): string {
  const rules = CONDITIONS.map(({ name, expr, minutes, severity, summary, description }) => ({
    alert: name,
    expr: expr.replaceAll('CLUSTER', `cluster="${cluster}"`),
    for: `${minutes}m`,
    labels: { severity },
    annotations: { summary, description },
  }))
  return stringify({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: `serin-${cluster}`, labels: { 'app.kubernetes.io/name': 'serin' } },
    spec: { groups: [{ name: `serin-${cluster}`, rules }] },
  })
}

/**
 * Inputs of `aws cloudwatch put-metric-alarm --cli-input-json`, one for each condition, for metrics that
 * the CloudWatch agent scrapes (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContainerInsights-Prometheus-Setup-configure.html).
 */
export function cloudWatchAlarms(cluster: string): string {
  return jsonText(CONDITIONS.flatMap((condition) => alarmOf(condition, cluster)))
}

function alarmOf({ name, alarm, minutes, summary, description }: Condition, cluster: string): readonly object[] {
  if (alarm === undefined) return []
  return [
    {
      AlarmName: `${name}-${cluster}`,
      AlarmDescription: `${summary.replace(/\{\{[^}]*\}\}/g, '…')}. ${description.replace(/\{\{[^}]*\}\}/g, 'CODE')}`,
      Namespace: 'ContainerInsights/Prometheus',
      MetricName: alarm.metric,
      Dimensions: [{ ClusterName: cluster }, alarm.by ?? {}].flatMap((by) => Object.entries(by).map(([Name, Value]) => ({ Name, Value }))),
      Statistic: alarm.statistic,
      Period: 60,
      EvaluationPeriods: Math.max(1, minutes),
      Threshold: alarm.threshold,
      ComparisonOperator: alarm.comparison,
      TreatMissingData: alarm.missing,
    },
  ]
}
