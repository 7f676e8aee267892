/** What differs between two lists of the same kind of object; a cache hands out the same object while it is unchanged. */
export interface Changes<T> {
  readonly removed: readonly T[]
  readonly added: readonly T[]
}

/** How far a gap in one list is looked for before the lists are taken to have lost step: so many pods may go from one place at once. */
const REACH = 128

/**
 * Compares by identity; a replaced object is in both lists. Both lists are walked in step: replacements in place, insertions and
 * removals cost a pass of `===`. Lists that lost step only cost more, since what merely moved is found again at the end.
 */
export function changesBetween<T>(before: readonly T[], after: readonly T[]): Changes<T> {
  if (before === after) return { removed: [], added: [] }
  const left: T[] = []
  const right: T[] = []
  let b = 0
  let a = 0
  while (b < before.length || a < after.length) {
    if (b < before.length && before[b] === after[a]) {
      b++
      a++
      continue
    }
    const gap = gapAt(before, b, after, a)
    for (let n = 0; n < gap.before && b < before.length; n++) left.push(before[b++] as T)
    for (let n = 0; n < gap.after && a < after.length; n++) right.push(after[a++] as T)
  }
  return withoutMoved(left, right)
}

/** How many objects to skip on either side to be in step again; one on both when nothing near fits. */
function gapAt<T>(before: readonly T[], b: number, after: readonly T[], a: number): { before: number; after: number } {
  for (let n = 1; n <= REACH; n++) {
    if (a < after.length && before[b + n] === after[a]) return { before: n, after: 0 }
    if (b < before.length && after[a + n] === before[b]) return { before: 0, after: n }
  }
  return { before: 1, after: 1 }
}

function withoutMoved<T>(left: readonly T[], right: readonly T[]): Changes<T> {
  const removed = new Set(left)
  const added = right.filter((object) => !removed.delete(object))
  return { removed: [...removed], added }
}
