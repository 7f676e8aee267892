import { diagnose } from '../diagnosis/diagnose.ts'
import { isSerinError } from '../errors/serin-error.ts'
import type { RunEvent } from '../journal/event.ts'
import { type Diagnosis, type DiagnosisReport, notedCauses } from '../model/diagnosis.ts'
import type { Batch, Itinerary } from '../model/itinerary.ts'
import type { GateSpec } from '../model/plan.ts'
import { autoScalingNameOf } from '../model/self-managed.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { batchNow } from '../rollout/context.ts'
import { cureBatches } from '../rollout/cure/batches.ts'
import { chooseCure } from '../rollout/cure/choose.ts'
import { probeCommands } from '../rollout/probing.ts'
import type { RunState } from '../rollout/state.ts'
import { curesOf } from '../rollout/subjects.ts'
import type { LogReader } from './capture/node-logs.ts'
import { captureSnapshot } from './capture.ts'

/** Looks at the cluster for known causes of the failure of the current batch. A cluster that cannot be read delays nothing. */
export async function diagnoseNow(ports: ClusterPorts, itinerary: Itinerary, state: RunState): Promise<RunEvent> {
  const batch = batchNow(itinerary, state)?.id ?? ''
  try {
    const snapshot = await captureSnapshot(ports, itinerary.cluster.name, { logReaders: logReadersOf(batch, state) })
    const report = diagnose(snapshot)
    const answeredAs = answerOf(report, state.batches[batch]?.failure?.nodes ?? [])
    return { type: 'diagnosed', batch, causes: notedCauses(report), ...answeredAs, ...cureOf(itinerary, state, report, snapshot) }
  } catch (error) {
    if (!isSerinError(error)) throw error
    return { type: 'diagnosed', batch, causes: [], unread: error.message }
  }
}

/** The likeliest cause has an answer of its own, where it is certain and explains all that failed. */
function answerOf({ diagnoses: [first] }: DiagnosisReport, failing: readonly string[]): Pick<Diagnosis, 'answeredAs'> {
  const { answeredAs, likelihood, nodes = [] } = first ?? {}
  const explains = likelihood === 'certain' && failing.length > 0 && failing.every((node) => nodes.includes(node))
  return answeredAs !== undefined && explains ? { answeredAs } : {}
}

/** The pods that were made to read ipamd.log of failing nodes, with what they told. */
function logReadersOf(batch: string, state: RunState): readonly LogReader[] {
  const { epoch = 0, probes = {} } = state.batches[batch] ?? {}
  return probeCommands(batch, state.batches[batch]).flatMap(({ command: { action } }) => {
    if (action.kind !== 'create-probe' || action.probe.role !== 'log-reader' || action.probe.epoch !== epoch) return []
    const report = probes[action.probe.name]
    return [{ spec: action.probe, ...(report && { report }) }]
  })
}

/**
 * What the plan lets this run cure by itself. All or nothing: where a bound leaves failing nodes over, the batch counts as
 * failed, and what a cure touched before counts against the bound too.
 */
function cureOf(
  itinerary: Itinerary,
  state: RunState,
  report: DiagnosisReport,
  snapshot: ClusterSnapshot,
): { readonly cure?: readonly Batch[]; readonly uncured?: string } {
  const batch = itinerary.batches.find(({ id }) => id === batchNow(itinerary, state)?.id)
  const policy = itinerary.source.plan.remediation
  if (batch === undefined || policy === undefined || state.back !== undefined) return {}
  const judged = Object.entries(state.batches[batch.id]?.gates ?? {})
  if (!judged.some(([gate, { verdict }]) => verdict === 'fail' && policy.onFailureOf.includes(gate))) return {}
  const before = state.cures?.[batch.id]?.batches ?? []
  const rotated = curesOf(state).flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'rotate-node'))
  const scope = new Set(batch.steps.flatMap((step) => ('group' in step ? [step.group] : [])))
  const cure = chooseCure(report, snapshot, policy, { replaced: rotated.length, ...(scope.size > 0 && { scope }) })
  const [first] = cure.first
  if (first !== undefined) return { uncured: `${first.code}, ${first.because}` }
  const [kept] = cure.left
  if (kept !== undefined) return { uncured: `${kept.what}: ${kept.because}` }
  // A self-managed group that the plan does not name is not watched by this run.
  const named = new Set(itinerary.source.intent.groups.map(({ name }) => name))
  if (cure.rotations.some(({ group }) => autoScalingNameOf(group) !== undefined && !named.has(group)))
    return { uncured: 'it is on nodes of a self-managed group that the plan does not name' }
  const prefix = `cure/${batch.id}/${before.length + 1}`
  const chosen = cureBatches({ ...cure, leftovers: { groups: [], nodes: [] } }, policy, nodeGates(itinerary), prefix, batch.phase)
  return chosen.length === 0 ? {} : { cure: chosen }
}

/** A new node is judged by the gates of nodes, also where an add-on failed. */
function nodeGates({ source: { plan } }: Itinerary): readonly GateSpec[] {
  return (plan.canary ?? plan.waves[0])?.gates ?? []
}
