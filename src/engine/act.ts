import { ERRORS } from '../errors/catalogue.ts'
import type { SerinError } from '../errors/serin-error.ts'
import type { Command } from '../model/command.ts'
import { type Instant, SECOND } from '../model/instant.ts'
import { TICK } from '../rollout/context.ts'
import { isIrrevocable, isKnownByLooking } from '../rollout/remembering.ts'
import { type RunState, updatesOf } from '../rollout/state.ts'
import { lookFor, perform } from './perform.ts'
import { append, PATIENCE, publish, rest, type Session, stateOf } from './session.ts'

/** How long after its intent the effect of a command may be missing from what is read. */
const SHOWN_WITHIN = 30 * SECOND

/** Sends commands that are already journalled, once the record in the cluster holds the intent and the Lease is surely ours. */
export async function act(session: Session, commands: readonly Command[]): Promise<void> {
  const { ports, itinerary, journal, unsent } = session
  const failure = await publish(session)
  if (failure !== undefined && !mayPass(failure, session)) return await holdUnrecorded(session, commands, failure)
  if (failure !== undefined || ports.lease.status() !== 'held') return await rest(session, ports.clock.now() + TICK)
  session.unrecordedSince = undefined
  const intended = intentTimes(stateOf(journal))
  const others = updatesKnown(stateOf(journal))
  const cluster = itinerary.cluster.name
  const stale = commands.filter((command) => isStale(session, command))
  const looked = commands.filter((command) => !unsent.has(command.id) && (stale.includes(command) || isKnownByLooking(command.action)))
  const shown = Math.max(...looked.map(({ id }) => (intended.get(id) ?? 0) + SHOWN_WITHIN))
  if (ports.clock.now() < shown) return await rest(session, shown)
  const send = (command: Command) => {
    const [at, again] = [intended.get(command.id) ?? 0, !unsent.delete(command.id)]
    return stale.includes(command) ? lookFor(ports, cluster, command, at, others) : perform(ports, cluster, command, at, again, others)
  }
  const results = await Promise.all(commands.map(async (command) => ({ command, result: await send(command) })))
  await append(
    session,
    results.map(({ command, result }) => ({ type: 'command-answered', command: command.id, result })),
  )
}

/**
 * Whether a command that cannot be taken back was intended by an earlier process, hours ago perhaps and before a person typed
 * anything, or a person wants something else by now: then it is only looked for. What has not begun is intended anew where the
 * rules, with the window, pre-flight and a fresh picture of its nodes, still want it.
 */
function isStale({ journal, own }: Session, { id, action }: Command): boolean {
  return isIrrevocable(action) && (!own.has(id) || stateOf(journal).asked !== undefined)
}

/** A record that cannot be written now is waited for, within patience; one that may not or cannot be written at all is not. */
function mayPass(failure: SerinError, session: Session): boolean {
  const now = session.ports.clock.now()
  session.unrecordedSince ??= now
  return ERRORS[failure.code].retryable && now - session.unrecordedSince < PATIENCE
}

/** Nothing is sent that another machine could not know of: the commands stay unsent, and a person is told why. */
async function holdUnrecorded(session: Session, commands: readonly Command[], { code, message, remedy }: SerinError): Promise<void> {
  const because = `the open-run record in the cluster cannot be written, so nothing is sent: ${message}`
  session.unrecordedSince = undefined
  await append(session, [
    ...commands.map((command) => ({
      type: 'command-answered' as const,
      command: command.id,
      result: { kind: 'unsettled' as const, code, message },
    })),
    { type: 'hold-entered', because, resumeWith: `${remedy} Then \`serin resume\`.`, cause: 'evidence-missing' },
  ])
}

function intentTimes(state: RunState): ReadonlyMap<string, Instant> {
  const steps = Object.values(state.batches).flatMap((batch) => Object.values(batch.steps))
  return new Map(steps.flatMap((step) => step.commands.map(({ command, intendedAt }) => [command.id, intendedAt] as const)))
}

/** Updates that EKS accepted for commands of this run. */
function updatesKnown(state: RunState): ReadonlySet<string> {
  const steps = Object.values(state.batches).flatMap((batch) => Object.values(batch.steps))
  return new Set(steps.flatMap((step) => [...(step.earlierUpdates ?? []), ...updatesOf(step)]))
}
