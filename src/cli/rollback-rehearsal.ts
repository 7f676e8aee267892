import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyItinerary, type DriveOptions, resumeRun, UNSTOPPABLE } from '../engine/apply.ts'
import type { Ending } from '../engine/session.ts'
import { EXIT } from '../errors/catalogue.ts'
import type { RunEvent } from '../journal/event.ts'
import { MINUTE, type Millis } from '../model/instant.ts'
import { type Batch, type Itinerary, movesVersions, replacesNodes, type Step } from '../model/itinerary.ts'
import { autoScalingNameOf } from '../model/self-managed.ts'
import type { LoadedPlan } from '../plan/load.ts'
import type { RunRequest } from '../ports/run-record.ts'
import type { RehearsedRollback, UntriedRollback } from '../report/rollback-text.ts'
import { notAsBefore } from '../rollout/as-it-was.ts'
import type { OpenWorldOptions } from '../sandbox/world/open.ts'
import type { Session } from './command.ts'
import { capture } from './connection.ts'
import { planOn } from './planning.ts'
import { approvalFor, openRehearsal, type Rehearsal } from './rehearsal.ts'

/** Whoever rehearses is not in the simulated cluster, wherever the process itself runs. */
const NOWHERE = { env: {} }

/**
 * Fails every step of a plan once, each on a simulated cluster of its own, takes everything back, and compares what came out
 * with what was there before. Where a fault can be put under the very step, that is how it fails; elsewhere the step is done
 * and a person asks for the way back.
 */
export async function rehearseRollbacks(
  session: Session,
  loaded: LoadedPlan,
  world: OpenWorldOptions,
  batches: readonly Batch[],
): Promise<readonly (RehearsedRollback | UntriedRollback)[]> {
  const rehearsed: (RehearsedRollback | UntriedRollback)[] = []
  for (const batch of batches) {
    const moving = batch.steps.filter(movesVersions)
    const untried = moving.length > 0 ? undefined : whyUntried(batch)
    if (untried !== undefined) rehearsed.push({ batch: batch.id, title: batch.title, untried })
    for (const step of moving) {
      const one = await rehearseOne(session, loaded, world, batch, step)
      rehearsed.push(one)
      session.stderr.write(`${one.title}: ${one.exit}\n`)
    }
  }
  return rehearsed
}

/** What is not made to fail: steps that change nothing, and those after which nothing leads back. Restored sizes go without saying. */
function whyUntried({ steps }: Batch): string | undefined {
  const gone = steps.find(({ wayBack }) => wayBack.exists === 'none')
  if (gone !== undefined) return `no way back: ${gone.wayBack.how}`
  return steps.some(({ kind }) => kind === 'observe-nodes') ? 'nothing is changed, so nothing is taken back' : undefined
}

