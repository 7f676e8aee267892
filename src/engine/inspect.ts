import type { RunEvent } from '../journal/event.ts'
import { instantOf } from '../model/instant.ts'
import type { Intent } from '../model/intent.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { evaluatePreflight } from '../preflight/evaluate.ts'
import type { RunState } from '../rollout/state.ts'
import { namedBy } from './capture/named-by-plan.ts'
import { captureSnapshot } from './capture.ts'

/**
 * Pre-flight once more, on a fresh snapshot, for what is still to be done. The bits stay those of the itinerary.
 * `mayPass`: it is inconclusive for evidence that a later look may bring.
 */
export async function inspectAgain(
  ports: ClusterPorts,
  itinerary: Itinerary,
  state: RunState,
  takenFrom: ClusterSnapshot['takenFrom'],
): Promise<{ readonly event: RunEvent; readonly mayPass: boolean }> {
  const versions = itinerary.source.intent.addons.map(({ name, baseline, hops }) => [name, [baseline.version, ...hops]])
  const snapshot = await captureSnapshot(ports, itinerary.cluster.name, {
    ...namedBy(itinerary.source.plan),
    addonTargets: Object.fromEntries(versions),
    takenFrom,
  })
  const now = instantOf(snapshot.capturedAt) ?? ports.clock.now()
  const result = evaluatePreflight({ snapshot, plan: itinerary.source.plan, intent: remainingIntent(itinerary, state), now })
  const stops = result.findings.filter(
    (finding) => !finding.waivedBy && (finding.verdict === 'block' || (finding.verdict === 'unknown' && finding.wouldBlock === true)),
  )
  const event: RunEvent = {
    type: 'preflight-evaluated',
    verdict: result.verdict,
    stopping: stops.map(({ code, subject, message }) => ({ code, subject, message })),
    warnings: result.findings.filter(({ verdict }) => verdict === 'warn').length,
  }
  return { event, mayPass: result.verdict === 'inconclusive' && (snapshot.unavailable ?? []).some((gap) => gap.mayPass === true) }
}

/** The intent without what has been done: hops passed, groups moved. */
export function remainingIntent(itinerary: Itinerary, state: RunState): Intent {
  const { intent } = itinerary.source
  const done = new Set(
    itinerary.batches
      .filter(({ id }) => state.batches[id]?.status === 'passed' || state.batches[id]?.status === 'accepted')
      .flatMap((batch) =>
        batch.steps.map((step) =>
          'group' in step ? `group/${step.group}` : step.kind === 'addon-update' ? `hop/${step.addon}/${step.after.version}` : '',
        ),
      ),
  )
  return {
    ...intent,
    addons: intent.addons.map((addon) => {
      const passed = addon.hops.filter((hop) => done.has(`hop/${addon.name}/${hop}`))
      const at = passed.at(-1)
      return {
        ...addon,
        hops: addon.hops.filter((hop) => !passed.includes(hop)),
        ...(at !== undefined && { baseline: { ...addon.baseline, version: at } }),
      }
    }),
    groups: intent.groups.map((group) =>
      done.has(`group/${group.name}`) ? { ...group, changes: false, unchangedBecause: 'done by this run' } : group,
    ),
  }
}
