import type { StoredObject } from '../../contract.ts'

/** The key of an object inside its kind; sorts by namespace, then by name. */
export function tableKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}\u0000${name}`
}

/** All objects of one kind, listed in the order of their keys. */
export interface KindTable {
  get(key: string): StoredObject | undefined
  put(key: string, object: StoredObject): void
  remove(key: string): void
  list(): readonly StoredObject[]
}

/** Puts its keys in order when it is listed: far more objects come and go than lists are asked for. */
export function createKindTable(): KindTable {
  const objects = new Map<string, StoredObject>()
  const added = new Set<string>()
  let keys: readonly string[] = []
  let listed: readonly StoredObject[] | undefined
  return {
    get: (key) => objects.get(key),
    put(key, object) {
      if (!objects.has(key)) added.add(key)
      objects.set(key, object)
      listed = undefined
    },
    remove(key) {
      objects.delete(key)
      listed = undefined
    },
    list() {
      if (listed !== undefined) return listed
      if (added.size > 0 || keys.length !== objects.size) keys = merged(keys, added, objects)
      added.clear()
      listed = keys.map((key) => objects.get(key) as StoredObject)
      return listed
    },
  }
}

/** Sorted keys with those added since, less those that are gone. A key that went and came back is in both. */
function merged(sorted: readonly string[], added: ReadonlySet<string>, objects: ReadonlyMap<string, StoredObject>): readonly string[] {
  const fresh = [...added].filter((key) => objects.has(key)).sort()
  const result: string[] = []
  let at = 0
  for (const key of sorted) {
    if (added.has(key) || !objects.has(key)) continue
    for (let next = fresh[at]; next !== undefined && next < key; next = fresh[++at]) result.push(next)
    result.push(key)
  }
  return [...result, ...fresh.slice(at)]
}