async function rehearseOne(
  session: Session,
  loaded: LoadedPlan,
  world: OpenWorldOptions,
  batch: Batch,
  step: Step,
): Promise<RehearsedRollback> {
  const fault = faultFor(step, batch)
  const scenarios = fault === undefined ? [] : [{ name: 'fails-once', text: scenarioText(fault.text) }]
  const later = fault?.later ?? []
  const { name: cluster, region } = loaded.plan.cluster
  const home = mkdtempSync(join(tmpdir(), 'serin-rollback-'))
  const quiet: Session = { ...session, env: { ...session.env, SERIN_HOME: home }, stderr: SILENT }
  try {
    const rehearsal = await openRehearsal(quiet, { cluster, region }, { ...world, scenarios, later })
    const start = await capture(NOWHERE, await rehearsal.connect(), cluster, { plan: loaded.plan })
    const { itinerary } = planOn(loaded, start)
    const { ending, took, failedBy } = await failAndGoBack(rehearsal, withAutomaticBack(itinerary), batch.id)
    const end = await capture(NOWHERE, await rehearsal.connect(), cluster, { plan: loaded.plan })
    const outcome = ending.kind === 'finished' ? ending.outcome : undefined
    return {
      batch: batch.id,
      title: batch.steps.filter(movesVersions).length > 1 && 'group' in step ? `${batch.title}: ${step.group}` : batch.title,
      failedBy,
      exit: outcome?.exit ?? (ending.kind === 'open' ? ending.exit : 'held'),
      summary: outcome?.summary ?? (ending.kind === 'open' ? ending.because : ''),
      exact: outcome?.exit === 'rolledBack' && notAsBefore(start, end).length === 0,
      took,
      differences: notAsBefore(start, end),
      byHand: outcome?.byHand ?? [],
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const SILENT = { write: () => true }

/** Whatever the plan says of who decides: here the way back itself is tried, and a batch that is done waits until somebody asks for it. */
function withAutomaticBack(itinerary: Itinerary): Itinerary {
  const batches = itinerary.batches.map((batch) => ({ ...batch, soak: Math.max(batch.soak, MINUTE) }))
  return {
    ...itinerary,
    batches,
    rollback: { addon: 'last-proven-hop', controlPlane: 'automatic', canary: 'automatic', waves: 'automatic', grace: 0 },
  }
}

interface Fault {
  readonly text: string
  /** The group that it is under, where the run makes it. */
  readonly later?: readonly string[]
}

/** What makes the step fail while the former version goes on to work; undefined where no fault tells the two apart. */
function faultFor(step: Step, { steps }: Batch): Fault | undefined {
  if (step.kind === 'addon-update' && step.addon === 'vpc-cni')
    return { text: `{ fault: addon-crashloop, where: { cniVersion: "${step.after.version}", cniChanged: true } }` }
  if (!replacesNodes(step)) return undefined
  const group = autoScalingNameOf(step.group) ?? step.group
  // Nothing of a new group was there before, so all of it may fail: in its first share, or that would fail in the place of the rest.
  if (step.kind === 'move-workloads')
    return steps.some(({ id }) => id === step.createdBy)
      ? { text: `{ fault: ipam-hang, where: { group: ${group} } }`, later: [group] }
      : undefined
  const { version, imageId } = step.after
  if (version !== undefined && version !== step.before.version)
    return { text: `{ fault: ipam-hang, where: { group: ${group}, kubeletMinor: "${version}" } }` }
  if (imageId !== undefined && imageId !== step.before.imageId)
    return { text: `{ fault: ipam-hang, where: { group: ${group}, image: ${imageId} } }` }
  return undefined
}

function scenarioText(fault: string): string {
  return `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: fails-once, summary: one step fails }\nfaults:\n  - ${fault}\n`
}

async function failAndGoBack(
  rehearsal: Rehearsal,
  itinerary: Itinerary,
  batch: string,
): Promise<{ readonly ending: Ending; readonly took: Millis; readonly failedBy: string }> {
  const events: { readonly at: number; readonly event: RunEvent }[] = []
  const requests: RunRequest[] = []
  const onEvent = ({ at, event }: { readonly at: number; readonly event: RunEvent }): void => {
    events.push({ at, event })
    const isDone = event.type === 'soak-clock' && event.batch === batch && requests.length === 0
    if (isDone) requests.push({ id: 'rehearsal/done', kind: 'rollback', by: 'rehearsal', at, reason: 'the way back is rehearsed' })
  }
  const options: DriveOptions = { by: rehearsal.identity, listeners: [{ onEvent, onTick: () => undefined }], stop: UNSTOPPABLE, requests }
  let ending = await applyItinerary(await rehearsal.connect(), itinerary, options)
  for (let next = doorFor(ending, itinerary); next !== undefined; next = doorFor(ending, itinerary))
    ending = await resumeRun(await rehearsal.connect(), ending.state.run, { ...options, requests: [...requests, next] })
  const begun = events.find(({ event }) => event.type === 'rollback-started')
  const failed = events.find(({ event }) => event.type === 'batch-failed' || event.type === 'step-failed')?.event
  const took = begun === undefined ? 0 : (events.at(-1)?.at ?? begun.at) - begun.at
  const cause = failed !== undefined && 'failure' in failed ? failed.failure?.cause : undefined
  return { ending, took, failedBy: cause ?? 'nothing: taken back when it was done' }
}

/** Approvals are given; a run that stops or holds is asked to go back, once. */
function doorFor(ending: Ending, itinerary: Itinerary): RunRequest | undefined {
  if (ending.kind === 'finished') return undefined
  const yes = approvalFor(ending, itinerary)
  if (yes !== undefined) return yes
  if (ending.state.back !== undefined) return undefined
  const at = ending.state.hold?.at ?? ending.state.openedAt
  return { id: 'rehearsal/rollback', kind: 'rollback', by: 'rehearsal', at, reason: 'the way back is rehearsed' }
}

/** 0 when everything came back exactly, else 21: a person would have been needed. */
export function rollbacksExit(rehearsed: readonly (RehearsedRollback | UntriedRollback)[]): number {
  return rehearsed.every((one) => 'untried' in one || one.exact) ? EXIT.ok : EXIT.rollbackFailed
}
