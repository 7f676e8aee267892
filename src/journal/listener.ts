import type { Seen } from '../model/seen.ts'
import type { JournalEntry } from './event.ts'

/**
 * Who watches a run. A listener only looks: nothing it does or throws may change what the run does.
 * `State` is the folded state of the run, which is told of one step further up (`rollout/state.ts`).
 */
export interface Listener<State = unknown> {
  /** Once per journal entry, in order, after the entry is durable. */
  onEvent(entry: JournalEntry): void
  /** Once per tick, with the picture that was decided on and what the run waits for. `state` is undefined until the run is open. */
  onTick(seen: Seen, state: State | undefined, waitingFor?: string): void
}
