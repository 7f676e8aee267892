import type { Listener } from '../journal/listener.ts'
import type { RunState } from '../rollout/state.ts'

/** Shows a run to a person or a program while it goes on. */
export interface View extends Listener<RunState> {
  /** Nothing more comes; whatever is still on the screen is finished. */
  close(): Promise<void>
}
