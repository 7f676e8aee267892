import type { CallerIdentity, Quota, SsmParameter } from '../model/aws.ts'

/** Who we are (STS), public parameters (SSM), and what the account may have (Service Quotas). */
export interface Account {
  callerIdentity(): Promise<CallerIdentity>
  /** Undefined when there is no such parameter. */
  parameter(name: string): Promise<SsmParameter | undefined>
  /** The value in force; undefined when the service has no such quota here. */
  quota(service: string, code: string): Promise<Quota | undefined>
}
