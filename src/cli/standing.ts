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

/** `lena@host/12 drives it since 2026-11-23T10:00:00.000Z`, or that nobody does. */
export function driverText(holder: LeaseHolder | undefined): string {
  if (!holder) return 'nobody drives it now'
  return `${holder.identity} drives it${holder.since === undefined ? '' : ` since ${iso(holder.since)}`}`
}
