import { formatDuration, type Instant, type Millis } from '../model/instant.ts'
import { type Batch, type Itinerary, replacesNodes, type Step } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { BatchState, RunState } from '../rollout/state.ts'
import { listed } from './layout.ts'

/** Where a run stands, in words: what the live view and the plain lines share. */

/** `spot 2 of 4 nodes`, `vpc-cni on 12 of 20 nodes`, or undefined when there is nothing to count. */
export function stepProgress(step: Step, batch: BatchState | undefined, seen: Seen): string | undefined {
  if (step.kind === 'addon-update') return addonProgress(step.addon, seen)
  if (!replacesNodes(step)) return undefined
  const before = Object.values(batch?.baseline?.nodes ?? {}).filter((node) => node.group === step.group)
  const known = new Set(Object.keys(batch?.baseline?.nodes ?? {}))
  const renewed = (seen.groups[step.group]?.nodes ?? []).filter((node) => !known.has(node.name) && node.ready === 'True' && !node.deleting)
  const all = Math.max(before.length, step.nodes)
  return `${step.group} ${Math.min(renewed.length, all)} of ${all} nodes`
}

function addonProgress(addon: string, seen: Seen): string | undefined {
  if (addon !== 'vpc-cni' || !seen.awsNode) return undefined
  return `${addon} on ${Math.min(seen.awsNode.updated, seen.awsNode.available)} of ${seen.awsNode.desired} nodes`
}

/** Each gate with its verdict and, while it does not pass, the reason it waits. */
export function gateLines(
  batch: BatchState | undefined,
): readonly { readonly gate: string; readonly verdict: string; readonly reason: string }[] {
  return Object.entries(batch?.gates ?? {}).map(([gate, judgement]) => ({ gate, verdict: judgement.verdict, reason: judgement.reason }))
}

/** Batches of the run in order, those of the way back last. */
function batchesOf(itinerary: Itinerary, state: RunState | undefined): readonly Batch[] {
  return [...itinerary.batches, ...(state?.back?.batches ?? [])]
}

export function runningBatches(itinerary: Itinerary, state: RunState | undefined): readonly Batch[] {
  return batchesOf(itinerary, state).filter((batch) => state?.batches[batch.id]?.status === 'running')
}

/** Time a batch is expected to take, its soak included. */
export function expectedOf(batch: Batch): Millis {
  return Math.max(0, ...batch.steps.map((step) => step.forecast.expected)) + batch.soak
}

/** What is left by the forecast; waits for people and windows are not in it. */
function remainingOf(itinerary: Itinerary, state: RunState | undefined, now: Instant): Millis {
  const batches = state?.back ? state.back.batches : itinerary.batches
  return batches.reduce((sum, batch) => sum + remainingOfBatch(batch, state?.batches[batch.id], now), 0)
}

function remainingOfBatch(batch: Batch, state: BatchState | undefined, now: Instant): Millis {
  if (state?.status === 'passed' || state?.status === 'accepted' || state?.status === 'failed') return 0
  const spent = state?.startedAt === undefined ? 0 : now - state.startedAt
  return Math.max(0, expectedOf(batch) - spent)
}

/** `elapsed 12m, about 2h05m left`. */
export function clockLine(itinerary: Itinerary, state: RunState | undefined, now: Instant): string {
  const elapsed = state ? `elapsed ${formatDuration(now - state.openedAt)}, ` : ''
  return `${elapsed}about ${formatDuration(remainingOf(itinerary, state, now))} left`
}

/** One line that says where the run stands and what it waits for: the heartbeat. */
export function heartbeatLine(itinerary: Itinerary, seen: Seen, state: RunState | undefined, waitingFor?: string): string {
  const running = runningBatches(itinerary, state)
  const parts = running.flatMap((batch) => batchParts(batch, state?.batches[batch.id], seen))
  const waits = waitingFor === undefined ? [] : [waitingLine(waitingFor)]
  const said = [...parts, ...waits]
  const what = said.length > 0 ? said.join('; ') : 'nothing is in flight'
  return `${what}; ${clockLine(itinerary, state, seen.now)}`
}

/** `waiting: nodes-ready: 4 of 6 nodes have the target`. */
export function waitingLine(waitingFor: string): string {
  return `waiting: ${waitingFor.replace(/\.$/, '')}`
}

function batchParts(batch: Batch, state: BatchState | undefined, seen: Seen): readonly string[] {
  const steps = batch.steps.map((step) => stepProgress(step, state, seen)).filter((text) => text !== undefined)
  return [`${batch.title}: ${listed(steps, 6) || 'under way'}`, ...soakPart(batch, state, seen.now)]
}

/** `soak 4m of 15m`, while a soak is on. */
export function soakPart(batch: Batch, state: BatchState | undefined, now: Instant): readonly string[] {
  if (!state || batch.soak === 0) return []
  const passed = state.soak.passed + (state.soak.runningSince === undefined ? 0 : now - state.soak.runningSince)
  return passed > 0 ? [`soak ${formatDuration(passed)} of ${formatDuration(batch.soak)}`] : []
}
