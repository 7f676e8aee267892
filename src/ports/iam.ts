import type { PolicyEvaluation, PolicyStatement } from '../model/iam.ts'

/** AWS IAM, read only. */
export interface Iam {
  /** Undefined when IAM knows no role of that name. */
  role(name: string): Promise<{ readonly arn: string; readonly trustedServices: readonly string[] } | undefined>
  /** Statements of all policies of a role, attached and inline. */
  statementsOf(role: string): Promise<readonly PolicyStatement[]>
  simulate(question: Simulation): Promise<readonly PolicyEvaluation[]>
}

export interface Simulation {
  /** A role or user; an assumed role is none. */
  readonly principal: string
  readonly actions: readonly string[]
  /** ARNs; all resources without. */
  readonly resources?: readonly string[]
  /** Values of the condition keys that policies may ask for. */
  readonly context?: Readonly<Record<string, string>>
}
