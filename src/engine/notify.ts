import type { RunEvent } from '../journal/event.ts'
import type { NotifyOn } from '../model/plan.ts'
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

/** Tells the plan's webhooks what happened. A notification that fails is dropped: it must not change a run. */
export function notifier(
  drive: Pick<Drive, 'itinerary' | 'ports' | 'secret'>,
): (state: RunState, events: readonly RunEvent[]) => Promise<void> {
  const { itinerary, ports, secret } = drive
  return async (state, events) => {
    const posts = events.flatMap((event) => {
      const on = TOLD_BY[event.type]
      const rows = on === undefined ? [] : itinerary.notify.filter((row) => row.on.includes(on))
      const payload = { run: state.run, plan: itinerary.plan, cluster: itinerary.cluster.name, on, event }
      const urls = rows.map((row) => secret?.(row.webhook.urlFrom)).filter((url) => url !== undefined)
      return urls.map((url) => ports.messages.post(url, payload))
    })
    await Promise.allSettled(posts)
  }
}
