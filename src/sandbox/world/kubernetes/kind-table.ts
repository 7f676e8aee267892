import type { StoredObject } from '../../contract.ts'

/** The key of an object inside its kind; sorts by namespace, then by name. */
export function tableKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}\u0000${name}`
}

/** All objects of one kind, kept in the order of their keys. */
export interface KindTable {
  get(key: string): StoredObject | undefined
  put(key: string, object: StoredObject): void
  remove(key: string): void
  list(): readonly StoredObject[]
}

export function createKindTable(): KindTable {
  const objects = new Map<string, StoredObject>()
  const keys: string[] = []
  let listed: readonly StoredObject[] | undefined
  return {
    get: (key) => objects.get(key),
    put(key, object) {
      if (!objects.has(key)) keys.splice(positionOf(keys, key), 0, key)
      objects.set(key, object)
      listed = undefined
    },
    remove(key) {
      if (objects.delete(key)) keys.splice(positionOf(keys, key), 1)
      listed = undefined
    },
    list() {
      listed ??= keys.flatMap((key) => objects.get(key) ?? [])
      return listed
    },
  }
}

/** Where a key stands, or would stand, in sorted keys. */
function positionOf(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}
