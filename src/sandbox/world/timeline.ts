import type { Instant } from '../../model/instant.ts'
import type { Timeline } from '../contract.ts'

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
  const heap: Entry[] = []
  const byKey = new Map<string, Set<Entry>>()
  let now = start
  let scheduled = 0

  function at(instant: Instant, key: string, action: () => void): void {
    const entry: Entry = { instant: Math.max(instant, now), key, order: scheduled++, action, cancelled: false }
    push(heap, entry)
    const siblings = byKey.get(key)
    if (siblings) siblings.add(entry)
    else byKey.set(key, new Set([entry]))
  }

  function cancel(key: string): void {
    for (const entry of byKey.get(key) ?? []) entry.cancelled = true
    byKey.delete(key)
  }

  function head(): Entry | undefined {
    while (heap[0]?.cancelled) pop(heap)
    return heap[0]
  }

  function take(entry: Entry): void {
    pop(heap)
    const siblings = byKey.get(entry.key)
    siblings?.delete(entry)
    if (siblings?.size === 0) byKey.delete(entry.key)
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

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length
  heap.push(entry)
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !before(entry, above)) break
    heap[index] = above
    index = parent
  }
  heap[index] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (let child = lesserChild(heap, index); child !== undefined; child = lesserChild(heap, index)) {
    const below = heap[child]
    if (below === undefined || !before(below, last)) break
    heap[index] = below
    index = child
  }
  heap[index] = last
}

function lesserChild(heap: readonly Entry[], index: number): number | undefined {
  const left = heap[2 * index + 1]
  const right = heap[2 * index + 2]
  if (left === undefined) return undefined
  return right !== undefined && before(right, left) ? 2 * index + 2 : 2 * index + 1
}
