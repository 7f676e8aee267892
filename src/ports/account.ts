import type { CallerIdentity, SsmParameter } from '../model/aws.ts'

/** Who we are (STS), and public parameters (SSM). */
export interface Account {
  callerIdentity(): Promise<CallerIdentity>
  /** Undefined when there is no such parameter. */
  parameter(name: string): Promise<SsmParameter | undefined>
}
