import type { RunEvent } from '../../journal/event.ts'
import type { Command } from '../../model/command.ts'
import { MINUTE, SECOND } from '../../model/instant.ts'
import type { ProbeReport, ProbeSpec, ProbeState } from '../../model/probe.ts'
import { type Context, failureOf, isStopping, oncePerDecision, type Rule, record, waitTick } from '../context.ts'
import { logReadersWanted } from '../log-readers.ts'
import { reportOf } from '../probe-reports.ts'
import { probeCommands, probingNow, probingStep } from '../probing.ts'
import type { CommandState } from '../state.ts'
import { askGates } from './gates.ts'
import { commandId } from './steps.ts'

/** How long a batch that is about to act waits for what untouched nodes tell. */
const FIRST_WITHIN = 5 * MINUTE
/** A pod needs its grace to go. */
const GOING = MINUTE
/** A probe that did not get through is asked for again after this. */
const RETRY_AFTER = 20 * SECOND

/** Pods that the gates of the current batch, or the search for why it failed, want now; none while the run stands, stops or ends. */
const wantedNow = oncePerDecision((context): readonly ProbeSpec[] => {
  const { state, batchState } = context
  const stands = isStopping(context) || state.hold !== undefined || state.asked !== undefined || state.outcome !== undefined
  if (stands || batchState.status === 'waiting') return []
  if (failureOf(context) !== undefined) return logReadersWanted(context)
  return askGates(context, (definition, input) => definition.probes?.(input))
})

/** What a probe pod can tell becomes a fact of the run: its pod may go then. */
export const noteProbes: Rule = (context) => {
  const { batch, batchState, state, seen, now } = context
  if (batch === undefined || probeCommands(batch.id, batchState).length === 0) return undefined
  if (seen.unavailable.some(({ source }) => source === 'kubernetes:pods')) return undefined
  const removed = new Set(removals(context, batch.id).map(({ command: { action } }) => ('probe' in action ? action.probe : '')))
  const events = probingNow(state, batch.id, batchState, seen).probes.flatMap((probe): RunEvent[] => {
    const report = probe.report === undefined ? reportOf(probe, seen, removed.has(probe.spec.name), now) : undefined
    return report === undefined ? [] : [reported(batch.id, probe.spec, report)]
  })
  return events.length === 0 ? undefined : record(...events)
}

function reported(batch: string, { name, role, node }: ProbeSpec, report: ProbeReport): RunEvent {
  return { type: 'probe-reported', batch, probe: name, report, ...(role === 'log-reader' && { logOf: node }) }
}

/** Makes the probe pods that are wanted and were not asked for yet, and asks again for those that did not get through. */
export const createProbes: Rule = (context) => {
  const { batch, batchState, state, now } = context
  if (batch === undefined) return undefined
  const commands = probeCommands(batch.id, batchState)
  const known = new Set(commands.map(({ command: { action } }) => (action.kind === 'create-probe' ? action.probe.name : undefined)))
  const wanted = wantedNow(context)
  const fresh = wanted.filter(({ name }) => !known.has(name))
  if (fresh.length > 0)
    return record(
      ...intents(
        state.run,
        batch.id,
        commands.length,
        fresh.map((probe) => ({ kind: 'create-probe', probe })),
      ),
    )
  const again = commands.filter((command) => isDueAgain(command, wanted, now)).map(({ command }) => command)
  return again.length === 0 ? undefined : { kind: 'perform', commands: again }
}

function isDueAgain({ command: { action }, result, answeredAt = 0 }: CommandState, wanted: readonly ProbeSpec[], now: number): boolean {
  const open = result?.kind === 'unsettled' || result?.kind === 'deferred'
  if (!open || now - answeredAt < RETRY_AFTER) return false
  return action.kind === 'remove-probe' || (action.kind === 'create-probe' && wanted.some(({ name }) => name === action.probe.name))
}

