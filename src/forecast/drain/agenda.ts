import type { Millis } from '../../model/instant.ts'

/** What happens when, in order of time and, at one time, of entry. */
export interface Agenda {
  readonly now: () => Millis
  readonly after: (delay: Millis, action: () => void) => void
  /** Lets everything happen, also what is entered meanwhile. */
  readonly run: () => void
}

interface Entry {
  readonly at: Millis
  readonly order: number
  readonly action: () => void
}

export function createAgenda(): Agenda {
  const heap: Entry[] = []
  let now = 0
  let entered = 0

  return {
    now: () => now,
    after(delay, action) {
      push(heap, { at: now + delay, order: entered++, action })
    },
    run() {
      for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
        now = entry.at
        entry.action()
      }
    },
  }
}

function before(a: Entry | undefined, b: Entry): boolean {
  return a !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
}

function push(heap: Entry[], entry: Entry): void {
  let place = heap.length
  heap.push(entry)
  while (place > 0) {
    const above = (place - 1) >> 1
    if (!before(entry, heap[above] as Entry)) break
    heap[place] = heap[above] as Entry
    place = above
  }
  heap[place] = entry
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let place = 0
  for (;;) {
    const left = 2 * place + 1
    const child = before(heap[left + 1], heap[left] ?? last) ? left + 1 : left
    if (!before(heap[child], last)) break
    heap[place] = heap[child] as Entry
    place = child
  }
  heap[place] = last
  return first
}
