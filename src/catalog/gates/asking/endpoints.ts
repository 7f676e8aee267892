import { type ReachableQuestion, sourceOf } from '../../../model/outside.ts'
import type { UpgradePlan } from '../../../model/plan.ts'
import { http } from '../http.ts'
import { gatesOf } from '../named.ts'
import { prometheus } from '../prometheus.ts'
import { GATES } from '../registry.ts'

/** Somebody outside whom a gate of a plan is going to ask. */
export interface Endpoint {
  readonly question: ReachableQuestion
  /** `prometheus` */
  readonly gate: string
  /** Only measured: it is never in the way of the run. */
  readonly measured: boolean
}

/** Whom the gates of a plan ask by an address, each once. Commands are not among them: a plan that is only read runs nothing. */
export function endpointsOf(plan: UpgradePlan): readonly Endpoint[] {
  const found = [prometheus.kind, http.kind].flatMap((kind) =>
    gatesOf(plan, kind).flatMap(({ options }) =>
      (GATES.find((gate) => gate.kind === kind)?.questions?.(options) ?? []).flatMap((question): Endpoint[] =>
        question.kind === 'prometheus' || question.kind === 'http'
          ? [{ question, gate: kind, measured: (options as { dryRun?: boolean }).dryRun === true }]
          : [],
      ),
    ),
  )
  // Whoever is only measured comes first, so that the gate that counts stays.
  const sorted = found.toSorted((a, b) => Number(b.measured) - Number(a.measured))
  return [...new Map(sorted.map((each) => [sourceOf(each.question), each])).values()]
}
