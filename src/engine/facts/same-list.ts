/** The old list when it holds the same objects in the same order, else the new one. */
export function sameOr<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  if (before === after) return before
  return before.length === after.length && before.every((object, index) => object === after[index]) ? before : after
}
