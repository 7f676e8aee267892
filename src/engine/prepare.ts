import type { PreflightResult } from '../model/finding.ts'
import { instantOf } from '../model/instant.ts'
import type { Intent } from '../model/intent.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { UpgradePlan } from '../model/plan.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { resolveIntent } from '../plan/resolve.ts'
import { evaluatePreflight } from '../preflight/evaluate.ts'
import { compile } from '../rollout/compile.ts'

/** A plan on a snapshot: what it means, whether it may go, and its steps. */
export interface Prepared {
  readonly snapshot: ClusterSnapshot
  readonly intent: Intent
  readonly preflight: PreflightResult
  readonly itinerary: Itinerary
}

/** Resolves, checks and compiles a plan on a snapshot. Pure, so it works from files with no cluster at hand. */
export function prepare(plan: UpgradePlan, snapshot: ClusterSnapshot): Prepared {
  const intent = resolveIntent(plan, snapshot)
  const now = instantOf(snapshot.capturedAt) ?? 0
  return {
    snapshot,
    intent,
    preflight: evaluatePreflight({ snapshot, plan, intent, now }),
    itinerary: compile(plan, intent, snapshot),
  }
}
