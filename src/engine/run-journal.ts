import { decodeEntries, encodeEntry } from '../journal/codec.ts'
import type { RunEvent } from '../journal/event.ts'
import type { Listener } from '../journal/listener.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { Clock } from '../ports/clock.ts'
import type { JournalFile } from '../ports/journal.ts'
import type { RunRecord } from '../ports/run-record.ts'
import { evolve } from '../rollout/evolve.ts'
import type { RunState } from '../rollout/state.ts'

/** The journal of one run while it is driven: appends are durable before they are folded and told. */
export interface RunJournal {
  readonly state: () => RunState | undefined
  readonly sequence: () => number
  readonly append: (events: readonly RunEvent[]) => Promise<RunState>
}

/** Opens the journal file of a run, folding what it holds. */
export async function openRunJournal(file: JournalFile, clock: Clock, listeners: readonly Listener<RunState>[]): Promise<RunJournal> {
  const { lines } = await file.read()
  let state: RunState | undefined
  let sequence = 0
  for (const entry of decodeEntries(lines)) {
    state = evolve(state, entry.event, entry.at)
    sequence = entry.sequence
  }
  const append = async (events: readonly RunEvent[]): Promise<RunState> => {
    const at = clock.now()
    const first = Math.max(sequence, importedSequence(events[0]))
    const entries = events.map((event, index) => ({ sequence: first + index + 1, at, event }))
    await file.append(entries.map(encodeEntry))
    for (const entry of entries) {
      state = evolve(state, entry.event, entry.at)
      sequence = entry.sequence
      for (const listener of listeners) tell(() => listener.onEvent(entry))
    }
    if (state === undefined) throw new Error('nothing was appended to an empty journal')
    return state
  }
  return { state: () => state, sequence: () => sequence, append }
}

/** The number up to which an imported state reaches; 0 where nothing is imported. */
function importedSequence(event: RunEvent | undefined): number {
  return (event?.type === 'run-resumed' && event.importedSequence) || 0
}

/** A listener only looks: whatever it throws is dropped, the run does not depend on it. */
export function tell(call: () => void): void {
  try {
    call()
  } catch {
    // A broken view must not change what happens to a cluster.
  }
}

/** An itinerary stands in every record of its run as it is. */
const texts = new WeakMap<Itinerary, string>()

function textOf(itinerary: Itinerary): string {
  const known = texts.get(itinerary) ?? JSON.stringify(itinerary)
  texts.set(itinerary, known)
  return known
}

/** What another machine needs to go on with the run. */
export function recordOf(itinerary: Itinerary, state: RunState, sequence: number, now: number): RunRecord {
  const exit = state.outcome?.exit
  const abandoned = state.outcome?.abandoned === true
  return {
    run: state.run,
    status: exit === undefined || exit === 'rollbackFailed' ? 'open' : abandoned ? 'abandoned' : 'finished',
    plan: itinerary.plan,
    digest: itinerary.digest,
    openedAt: state.openedAt,
    openedBy: state.openedBy,
    updatedAt: now,
    sequence,
    itinerary: textOf(itinerary),
    state: JSON.stringify(state),
    requests: [],
  }
}
