import type { ErrorCode } from '../errors/catalogue.ts'
import { isSerinError } from '../errors/serin-error.ts'
import type { Command, CommandResult } from '../model/command.ts'
import type { Instant } from '../model/instant.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { EKS_SENDERS } from './performing/eks.ts'
import { findUpdate } from './performing/find-update.ts'
import { GROUP_SENDERS, lookForDeletion } from './performing/groups.ts'
import { KUBERNETES_SENDERS } from './performing/kubernetes.ts'
import { PROBE_SENDERS } from './performing/probes.ts'
import { SCALING_SENDERS } from './performing/scaling.ts'
import type { Sender, Senders, Target } from './performing/sender.ts'

/**
 * Makes one command so. `again`: it was sent before and its outcome is not known, so the world is looked at first and
 * nothing is repeated that was accepted. Never throws for what an API answered.
 * @param others updates that are known to be those of other commands, and so never ours.
 */
export async function perform(
  ports: ClusterPorts,
  cluster: string,
  command: Command,
  intendedAt: Instant,
  again: boolean,
  others: ReadonlySet<string> = new Set(),
): Promise<CommandResult> {
  try {
    const found = again ? await findUpdate(ports, cluster, command, intendedAt, others) : undefined
    if (found !== undefined) return { kind: 'accepted', updateId: found, found: true }
    return await send({ ports, cluster, again }, command)
  } catch (error) {
    return resultOf(error)
  }
}

/**
 * What became of a command that is not to be sent any more, or not before it is intended anew. Never throws for what an API answered.
 * @param others updates that are known to be those of other commands, and so never ours.
 */
export async function lookFor(
  ports: ClusterPorts,
  cluster: string,
  command: Command,
  intendedAt: Instant,
  others: ReadonlySet<string> = new Set(),
): Promise<CommandResult> {
  const { action } = command
  try {
    if (action.kind === 'delete-group') return (await lookForDeletion({ ports, cluster }, action)) ?? UNBEGUN
    const found = await findUpdate(ports, cluster, command, intendedAt, others)
    return found === undefined ? UNBEGUN : { kind: 'accepted', updateId: found, found: true }
  } catch (error) {
    return resultOf(error)
  }
}

const UNBEGUN: CommandResult = { kind: 'moot', unbegun: true }

/** Codes after which the same command may succeed later, once the world has been looked at. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['REMOTE_THROTTLED', 'REMOTE_UNAVAILABLE', 'REMOTE_MALFORMED', 'REMOTE_CREDENTIALS'])

function resultOf(error: unknown): CommandResult {
  if (!isSerinError(error)) throw error
  const { message } = error
  const code = error.details.remoteCode ?? error.code
  if (error.code === 'REMOTE_CONFLICT') return { kind: 'deferred', code, message }
  return PASSING.has(error.code) ? { kind: 'unsettled', code: error.code, message } : { kind: 'refused', code, message }
}

const SENDERS: Senders = { ...EKS_SENDERS, ...GROUP_SENDERS, ...KUBERNETES_SENDERS, ...PROBE_SENDERS, ...SCALING_SENDERS }

function send(target: Target, { id, action }: Command): Promise<CommandResult> {
  return (SENDERS[action.kind] as Sender<typeof action.kind>)(target, action as never, id)
}
