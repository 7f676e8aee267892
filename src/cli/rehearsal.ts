import { applyItinerary, type DriveOptions, resumeRun } from '../engine/apply.ts'
import type { Ending } from '../engine/session.ts'
import { MINUTE } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { RunFolder } from '../ports/journal.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { RunRequest } from '../ports/run-record.ts'
import type { OpenWorldOptions } from '../sandbox/world/open.ts'
import type { Session } from './command.ts'
import { connect } from './connection.ts'
import { driveToRest } from './driving.ts'
import { rehearsalFolderOf, type Target } from './io.ts'
import type { RunForm } from './views.ts'
import { openNamed, type WorldFlags } from './worlds.ts'

/** A simulated cluster in this process. Each connection is that of one driver. */
export interface Rehearsal {
  /** Who drives: the same for everybody, so that everything a rehearsal prints is the same everywhere. */
  readonly identity: string
  readonly connect: () => Promise<RunPorts>
  /** Faults of its scenarios that have met nothing so far, in sentences. */
  readonly unmet: () => readonly string[]
}

export async function openRehearsal(session: Session, target: Target, options: OpenWorldOptions): Promise<Rehearsal> {
  const { connectInProcess } = await import('../sandbox/in-process.ts')
  const { removeRun } = await import('../adapters/journal-file/run-folder.ts')
  const world = await openNamed(session, options)
  const identity = ['rehearsal', ...world.scenarios, ...(options.seed === undefined ? [] : [`seed-${options.seed}`])].join('/')
  const { transport, clock, settle } = connectInProcess(world)
  const runFolder = rehearsalFolderOf(session)
  const { name, seed, scenarios, assumptions } = world
  const sandbox = { world: name, seed, scenarios, assumptions, speed: Number.POSITIVE_INFINITY }
  const replace = replacing((run) => removeRun(runFolder, run))
  let letGo = () => {}
  return {
    identity,
    unmet: () => world.unmetFaults(),
    async connect() {
      letGo()
      const ports = await connect({ ...session, identity }, target, { transport, clock, runFolder })
      letGo = settle(ports.caches)
      return { ...ports, sandbox, folder: replace(ports.folder) }
    },
  }
}

/** The same rehearsal has the same name: a run that begins takes the place of the one of an earlier rehearsal. */
function replacing(remove: (run: string) => void): (folder: RunFolder) => RunFolder {
  const begun = new Set<string>()
  return (folder) => ({
    ...folder,
    async writeItinerary(run, text) {
      if (!begun.has(run)) remove(run)
      begun.add(run)
      await folder.writeItinerary(run, text)
    },
  })
}

/** Applies an itinerary to the simulated cluster; approvals are given by the rehearsal itself. */
export function driveRehearsal(
  session: Session,
  rehearsal: Rehearsal,
  itinerary: Itinerary,
  options: { readonly form: RunForm; readonly again: string },
): Promise<number> {
  return driveToRest({
    session,
    itinerary,
    form: options.form,
    heartbeat: 30 * MINUTE,
    runFolder: rehearsalFolderOf(session),
    rehearsal: { by: rehearsal.identity, again: options.again, unmet: rehearsal.unmet },
    start: (how) => driveApproving(rehearsal, itinerary, how),
  })
}

/** The command line that rehearses the same again. */
export function rehearseLine(plan: string, flags: WorldFlags): string {
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ['world', flags.world],
    ['snapshot', flags.snapshot],
    ...(flags.scenario ?? []).map((scenario) => ['scenario', scenario] as const),
    ['seed', flags.seed],
    ['minor-downgrade', flags.minorDowngrade],
  ]
  const said = given.flatMap(([flag, value]) => (value === undefined ? [] : [` --${flag} ${value}`]))
  return `serin rehearse ${plan}${said.join('')}`
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
export function approvalFor(ending: Ending, itinerary: Itinerary): RunRequest | undefined {
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
