import { isSerinError } from '../errors/serin-error.ts'
import type { RunEvent } from '../journal/event.ts'
import type { NotifyOn } from '../model/plan.ts'
import type { Messages } from '../ports/messages.ts'
import type { RunState } from '../rollout/state.ts'
import type { Drive } from './session.ts'

/** Which event of the journal tells which subscribers. */
const TOLD_BY: Partial<Record<RunEvent['type'], NotifyOn>> = {
  'run-opened': 'opened',
  'hold-entered': 'held',
  'approval-requested': 'approval-needed',
  'rollback-started': 'rollback-started',
  'run-finished': 'finished',
}

type Told = Extract<RunEvent, { type: 'notification-failed' }>

/** Tells the plan's webhooks what happened. What could not be told comes back as facts for the journal; it changes no run. */
export function notifier(
  drive: Pick<Drive, 'itinerary' | 'ports' | 'secret'>,
): (state: RunState, events: readonly RunEvent[]) => Promise<readonly Told[]> {
  const { itinerary, ports, secret } = drive
  // A rehearsal has no secrets to read, and nobody is told of it.
  if (secret === undefined) return async () => []
  return async (state, events) => {
    const posts = events.flatMap((event) => {
      const on = TOLD_BY[event.type]
      const rows = on === undefined ? [] : itinerary.notify.filter((row) => row.on.includes(on))
      const payload = { run: state.run, plan: itinerary.plan, cluster: itinerary.cluster.name, on, event }
      return rows.map(({ webhook: { urlFrom } }) => ({ on: on ?? '', urlFrom, url: secret(urlFrom), payload }))
    })
    const failed = await Promise.all(posts.map(({ on, urlFrom, url, payload }) => post(ports.messages, on, urlFrom, url, payload)))
    return failed.filter((event) => event !== undefined)
  }
}

async function post(messages: Messages, on: string, urlFrom: string, url: string | undefined, payload: unknown): Promise<Told | undefined> {
  if (url === undefined || url === '') return { type: 'notification-failed', on, reason: `${urlFrom} is not set` }
  try {
    await messages.post(url, payload)
    return undefined
  } catch (error) {
    if (!isSerinError(error)) throw error
    return { type: 'notification-failed', on, reason: error.message }
  }
}