/** The add-on goes on to more nodes until it goes back, so a log that has not come by then is done without. */
const ADDON_LOGS_WITHIN = 30 * SECOND

/** Where the plan allows it, ipamd.log of failing nodes is read before their failure is looked into; what it cannot tell delays nothing. */
export const readNodeLogs: Rule = (context) => {
  const wanted = wantedNow(context)
  if (failureOf(context) === undefined || wanted.length === 0) return undefined
  const asked = createProbes(context)
  if (asked !== undefined) return asked
  const open = wanted.some(({ name, deadline }) => {
    const probe = probeOf(context, name)
    const patience = context.batch?.phase === 'addon' ? ADDON_LOGS_WITHIN : deadline + FIRST_WITHIN
    return probe !== undefined && probe.report === undefined && context.now - probe.intendedAt < patience
  })
  return open ? waitTick(context, 'ipamd.log of failing nodes is read') : undefined
}

function probeOf({ state, batch, batchState, seen }: Context, name: string): ProbeState | undefined {
  return batch && probingNow(state, batch.id, batchState, seen).probes.find(({ spec }) => spec.name === name)
}

/** What works on untouched nodes is found out before the batch changes them; for a while, then it acts without. */
export const awaitProbes: Rule = (context) => {
  const { batchState, now } = context
  if (batchState.startedAt === undefined || now - batchState.startedAt >= FIRST_WITHIN || batchState.failure !== undefined) return undefined
  const [reason] = askGates(context, (definition, input) => definition.first?.(input))
  return reason === undefined ? undefined : waitTick(context, reason)
}

/**
 * Removes every probe pod that nobody wants any more, of whatever batch, before anything else happens: also when the run holds,
 * goes back or ends, and after a crash. A removal that is refused is left to the pod's own deadline.
 */
export const removeProbes: Rule = (context) => {
  const { state, batch } = context
  const wanted = new Set(wantedNow(context).map(({ name }) => name))
  const events = Object.entries(state.batches).flatMap(([id, batchState]) => {
    const commands = probeCommands(id, batchState)
    const asked = new Set(removals(context, id).map(({ command: { action } }) => ('probe' in action ? action.probe : '')))
    const left = commands.flatMap(({ command: { action }, result }) =>
      action.kind === 'create-probe' && result?.kind !== 'refused' && !asked.has(action.probe.name) ? [action.probe] : [],
    )
    const unwanted = left.filter(({ name }) => batch?.id !== id || !wanted.has(name))
    const actions = unwanted.map(({ namespace, name }) => ({ kind: 'remove-probe' as const, namespace, probe: name }))
    return intents(state.run, id, commands.length, actions)
  })
  if (events.length > 0) return record(...events)
  const again = Object.keys(state.batches).flatMap((id) => removals(context, id).filter((command) => isDueAgain(command, [], context.now)))
  if (again.length > 0) return { kind: 'perform', commands: again.map(({ command }) => command) }
  return areGoing(context) ? waitTick(context, 'probe pods are going') : undefined
}

/** At the end and after a failure it is seen that they are gone, for a while; what then still stands has its own deadline. */
function areGoing(context: Context): boolean {
  const { state, seen, batch, batchState, now } = context
  if (batch !== undefined && batchState.failure === undefined) return false
  const lately = Object.keys(state.batches).flatMap((id) => removals(context, id).filter(({ answeredAt = 0 }) => now - answeredAt < GOING))
  return lately.length > 0 && seen.probes?.some(({ run }) => run === state.run) === true
}

function removals({ state }: Context, batch: string): readonly CommandState[] {
  return probeCommands(batch, state.batches[batch]).filter(({ command }) => command.action.kind === 'remove-probe')
}

function intents(run: string, batch: string, known: number, actions: readonly Command['action'][]): readonly RunEvent[] {
  const step = probingStep(batch)
  return actions.map((action, index) => ({
    type: 'command-intended' as const,
    command: { id: commandId(run, step, 1, known + index), step, action },
  }))
}
