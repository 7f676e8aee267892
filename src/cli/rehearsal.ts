import { applyItinerary } from '../engine/apply.ts'
import type { Listener } from '../journal/listener.ts'
import { MINUTE } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRequest } from '../ports/run-record.ts'
import type { RunState } from '../rollout/state.ts'
import type { OpenWorldOptions } from '../sandbox/world/open.ts'
import type { Session } from './command.ts'
import { connect, type Target } from './connection.ts'
import { driveToRest } from './driving.ts'
import { rehearsalFolderOf } from './io.ts'
import type { RunForm } from './views.ts'
import { openNamed } from './worlds.ts'

/** A simulated cluster in this process, with the real adapters in front of it. */
export async function openRehearsal(session: Session, target: Target, options: OpenWorldOptions): Promise<RunPorts> {
  const { connectInProcess } = await import('../sandbox/in-process.ts')
  const world = await openNamed(session, options)
  const { transport, clock, settle } = connectInProcess(world)
  const ports = await connect(session, target, { transport, clock, runFolder: rehearsalFolderOf(session) })
  settle(ports.caches)
  return { ...ports, sandbox: { world: world.name, seed: world.seed, scenarios: world.scenarios, speed: Number.POSITIVE_INFINITY } }
}

/** Applies an itinerary to the simulated cluster; approvals are given by the rehearsal itself. */
export function driveRehearsal(session: Session, ports: RunPorts, itinerary: Itinerary, form: RunForm): Promise<number> {
  const requests: RunRequest[] = []
  return driveToRest({
    session,
    itinerary,
    form,
    heartbeat: 30 * MINUTE,
    runFolder: rehearsalFolderOf(session),
    requests,
    watchers: [approver(requests)],
    next: (run) => [`serin report ${run} --rehearsal -o markdown`],
    start: (options) => applyItinerary(ports, itinerary, options),
  })
}

/** Says yes to every batch that waits for one, as somebody who did not start the run. */
function approver(requests: RunRequest[]): Listener<RunState> {
  return {
    onEvent({ at, event }) {
      if (event.type !== 'approval-requested') return
      requests.push({
        id: `rehearsal/${event.batch}`,
        kind: 'approve',
        by: event.role ?? 'rehearsal',
        at,
        reason: 'given by the rehearsal',
      })
    },
    onTick: () => undefined,
  }
}
