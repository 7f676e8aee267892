import type { CallerIdentity, Credentials, Quota, SsmParameter } from '../model/aws.ts'

/** Who we are (STS), public parameters (SSM), and what the account may have (Service Quotas). */
export interface Account {
  callerIdentity(): Promise<CallerIdentity>
  /** How long the credentials last, and nothing of themselves. */
  credentials(): Promise<Credentials>
  /** How far AWS's clock is ahead of ours, in milliseconds; less than five minutes count as nothing. Known once AWS has answered. */
  clockOffset(): number
  /** Undefined when there is no such parameter. */
  parameter(name: string): Promise<SsmParameter | undefined>
  /** The value in force; undefined when the service has no such quota here. */
  quota(service: string, code: string): Promise<Quota | undefined>
}
