import type { z } from 'zod'
import type { Finding } from '../../model/finding.ts'
import type { Instant } from '../../model/instant.ts'
import type { Intent } from '../../model/intent.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'

/** What every check looks at: one snapshot, the plan, what the plan means on this cluster, and the time. */
export interface CheckInput<Options = Record<string, never>> {
  readonly snapshot: ClusterSnapshot
  readonly plan: UpgradePlan
  readonly intent: Intent
  readonly now: Instant
  readonly options: Options
}

/** One statement of a check; the evaluation adds code, waiver and, where it is missing, the check's own remedy. */
export type CheckFinding = Omit<Finding, 'code' | 'waivedBy' | 'wouldBlock'>

export interface CheckDefinition<Options = Record<string, never>> {
  /** Stable, public: `SUBNET_ADDRESSES`. */
  readonly code: string
  /** What is true when it passes. */
  readonly title: string
  /** The worst it can say. A check that cannot block never makes a run inconclusive. */
  readonly severity: 'block' | 'warn'
  /** False for identity and the like: no waiver takes it away. */
  readonly waivable: boolean
  /** Parts of the snapshot without which it says unknown, as named in `unavailable` (`ec2:DescribeSubnets`, `kubernetes:pods`). */
  readonly needs: readonly string[]
  readonly options?: z.ZodType<Options>
  /** Why there is nothing to judge here, asked before `needs`: a plan without add-ons needs no schemas. It then passes with this reason. */
  readonly notApplicable?: (input: CheckInput<Options>) => string | undefined
  /** The production failure it prevents, in a sentence or two, for `serin explain` and docs/checks.md. */
  readonly prevents: string
  readonly remedy: string
  readonly source: string
  /** Says what it found: any of block, warn, unknown, or one pass. Pure. */
  readonly evaluate: (input: CheckInput<Options>) => readonly CheckFinding[]
}
