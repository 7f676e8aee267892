import type { BatchBaseline } from '../catalog/gates/definition.ts'
import type { RunEvent } from '../journal/event.ts'
import type { Command, CommandResult } from '../model/command.ts'
import type { Instant } from '../model/instant.ts'
import type { Batch } from '../model/itinerary.ts'
import { anotherTry, isDriven, isUnbegun, remember, skipping } from './remembering.ts'
import { type BatchState, type RunState, type StepState, UNTOUCHED, updatesOf, WAITING } from './state.ts'

type On<T extends RunEvent['type']> = (state: RunState, event: Extract<RunEvent, { type: T }>, at: Instant) => RunState

/** What each kind of event makes true, except the opening. */
const CHANGES: { readonly [T in Exclude<RunEvent['type'], 'run-opened'>]: On<T> } = {
  'run-resumed': (state, _event, at) => ({ ...state, preflight: undefined, drivenSince: at }),
  'lease-taken': (state, event) => ({ ...state, drivers: [...(state.drivers ?? []), `${event.transitions} ${event.identity}`] }),
  'preflight-evaluated': (state, event, at) => ({ ...state, preflight: { at, verdict: event.verdict, stopping: event.stopping } }),
  'approval-requested': (state, event, at) => onBatch(state, event.batch, (batch) => ({ ...batch, approvalRequestedAt: at })),
  'approval-given': (state, event, at) =>
    onBatch(state, event.batch, (batch) => ({ ...batch, approval: { by: event.by, at, ...(event.reason && { reason: event.reason }) } })),
  'batch-started': (state, event, at) =>
    onBatch(state, event.batch, (batch) => ({ ...batch, startedAt: at, baseline: event.baseline, status: 'running' })),
  'command-intended': (state, event, at) => intend(state, event.command, at),
  'command-answered': (state, event, at) => answer(state, event.command, event.result, at),
  'step-done': (state, event, at) => onStep(state, event.step, (step) => ({ ...step, doneAt: at })),
  'node-skipped': (state, event) =>
    onStep(state, event.step, (step) => ({ ...step, memory: skipping(step.memory, event.node, event.because) })),
  'way-back-until': (state, event) => onStep(state, event.step, (step) => ({ ...step, wayBackUntil: event.until })),
  'step-failed': (state, event) => onStep(state, event.step, (step) => ({ ...step, failure: event.failure })),
  'gate-judged': (state, event, at) =>
    onBatch(state, event.batch, (batch) => ({
      ...batch,
      gates: { ...batch.gates, [event.gate]: { ...event.judgement, since: sinceOf(batch.gates[event.gate], event.judgement.verdict, at) } },
    })),
  'soak-clock': (state, event, at) =>
    onBatch(state, event.batch, (batch) => ({ ...batch, soak: { passed: event.passed, ...(event.running && { runningSince: at }) } })),
  'probe-reported': (state, event) =>
    onBatch(state, event.batch, (batch) => ({ ...batch, probes: { ...batch.probes, [event.probe]: event.report } })),
  'batch-passed': (state, event) => {
    const next = onBatch(state, event.batch, passedBatch)
    return { ...next, preflight: undefined, waits: {} }
  },
  'batch-failed': (state, event) => {
    const next = onBatch(state, event.batch, (batch) => ({ ...batch, status: 'failed', failure: event.failure }))
    // What was found before this batch says nothing about the one after it, where it is passed over.
    return { ...next, preflight: undefined }
  },
  diagnosed: (state, event) => onBatch(state, event.batch, (batch) => diagnosed(batch, event)),
  'cure-started': (state, event) => startCure(state, event.batch, event.batches),
  'hold-entered': (state, event, at) => ({
    ...state,
    asked: undefined,
    hold: {
      because: event.because,
      resumeWith: event.resumeWith,
      cause: event.cause,
      at,
      ...(event.failure && { failure: event.failure }),
    },
  }),
  'hold-left': (state, event, at) => ({ ...leaveHold(state, event.door), resumedAt: at }),
  'accepted-by-hand': (state, event, at) => acceptByHand(state, event, at),
  'request-taken': (state, event) => {
    const taken = { ...state, requestsTaken: [...state.requestsTaken, event.request] }
    const kind = event.kind
    if (kind !== 'hold' && kind !== 'rollback' && kind !== 'abandon') return taken
    // Whoever asked to go back or to end is not overruled by somebody who only asked to stop.
    const stronger = kind === 'hold' && (state.asked?.kind === 'rollback' || state.asked?.kind === 'abandon')
    return stronger ? taken : { ...taken, asked: { kind, by: event.by, reason: event.reason } }
  },
  'notification-failed': (state) => state,
  'waiting-began': (state, event, at) => ({ ...state, waits: { ...state.waits, [event.on]: { since: at, because: event.because } } }),
  'waiting-ended': (state, event) => ({
    ...state,
    waits: Object.fromEntries(Object.entries(state.waits).filter(([name]) => name !== event.on)),
  }),
  'rollback-started': (state, event) => ({
    ...state,
    batches: Object.fromEntries(Object.entries(state.batches).map(([id, batch]) => [id, id.startsWith('back/') ? retried(batch) : batch])),
    outcome: undefined,
    preflight: undefined,
    hold: undefined,
    asked: undefined,
    waits: {},
    back: { failure: event.failure, scope: event.scope, batches: event.batches, notBefore: event.notBefore },
  }),
  'run-finished': (state, event) => ({ ...state, outcome: event.outcome, hold: undefined, asked: undefined }),
}

