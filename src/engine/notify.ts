import type { RunEvent } from '../journal/event.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { NotifyOn } from '../model/plan.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunState } from '../rollout/state.ts'

/** Which event of the journal tells which subscribers. */
const TOLD_BY: Partial<Record<RunEvent['type'], NotifyOn>> = {
  'run-opened': 'opened',
  'hold-entered': 'held',
  'approval-requested': 'approval-needed',
  'rollback-started': 'rollback-started',
  'run-finished': 'finished',
}

/** Tells the plan's webhooks what happened. A notification that fails is dropped: it must not change a run. */
export function notifier(itinerary: Itinerary, ports: RunPorts): (state: RunState, events: readonly RunEvent[]) => Promise<void> {
  return async (state, events) => {
    const told = events.flatMap((event) => {
      const on = TOLD_BY[event.type]
      return on === undefined
        ? []
        : itinerary.notify.filter((row) => row.on.includes(on)).map((row) => ({ url: row.webhook.urlFrom, on, event }))
    })
    await Promise.allSettled(
      told.map(({ url, on, event }) =>
        ports.messages.post(url, { run: state.run, plan: itinerary.plan, cluster: itinerary.cluster.name, on, event }),
      ),
    )
  }
}
