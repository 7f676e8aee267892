import type { StoreEvent } from '../../contract.ts'

/** The last changes of the store. Versions are gapless, so a change is found by arithmetic. */
export interface ChangeLog {
  append(event: StoreEvent): void
  /** Changes after a version, or undefined when the log no longer reaches back so far. */
  since(version: number, newest: number): readonly StoreEvent[] | undefined
}

/** A ring of `size` changes. */
export function createChangeLog(size: number): ChangeLog {
  const ring: StoreEvent[] = []
  return {
    append(event) {
      ring[event.version % size] = event
    },
    since(version, newest) {
      if (version < newest - size) return undefined
      const events: StoreEvent[] = []
      for (let at = version + 1; at <= newest; at++) {
        const event = ring[at % size]
        if (event?.version !== at) return undefined
        events.push(event)
      }
      return events
    },
  }
}