/** What became true: the state after one event. Pure; the state of a run is the fold of its journal. */
export function evolve(state: RunState | undefined, event: RunEvent, at: Instant): RunState {
  if (event.type === 'run-opened') {
    return { run: event.run, digest: event.digest, openedAt: at, openedBy: event.by, batches: {}, requestsTaken: [], waits: {} }
  }
  if (event.type === 'run-resumed' && event.imported !== undefined)
    return { ...(event.imported as RunState), preflight: undefined, drivenSince: at }
  if (state === undefined) throw new Error(`the journal does not begin with run-opened but with ${event.type}`)
  return (CHANGES[event.type] as On<typeof event.type>)(state, event as never, at)
}

function onBatch(state: RunState, id: string, change: (batch: BatchState) => BatchState): RunState {
  return { ...state, batches: { ...state.batches, [id]: change(state.batches[id] ?? WAITING) } }
}

/**
 * What passed is remembered in little: the record of the run must stay under 1 MiB. Of the baseline only the batch's own
 * groups and their workloads are kept, for gates that judge once more what stays; of judgements the reason.
 */
function passedBatch(batch: BatchState): BatchState {
  const gates = Object.fromEntries(Object.entries(batch.gates).map(([kind, judgement]) => [kind, { ...judgement, evidence: [] }]))
  return { ...batch, status: 'passed', gates, ...(batch.baseline && { baseline: ownBaseline(batch.baseline, groupsOf(batch)) }) }
}

function groupsOf(batch: BatchState): ReadonlySet<string> {
  const actions = Object.values(batch.steps).flatMap((step) => step.commands.map(({ command }) => command.action))
  return new Set(actions.flatMap((action) => ('group' in action ? [action.group] : [])))
}

function ownBaseline(baseline: BatchBaseline, groups: ReadonlySet<string>): BatchBaseline {
  const nodes = Object.fromEntries(Object.entries(baseline.nodes).filter(([, node]) => node.group !== undefined && groups.has(node.group)))
  const carried = Object.entries(baseline.workloads).map(
    ([key, workload]) => [key, { ...workload, nodes: workload.nodes.filter((name) => name in nodes) }] as const,
  )
  return { ...baseline, nodes, workloads: Object.fromEntries(carried.filter(([, workload]) => workload.nodes.length > 0)) }
}

function diagnosed(batch: BatchState, { causes: diagnosis, cure, answeredAs }: Extract<RunEvent, { type: 'diagnosed' }>): BatchState {
  const steps = Object.entries(batch.steps).map(([id, step]) => [
    id,
    step.failure === undefined ? step : { ...step, failure: { ...step.failure, diagnosis } },
  ])
  const failure = batch.failure && { ...batch.failure, diagnosis, ...(cure && { cure }), ...(answeredAs && { cause: answeredAs }) }
  return { ...batch, steps: Object.fromEntries(steps), ...(failure && { failure }) }
}

/** The batch that failed is judged once more when its cure is through; what failed stays known, for when the cure fails too. */
function startCure(state: RunState, id: string, batches: readonly Batch[]): RunState {
  const failed = state.batches[id] ?? WAITING
  if (failed.failure === undefined) return state
  const { cure: _, ...failure } = failed.failure
  const before = state.cures?.[id]?.batches ?? []
  return {
    ...state,
    batches: { ...state.batches, [id]: retried(failed) },
    cures: { ...state.cures, [id]: { failure, batches: [...before, ...batches] } },
  }
}

/** A step's id begins with the id of its batch. */
function onStep(state: RunState, id: string, change: (step: StepState) => StepState): RunState {
  const batch = batchOfStep(state, id)
  return onBatch(state, batch, (current) => ({ ...current, steps: { ...current.steps, [id]: change(current.steps[id] ?? UNTOUCHED) } }))
}

function batchOfStep(state: RunState, step: string): string {
  for (let end = step.lastIndexOf('/'); end > 0; end = step.lastIndexOf('/', end - 1)) {
    const batch = step.slice(0, end)
    if (state.batches[batch] !== undefined) return batch
  }
  throw new Error(`no started batch for the step ${step}`)
}

function intend(state: RunState, command: Command, at: Instant): RunState {
  return onStep(state, command.step, (step) => {
    const others = step.commands.filter((known) => known.command.id !== command.id)
    const intended = (step.intended ?? step.commands.length) + (others.length === step.commands.length ? 1 : 0)
    const counts = isDriven(command) || step.intended !== undefined
    const rounds = step.rounds?.at === at ? step.rounds : { count: (step.rounds?.count ?? 0) + 1, at }
    return { ...step, commands: [...others, { command, intendedAt: at }], rounds, ...(counts && { intended }) }
  })
}

