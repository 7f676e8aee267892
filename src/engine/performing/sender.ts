import { isSerinError } from '../../errors/serin-error.ts'
import type { Action, CommandResult } from '../../model/command.ts'
import type { ClusterPorts } from '../../ports/ports.ts'

/** Where a command goes. */
export interface Place {
  readonly ports: ClusterPorts
  readonly cluster: string
}

export interface Target extends Place {
  /** It was sent before and nobody knows what became of it: what has no idempotency token looks before it repeats. */
  readonly again: boolean
}

export type Sender<K extends Action['kind']> = (
  target: Target,
  action: Extract<Action, { kind: K }>,
  token: string,
) => Promise<CommandResult>

/** A sender for each of these kinds of action. */
export type Senders<K extends Action['kind'] = Action['kind']> = { readonly [Kind in K]: Sender<Kind> }

export const ACCEPTED: CommandResult = { kind: 'accepted' }

/** What is done to an object that is gone by now is no longer wanted. */
export async function unlessGone(send: () => Promise<unknown>): Promise<CommandResult> {
  try {
    await send()
    return ACCEPTED
  } catch (error) {
    if (isSerinError(error, 'REMOTE_NOT_FOUND')) return { kind: 'moot' }
    throw error
  }
}
