import { formatDuration, type Instant, iso } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { LeaseHolder } from '../ports/lease.ts'
import type { RunRecord } from '../ports/run-record.ts'
import { expectedOf, runningBatches } from '../report/progress.ts'
import type { RunState } from '../rollout/state.ts'

/** Where an open run stands, from its record in the cluster. */

/** `It takes effect after group app-b, about 38m.` */
export function whenHoldTakesEffect(record: RunRecord, now: Instant): string {
  const itinerary: Itinerary = JSON.parse(record.itinerary)
  const state: RunState = JSON.parse(record.state)
  const running = runningBatches(itinerary, state)
  if (running.length === 0) return 'Nothing is in flight: it takes effect at once.'
  const left = running.map((batch) => expectedOf(batch) - batch.soak - (now - (state.batches[batch.id]?.startedAt ?? now)))
  return `It takes effect after ${running.map((batch) => batch.title).join(', ')}, in about ${formatDuration(Math.max(0, ...left))}.`
}

/** Where a run stands when it is taken up again, and what its last driver may still hold. */
export function takenUpText(record: RunRecord, holder: LeaseHolder | undefined): string {
  const itinerary: Itinerary = JSON.parse(record.itinerary)
  const state: RunState = JSON.parse(record.state)
  const batches = state.back?.batches ?? itinerary.batches
  const over = batches.filter(({ id }) => ['passed', 'accepted'].includes(state.batches[id]?.status ?? ''))
  const next = batches.find((batch) => !over.includes(batch))
  const way = state.back === undefined ? '' : ' on the way back'
  const at = next === undefined ? '' : `; ${state.batches[next.id]?.startedAt === undefined ? 'next is' : 'in the middle of'} ${next.title}`
  const stands = `Run ${record.run} of plan ${record.plan}: ${over.length} of ${batches.length} batches${way} are done${at}.`
  if (holder === undefined) return stands
  return `${stands}\nIts Lease is still held by ${holder.identity}. Waiting until it is sure that nobody renews it (half a minute) …`
}

/** `lena@host/12 drives it since 2026-11-23T10:00:00.000Z`, or that nobody does. */
export function driverText(holder: LeaseHolder | undefined): string {
  if (!holder) return 'nobody drives it now'
  return `${holder.identity} drives it${holder.since === undefined ? '' : ` since ${iso(holder.since)}`}`
}
