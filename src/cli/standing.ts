import { windowAt } from '../forecast/window.ts'
import { formatDuration, type Instant, iso, MINUTE } from '../model/instant.ts'
import { type Batch, type Itinerary, replacesNodes } from '../model/itinerary.ts'
import type { LeaseHolder } from '../ports/lease.ts'
import type { RunRecord } from '../ports/run-record.ts'
import { deadlineLines } from '../report/deadlines.ts'
import { listed } from '../report/layout.ts'
import { clockLine, expectedOf, runningBatches } from '../report/progress.ts'
import type { RunState } from '../rollout/state.ts'

/** Where an open run stands, from its record in the cluster. */

/** When a hold takes effect: `It takes effect after group app-b (app 2/2), in about 38m; …`. The driver watches until then. */
export function whenHoldTakesEffect(record: RunRecord, now: Instant): string {
  const itinerary: Itinerary = JSON.parse(record.itinerary)
  const state: RunState = JSON.parse(record.state)
  const moving = runningBatches(itinerary, state).filter((batch) => isMoving(batch, state))
  if (moving.length === 0)
    return "It takes effect at the driver's next look, within a minute: nothing is in flight, and nothing new begins."
  const left = moving.map((batch) => expectedOf(batch) - batch.soak - (now - (state.batches[batch.id]?.startedAt ?? now)))
  const about = formatDuration(Math.max(MINUTE, ...left))
  const after = moving.map(batchText).join(' and ')
  return `It takes effect after ${after}, in about ${about}: nothing new begins, and what EKS works on cannot be stopped, so it is watched to its end.`
}

/** Whether EKS works on a step of the batch. */
function isMoving({ id }: Batch, state: RunState): boolean {
  const steps = Object.values(state.batches[id]?.steps ?? {})
  return steps.some(
    ({ commands, acceptedAt, doneAt, failure }) =>
      (commands.length > 0 || acceptedAt !== undefined) && doneAt === undefined && failure === undefined,
  )
}

/** `group app-b (app 2/2)`, `vpc-cni 1/2`. */
function batchText({ title, steps }: Batch): string {
  const groups = steps.flatMap((step) => (replacesNodes(step) ? [step.group] : []))
  if (groups.length === 0) return title
  return `${groups.length === 1 ? 'group' : 'groups'} ${listed(groups)}${groups.includes(title) ? '' : ` (${title})`}`
}

/** Where an open run stands now: what moves and for how long still, who drives, what was asked, until when the window is open. */
export function standingLines(record: RunRecord, itinerary: Itinerary, holder: LeaseHolder | undefined, now: Instant): readonly string[] {
  if (record.status !== 'open') return [`Run ${record.run} is over.`]
  const state: RunState = JSON.parse(record.state)
  const asked = record.requests.filter(({ id }) => !state.requestsTaken.includes(id))
  return [
    `Now: ${nowText(itinerary, state, now)}`,
    `Driver: ${driverText(holder)}.`,
    ...asked.map(({ kind, by, at }) => `Asked: ${kind}, by ${by}, ${formatDuration(Math.max(0, now - at))} ago; not taken up yet.`),
    ...windowLines(itinerary, now),
    ...deadlineLines(itinerary, state, now),
  ]
}

function nowText(itinerary: Itinerary, state: RunState, now: Instant): string {
  const clock = clockLine(itinerary, state, now)
  if (state.hold) return `held for ${formatDuration(Math.max(0, now - state.hold.at))}; ${clock}.`
  const running = runningBatches(itinerary, state)
  if (running.length === 0) return `between two batches; ${clock}.`
  const said = running.map((batch) => {
    const since = state.batches[batch.id]?.startedAt ?? now
    return `${batchText(batch)} under way for ${formatDuration(Math.max(0, now - since))} of about ${formatDuration(expectedOf(batch))}`
  })
  return `${said.join(', ')}; ${clock}.`
}

function windowLines({ window }: Itinerary, now: Instant): readonly string[] {
  if (window === undefined) return []
  const { open, until, opensAt, because } = windowAt(window, now)
  const at = (instant: Instant | undefined) =>
    instant === undefined ? '' : ` ${iso(instant).slice(0, 16)}Z (${formatDuration(instant - now)})`
  if (open) return [`Window: open${until === undefined ? '' : ` until${at(until)}`}; at its close: ${window.atClose}.`]
  return [`Window: closed, ${because}${opensAt === undefined ? '' : `; it opens${at(opensAt)}`}.`]
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
function driverText(holder: LeaseHolder | undefined): string {
  if (!holder) return 'nobody drives it now'
  return `${holder.identity} drives it${holder.since === undefined ? '' : ` since ${iso(holder.since)}`}`
}
