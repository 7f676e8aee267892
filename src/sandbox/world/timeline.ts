import type { Instant } from '../../model/instant.ts'
import type { Timeline } from '../contract.ts'
import { createHeap } from './heap.ts'

interface Entry {
  readonly instant: Instant
  readonly key: string
  readonly order: number
  readonly action: () => void
  /** An older entry of the same key. */
  older: Entry | undefined
  cancelled: boolean
}

/**
 * A discrete-event queue that stands at `start`. Events run by (instant, key, insertion), each at its own instant,
 * so the outcome does not depend on the order in which parallel requests scheduled them.
 * Cancelling leaves the entry in the heap as a husk that is dropped when it surfaces.
 */
export function createTimeline(start: Instant): Timeline {
  const heap = createHeap(before)
  /** The newest entry of each key; nearly every key stands for one. */
  const byKey = new Map<string, Entry>()
  let now = start
  let scheduled = 0

  function at(instant: Instant, key: string, action: () => void): void {
    const entry: Entry = { instant: Math.max(instant, now), key, order: scheduled++, action, older: byKey.get(key), cancelled: false }
    heap.push(entry)
    byKey.set(key, entry)
  }

  function cancel(key: string): void {
    const newest = byKey.get(key)
    if (newest === undefined) return
    for (let entry: Entry | undefined = newest; entry !== undefined; entry = entry.older) entry.cancelled = true
    byKey.delete(key)
  }

  function head(): Entry | undefined {
    let first = heap.first()
    while (first?.cancelled) {
      heap.pop()
      first = heap.first()
    }
    return first
  }

  function take(entry: Entry): void {
    heap.pop()
    const { key, older } = entry
    const newest = byKey.get(key)
    if (newest === entry) {
      if (older === undefined) byKey.delete(key)
      else byKey.set(key, older)
      return
    }
    let younger = newest
    while (younger !== undefined && younger.older !== entry) younger = younger.older
    if (younger !== undefined) younger.older = older
  }

  function advanceTo(instant: Instant): void {
    for (let due = head(); due !== undefined && due.instant <= instant; due = head()) {
      take(due)
      now = Math.max(now, due.instant)
      due.action()
    }
    now = Math.max(now, instant)
  }

  return {
    now: () => now,
    at,
    after: (delay, key, action) => at(now + Math.max(0, delay), key, action),
    cancel,
    advanceTo,
    next: () => head()?.instant,
  }
}

function before(a: Entry, b: Entry): boolean {
  if (a.instant !== b.instant) return a.instant < b.instant
  if (a.key !== b.key) return a.key < b.key
  return a.order < b.order
}
