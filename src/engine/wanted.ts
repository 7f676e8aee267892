import { onlyLogCanProve } from '../catalog/gates/judging/ipam-log.ts'
import { GATES } from '../catalog/gates/registry.ts'
import type { Instant } from '../model/instant.ts'
import { type Batch, groupsOfStep, type Itinerary } from '../model/itinerary.ts'
import type { NodeFacts, Seen } from '../model/seen.ts'
import { takeBatchBaseline } from '../rollout/baseline.ts'
import { contextOf } from '../rollout/context.ts'
import type { RunState, StepState } from '../rollout/state.ts'
import { curesOf, subjectsOf } from '../rollout/subjects.ts'
import type { Wanted } from './observe.ts'

/** Logs are read for this many nodes at a time, those not read yet first, then the longest ago. */
const MOST_LOGS = 20

/** What the next picture has to look at beyond the caches: what is in flight, and logs that a gate needs. */
export function wantedOf(itinerary: Itinerary, state: RunState, last: Seen | undefined): Wanted {
  const batches = [...itinerary.batches, ...(state.back?.batches ?? []), ...curesOf(state)]
  const steps = batches.flatMap((batch) => batch.steps.map((step) => ({ batch, step, state: state.batches[batch.id]?.steps[step.id] })))
  const current = contextOf({ itinerary, state, seen: last ?? EMPTY, now: 0, requests: [] }).batch
  // At the end all that the run touched is looked at once more, for what it may have left behind.
  const moving = steps.filter(
    (entry) => isMoving(entry.state) || entry.batch.id === current?.id || (current === undefined && entry.state?.acted === true),
  )
  return {
    groups: unique(moving.flatMap(({ step }) => groupsOfStep(step))),
    addons: unique(moving.flatMap(({ step }) => (step.kind === 'addon-update' ? [step.addon] : []))),
    controlPlane: moving.some(({ step }) => step.kind === 'control-plane-update'),
    updates: steps.flatMap(({ step, state: known }) => {
      if (known?.updateId === undefined || !isMoving(known)) return []
      return [
        {
          id: known.updateId,
          ...(step.kind === 'addon-update' ? { addon: step.addon } : 'group' in step ? { nodegroup: step.group } : {}),
        },
      ]
    }),
    subnets: (current?.gates ?? []).some(({ kind }) => READS_SUBNETS.has(kind)),
    questions: (current?.gates ?? []).flatMap(({ kind, options }) => QUESTIONS.get(kind)?.(options) ?? []),
    metricsOf: last === undefined || current === undefined ? [] : metricsWanted(itinerary, state, current, last),
    logsOf: last === undefined || current === undefined ? [] : nodesToRead(itinerary, state, current, last),
  }
}

const QUESTIONS = new Map(GATES.flatMap(({ kind, questions }) => (questions === undefined ? [] : [[kind, questions] as const])))

const METRICS = new Map(GATES.flatMap(({ kind, metricsOf }) => (metricsOf === undefined ? [] : [[kind, metricsOf] as const])))

const READS_SUBNETS = new Set(GATES.flatMap(({ kind, readsSubnets }) => (readsSubnets === true ? [kind] : [])))

const EMPTY: Seen = {
  now: 0,
  groups: {},
  otherNodes: [],
  addons: {},
  updates: {},
  workloads: [],
  budgets: [],
  plainReadAt: 0,
  lease: 'unknown',
  unavailable: [],
  throttled: 0,
}

function isMoving(step: StepState | undefined): boolean {
  return step?.acceptedAt !== undefined && step.doneAt === undefined && step.failure === undefined
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

/** Subject nodes of which only the log of aws-node can tell that ipamd answers. */
function nodesToRead(itinerary: Itinerary, state: RunState, batch: Batch, last: Seen): readonly string[] {
  const baseline = state.batches[batch.id]?.baseline
  if (baseline === undefined || !batch.gates.some(({ kind }) => kind === 'ipam')) return []
  const { subjects } = subjectsOf(batch, itinerary, state, last, baseline)
  return subjects
    .filter(onlyLogCanProve)
    .toSorted((a, b) => logReadAt(a) - logReadAt(b))
    .slice(0, MOST_LOGS)
    .map((node) => node.name)
}

/** Before a batch has begun every node is as it was. */
function metricsWanted(itinerary: Itinerary, state: RunState, batch: Batch, last: Seen): readonly string[] {
  const asking = batch.gates.flatMap(({ kind }) => METRICS.get(kind) ?? [])
  if (asking.length === 0) return []
  const baseline = state.batches[batch.id]?.baseline ?? takeBatchBaseline(last)
  const nodes = subjectsOf(batch, itinerary, state, last, baseline)
  return unique(asking.flatMap((metricsOf) => metricsOf(nodes).map(({ name }) => name)))
}

function logReadAt({ awsNode }: NodeFacts): Instant {
  const log = awsNode?.log
  return log !== undefined && 'readAt' in log ? log.readAt : 0
}
