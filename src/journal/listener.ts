import type { Seen } from '../model/seen.ts'
import type { RunState } from '../rollout/state.ts'
import type { JournalEntry } from './event.ts'

/** Who watches a run. A listener only looks: nothing it does or throws may change what the run does. */
export interface Listener {
  /** Once per journal entry, in order, after the entry is durable. */
  onEvent(entry: JournalEntry): void
  /** Once per tick, with the picture that was decided on. `state` is undefined until the run is open. */
  onTick(seen: Seen, state: RunState | undefined): void
}
