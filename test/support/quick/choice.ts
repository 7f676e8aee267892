import type { Millis } from '../../../src/model/instant.ts'

/** Everything that a run in a quick cluster depends on. */
export interface QuickChoice {
  readonly seed: number
  /** Groups of the plan. Beside them stand one of each kind that the plan leaves out, and one that is watched. */
  readonly groups: readonly GroupChoice[]
  readonly workloads: readonly WorkloadChoice[]
  readonly plan: PlanChoice
  /** What becomes of nodes that the run launches from the new version. */
  readonly fate: { readonly kind: Fate; readonly share: number }
  /** Share of calls whose answer is lost, half of them with their effect. */
  readonly lost: number
  readonly others: readonly OtherChoice[]
  readonly deaths: readonly Death[]
  /** What the person on call does about a run that holds for another reason than an approval. */
  readonly person: 'resumes' | 'leaves' | 'rolls-back' | 'abandons'
}

export type Fate = 'well' | 'hangs' | 'silent' | 'never-joins'

export interface GroupChoice {
  readonly kind: 'managed' | 'self' | 'managed-replaced' | 'self-replaced'
  readonly nodes: number
  readonly spare: number
  readonly zones: number
  readonly maxUnavailable: number
  readonly surge: number
  readonly minimal: boolean
  readonly zoneByZone: boolean
  /** AZRebalance was suspended before the run. */
  readonly suspended: boolean
  readonly protectsNew: boolean
  /** What its first node was before the run. */
  readonly first: 'plain' | 'cordoned' | 'tainted' | 'kept' | 'excluded' | 'protected'
}

export interface WorkloadChoice {
  readonly pods: number
  /** How many of them may be missing; none: no budget guards them. */
  readonly budget?: number
  readonly grace: Millis
  /** The group of the plan whose nodes alone it runs on, and those of the one that takes over. */
  readonly home?: number
}

export interface PlanChoice {
  readonly canary: boolean
  readonly batch: number | 'growing'
  readonly gated: boolean
  readonly soak: Millis
  readonly approval: boolean
  /** Whether somebody agrees to the deletion of groups that have been replaced. */
  readonly consents: boolean
  readonly share: number
  readonly blocked: 'hold' | 'skip' | 'force'
  readonly rollback: {
    readonly canary: 'automatic' | 'hold'
    readonly waves: 'hold' | 'failed-batch' | 'automatic'
    readonly grace: Millis
  }
}

/** What happens meanwhile that is none of the run's doing. `nth` chooses among what it can happen to. */
export interface OtherChoice {
  readonly at: Millis
  readonly nth: number
  readonly does:
    | 'grow'
    | 'cordon'
    | 'uncordon'
    | 'taint'
    | 'not-ready'
    | 'freeze-budgets'
    | 'no-capacity'
    | 'throttle'
    | 'blind'
    | 'api-away'
    | 'all-fail'
    | 'hold'
    | 'rollback'
    | 'abandon'
}

/** A driver ends before or after so many effects of its own; another one goes on, here or where only the record in the cluster is known. */
export interface Death {
  readonly nth: number
  readonly moment: 'before' | 'after'
  readonly elsewhere: boolean
  readonly pause: Millis
}

/** A group that the plan leaves out, of each kind; the pool that it watches. */
export const STILL = 'still'
export const APART = 'asg:apart'
export const POOL = 'hybrid:floor'

export function groupName({ kind }: GroupChoice, index: number): string {
  return kind.startsWith('self') ? `asg:app-${index + 1}` : `app-${index + 1}`
}
