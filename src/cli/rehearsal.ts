import { applyItinerary, type DriveOptions, resumeRun } from '../engine/apply.ts'
import type { Ending } from '../engine/session.ts'
import { MINUTE } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRequest } from '../ports/run-record.ts'
import type { OpenWorldOptions } from '../sandbox/world/open.ts'
import type { Session } from './command.ts'
import { connect, type Target } from './connection.ts'
import { driveToRest } from './driving.ts'
import { rehearsalFolderOf } from './io.ts'
import type { RunForm } from './views.ts'
import { openNamed } from './worlds.ts'

/** A simulated cluster in this process. Each connection is that of one driver. */
export interface Rehearsal {
  readonly connect: () => Promise<RunPorts>
}

export async function openRehearsal(session: Session, target: Target, options: OpenWorldOptions): Promise<Rehearsal> {
  const { connectInProcess } = await import('../sandbox/in-process.ts')
  const world = await openNamed(session, options)
  const { transport, clock, settle } = connectInProcess(world)
  const sandbox = { world: world.name, seed: world.seed, scenarios: world.scenarios, speed: Number.POSITIVE_INFINITY }
  let letGo = () => {}
  return {
    async connect() {
      letGo()
      const ports = await connect(session, target, { transport, clock, runFolder: rehearsalFolderOf(session) })
      letGo = settle(ports.caches)
      return { ...ports, sandbox }
    },
  }
}

/** Applies an itinerary to the simulated cluster; approvals are given by the rehearsal itself. */
export function driveRehearsal(session: Session, rehearsal: Rehearsal, itinerary: Itinerary, form: RunForm): Promise<number> {
  return driveToRest({
    session,
    itinerary,
    form,
    heartbeat: 30 * MINUTE,
    runFolder: rehearsalFolderOf(session),
    next: (run) => [`serin report ${run} --rehearsal -o markdown`],
    start: (options) => driveApproving(rehearsal, itinerary, options),
  })
}

/** A run ends its driver when it waits for a yes; the rehearsal says yes and goes on, as a person would with `approve` and `resume`. */
async function driveApproving(rehearsal: Rehearsal, itinerary: Itinerary, options: DriveOptions): Promise<Ending> {
  let ending = await applyItinerary(await rehearsal.connect(), itinerary, options)
  for (let yes = approvalFor(ending, itinerary); yes !== undefined; yes = approvalFor(ending, itinerary)) {
    ending = await resumeRun(await rehearsal.connect(), ending.state.run, { ...options, requests: [yes] })
  }
  return ending
}

/** The yes that the run waits for, of somebody who did not start it; undefined when it does not wait for one. */
function approvalFor(ending: Ending, itinerary: Itinerary): RunRequest | undefined {
  if (ending.kind === 'finished' || ending.state.hold) return undefined
  const waiting = itinerary.batches.find(({ id }) => {
    const batch = ending.state.batches[id]
    return batch?.approvalRequestedAt !== undefined && batch.approval === undefined
  })
  if (!waiting) return undefined
  const by = waiting.approval === false ? 'rehearsal' : (waiting.approval.role ?? 'rehearsal')
  const at = ending.state.batches[waiting.id]?.approvalRequestedAt ?? 0
  return { id: `rehearsal/${waiting.id}`, kind: 'approve', by, at, reason: 'given by the rehearsal' }
}
