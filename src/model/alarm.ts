/** A CloudWatch alarm of any kind: on a metric, a log query, or other alarms. */
export interface Alarm {
  readonly AlarmName?: string
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly StateValue?: string
  readonly StateReason?: string
  readonly StateUpdatedTimestamp?: string
  /** Why its state may not be what the metric says now, such as EVALUATION_ERROR. */
  readonly EvaluationState?: string
}
