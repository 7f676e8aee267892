import type { StoreEvent } from '../../contract.ts'

type Listener = (event: StoreEvent) => void

/**
 * Tells every listener of every change, in the order of the changes: what a listener changes itself is told after
 * the change being told, and before `tell` of the outermost change returns.
 */
export function createListeners(): { add(listener: Listener): () => void; tell(event: StoreEvent): void } {
  const listeners = new Set<Listener>()
  const waiting: StoreEvent[] = []
  let telling = false
  return {
    add(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell(event) {
      waiting.push(event)
      if (telling) return
      telling = true
      try {
        for (let next = waiting.shift(); next; next = waiting.shift()) for (const listener of listeners) listener(next)
      } finally {
        telling = false
      }
    },
  }
}
