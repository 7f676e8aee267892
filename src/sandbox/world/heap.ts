/** A binary heap: the first of its items, by an order of their own, is always at hand. */
export interface Heap<T> {
  first(): T | undefined
  push(item: T): void
  /** Takes the first away. */
  pop(): void
}

/** @param before whether one item comes before another; must not change for items that are in the heap */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []

  function lesserChild(index: number): number | undefined {
    const left = 2 * index + 1
    const right = left + 1
    if (left >= items.length) return undefined
    return right < items.length && before(items[right] as T, items[left] as T) ? right : left
  }

  return {
    first: () => items[0],
    push(item) {
      let index = items.length
      items.push(item)
      while (index > 0) {
        const parent = (index - 1) >> 1
        const above = items[parent] as T
        if (!before(item, above)) break
        items[index] = above
        index = parent
      }
      items[index] = item
    },
    pop() {
      const last = items.pop()
      if (last === undefined || items.length === 0) return
      let index = 0
      for (let child = lesserChild(index); child !== undefined; child = lesserChild(index)) {
        const below = items[child] as T
        if (!before(below, last)) break
        items[index] = below
        index = child
      }
      items[index] = last
    },
  }
}
