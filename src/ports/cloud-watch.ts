import type { Alarm } from '../model/alarm.ts'

/** Amazon CloudWatch, of which only alarms are read. */
export interface CloudWatch {
  /** Those of the names that there are, in no order; never asked about no name, which would mean all. */
  alarms(names: readonly string[]): Promise<readonly Alarm[]>
}