/** Looked for among the steps, without copying them: a long journal has many answers. */
function stepOfCommand(state: RunState, id: string): string {
  for (const batch of Object.values(state.batches)) {
    for (const [step, { commands }] of Object.entries(batch.steps)) if (commands.some(({ command }) => command.id === id)) return step
  }
  throw new Error(`an answer to a command that was never intended: ${id}`)
}

function answer(state: RunState, id: string, result: CommandResult, at: Instant): RunState {
  return onStep(state, stepOfCommand(state, id), (step) => {
    const known = step.commands.find(({ command }) => command.id === id)
    const next = answered(step, id, result, at)
    return known === undefined ? next : remember(next, known, result, at)
  })
}

function answered(step: StepState, id: string, result: CommandResult, at: Instant): StepState {
  return {
    ...step,
    commands: step.commands.map((known) => (known.command.id === id ? { ...known, answeredAt: at, result } : known)),
    // What is no longer wanted after an answer that got lost was most likely done by that very command.
    ...(result.kind === 'moot' && !isUnbegun(result) && mayHaveActed(step) && { acted: true, acceptedAt: step.acceptedAt ?? at }),
    ...(result.kind === 'accepted' && {
      acceptedAt: step.acceptedAt ?? at,
      ...(!isProbing(step) && { acted: true }),
      ...(result.updateId && { updateId: result.updateId }),
    }),
  }
}

/** Probe pods come and go without changing anything. */
function isProbing({ commands }: StepState): boolean {
  return commands.some(({ command }) => command.action.kind === 'create-probe')
}

/** A command of the step may have had an effect that nobody was told of. */
function mayHaveActed({ commands }: StepState): boolean {
  return commands.some(({ result }) => result === undefined || result.kind === 'unsettled')
}

function sinceOf(known: { readonly verdict: string; readonly since: Instant } | undefined, verdict: string, at: Instant): Instant {
  return known?.verdict === verdict ? known.since : at
}

/** Resuming forgets what failed, so that it is tried again; commands that were accepted stay known. */
function leaveHold(state: RunState, door: string): RunState {
  const { hold: _hold, ...open } = state
  const cleared: RunState = { ...open, asked: undefined, preflight: undefined, waits: {} }
  if (door !== 'resume') return cleared
  if (backNotBegun(cleared)) return leaveHold(withoutBack(cleared), door)
  return { ...cleared, batches: Object.fromEntries(Object.entries(cleared.batches).map(([id, batch]) => [id, retried(batch)])) }
}

/** In the grace period nothing has gone back yet: resuming then means forward, and `rollback` means back. */
function backNotBegun({ back, batches }: RunState): boolean {
  return back?.batches.every(({ id }) => batches[id]?.startedAt === undefined) === true
}

function withoutBack({ back: _back, ...state }: RunState): RunState {
  return state
}

function retried(batch: BatchState): BatchState {
  if (batch.status === 'passed' || batch.status === 'accepted') return batch
  const steps = Object.entries(batch.steps).map(([id, step]) => [
    id,
    step.failure === undefined ? withoutRounds(step) : anotherAttempt(step),
  ])
  const { failure: _failure, ...rest } = batch
  return {
    ...rest,
    status: batch.startedAt === undefined ? 'waiting' : 'running',
    steps: Object.fromEntries(steps),
    gates: {},
    soak: { passed: 0 },
    ...(batch.probes && { epoch: (batch.epoch ?? 0) + 1 }),
  }
}

function withoutRounds({ rounds: _, ...step }: StepState): StepState {
  return step
}

function anotherAttempt(step: StepState): StepState {
  const earlierUpdates = [...(step.earlierUpdates ?? []), ...updatesOf(step)]
  const memory = step.memory && anotherTry(step)
  return {
    commands: [],
    attempt: step.attempt + 1,
    earlierUpdates,
    ...(memory && { memory }),
    // An upgrade that EKS ended as failed has left nothing to take back.
    ...(step.wayBackUntil !== undefined && step.failure?.cause !== 'update-failed' && { wayBackUntil: step.wayBackUntil }),
    ...((step.acted || mayHaveActed(step)) && { acted: true }),
  }
}

/** `batch` and `batch/step` stand for a batch or step that a person finished; `batch#gate` for a gate a person answers for. */
function acceptByHand(state: RunState, { at, by, reason, batch }: Extract<RunEvent, { type: 'accepted-by-hand' }>, now: Instant): RunState {
  const [batchId = at, gate] = at.split('#')
  if (gate !== undefined)
    return onBatch(state, batchId, (known) => ({ ...known, overridden: { ...known.overridden, [gate]: { by, reason } } }))
  if (batch === true || state.batches[at] !== undefined) return onBatch(state, at, (known) => ({ ...known, status: 'accepted' }))
  // What a person did counts as done by the run: its gates judge it, and the way back knows of it.
  return onStep(state, at, ({ failure: _failure, ...step }) => ({ ...step, doneAt: now, acceptedAt: step.acceptedAt ?? now, acted: true }))
}
