import { formatDuration, type Instant, iso } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { RunState } from '../rollout/state.ts'

/**
 * Until when a control plane that the run has moved can be taken back, and by what: `serin rollback` while the run is open, the call
 * of EKS afterwards. Nothing once it is back.
 * @param now where it is known: then also how long that still is.
 */
export function deadlineLines({ batches, cluster }: Itinerary, state: RunState, now?: Instant): readonly string[] {
  const steps = batches.flatMap(({ id, steps: own }) =>
    own.map((step) => ({ step, until: state.batches[id]?.steps[step.id]?.wayBackUntil })),
  )
  return steps.flatMap(({ step, until }) => {
    const isBack = state.batches[`back/${step.id}`]?.status === 'passed'
    if (step.kind !== 'control-plane-update' || until === undefined || isBack) return []
    if (now !== undefined && now >= until)
      return [`The control plane cannot go back to ${step.before} any more: EKS took it back until ${iso(until)}.`]
    const left = now === undefined ? '' : `, for ${formatDuration(until - now)} more`
    const call = `aws eks update-cluster-version --name ${cluster.name} --region ${cluster.region} --kubernetes-version ${step.before}`
    const how =
      state.outcome === undefined
        ? `\`serin rollback ${state.run}\` does it`
        : `\`${call}\` does it, once no node is newer than ${step.before}`
    return [`The control plane can go back to ${step.before} until ${iso(until)}${left}: ${how}.`]
  })
}
