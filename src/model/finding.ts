import type { Waiver } from './plan.ts'
import type { Evidence } from './verdict.ts'

export type FindingVerdict = 'pass' | 'warn' | 'block' | 'unknown'

/** What one check says about one subject. A check that finds nothing wrong says `pass` once, with what it looked at. */
export interface Finding {
  /** Stable code of the check, `PDB_ALLOWS_NONE`. */
  readonly code: string
  readonly verdict: FindingVerdict
  /** `NodeGroup/app-a`, `PodDisruptionBudget/shop/db`, `Cluster/shop`. */
  readonly subject: string
  readonly message: string
  /** What to do about it, with the command to type where there is one. */
  readonly remedy?: string
  readonly evidence?: readonly Evidence[]
  /** An unknown finding stops the run (exit 11) only where its check may block. */
  readonly wouldBlock?: boolean
  readonly waivedBy?: Waiver
}

/** All findings of one evaluation, with what follows from them. */
export interface PreflightResult {
  readonly evaluatedAt: string
  readonly findings: readonly Finding[]
  /** Blocked: exit 10. Inconclusive: nothing blocks, but a blocking check could not see (exit 11). */
  readonly verdict: 'clear' | 'blocked' | 'inconclusive'
  /** Set where only what changed against an earlier result is told: what else there was, and how much is as it was. */
  readonly since?: { readonly evaluatedAt: string; readonly same: number; readonly gone: readonly Finding[] }
}
