import type { Instant } from '../../model/instant.ts'
import type { Timeline } from '../contract.ts'
import { createHeap } from './heap.ts'

interface Entry {
  readonly instant: Instant
  readonly key: string
  readonly order: number
  readonly action: () => void
  cancelled: boolean
}

/**
 * A discrete-event queue that stands at `start`. Events run by (instant, key, insertion), each at its own instant,
 * so the outcome does not depend on the order in which parallel requests scheduled them.
 * Cancelling leaves the entry in the heap as a husk that is dropped when it surfaces.
 */
export function createTimeline(start: Instant): Timeline {
  const heap = createHeap(before)
  /** Nearly every key stands for one entry. */
  const byKey = new Map<string, Entry[]>()
  let now = start
  let scheduled = 0

  function at(instant: Instant, key: string, action: () => void): void {
    const entry: Entry = { instant: Math.max(instant, now), key, order: scheduled++, action, cancelled: false }
    heap.push(entry)
    const siblings = byKey.get(key)
    if (siblings) siblings.push(entry)
    else byKey.set(key, [entry])
  }

  function cancel(key: string): void {
    for (const entry of byKey.get(key) ?? []) entry.cancelled = true
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
    const siblings = byKey.get(entry.key)
    if (siblings === undefined || siblings.length === 1) byKey.delete(entry.key)
    else siblings.splice(siblings.indexOf(entry), 1)
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
