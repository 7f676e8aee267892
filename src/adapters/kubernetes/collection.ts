import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { Listing } from './list.ts'
import type { WatchEvent } from './watch-events.ts'

/** The objects of one kind, brought together from lists and watch events that may overtake each other. */
export interface Collection {
  /** Frozen; the same array as long as nothing changed. */
  items(): readonly KubernetesObject[]
  /** Newest version that a list, an event or a bookmark has shown. */
  version(): number
  apply(event: WatchEvent): void
  /** What a list shows, while no watch runs. */
  reset(listing: Listing<KubernetesObject>): void
  /** Reads a list while a watch runs: what the watch shows to be newer than the list stays. */
  merge(read: () => Promise<Listing<KubernetesObject>>): Promise<void>
}

type Objects = ReadonlyMap<string, KubernetesObject>

/** So many objects may wait to be trimmed: of what changes many times between two looks only the last state has to be. */
const MOST_WHOLE = 2_000

export interface CollectionSettings {
  readonly keep: (object: KubernetesObject) => boolean
  /** Oldest objects go when there are more than this; for events. */
  readonly most?: number
  /** What is kept of an object that an event brought; lists bring what is trimmed already. */
  readonly trim: (object: KubernetesObject) => KubernetesObject
}

export function createCollection({ keep, most = Number.POSITIVE_INFINITY, trim }: CollectionSettings): Collection {
  let objects = new Map<string, KubernetesObject>()
  /** Keys of objects that came whole and were not looked at yet. */
  const whole = new Set<string>()
  let cached: readonly KubernetesObject[] | undefined
  let version = 0
  let listedAt = 0
  let merging = 0
  const removed = new Map<string, number>()

  const adopt = (next: Map<string, KubernetesObject>): void => {
    if (!sameObjects(objects, next)) cached = undefined
    objects = next
  }
  const trimWhole = (): void => {
    for (const key of whole) {
      const object = objects.get(key)
      if (object !== undefined) objects.set(key, trim(object))
    }
    whole.clear()
  }
  const put = (object: KubernetesObject): void => {
    const key = keyOf(object)
    objects.set(key, object)
    whole.add(key)
    if (whole.size > MOST_WHOLE) trimWhole()
    if (objects.size > most) forget(objects.keys().next().value ?? '')
    cached = undefined
  }
  const forget = (key: string): void => {
    whole.delete(key)
    if (objects.delete(key)) cached = undefined
  }
  const remove = (object: KubernetesObject, at: number): void => {
    const key = keyOf(object)
    if (merging > 0) removed.set(key, at)
    forget(key)
  }
  return {
    items: () => {
      trimWhole()
      cached ??= Object.freeze([...objects.values()])
      return cached
    },
    version: () => version,
    apply: ({ type, object }) => {
      const at = versionOf(object)
      version = Math.max(version, at)
      if (type === 'BOOKMARK' || at <= listedAt || !keep(object)) return
      if (type === 'DELETED') remove(object, at)
      else put(object)
    },
    reset: (listing) => {
      trimWhole()
      adopt(listed(objects, listing.items.filter(keep).slice(-most)))
      version = numeric(listing.resourceVersion)
      listedAt = version
    },
    merge: async (read) => {
      merging += 1
      try {
        const listing = await read()
        const at = numeric(listing.resourceVersion)
        trimWhole()
        const items = listing.items.filter((item) => keep(item) && (removed.get(keyOf(item)) ?? 0) <= at)
        adopt(withNewer(listed(objects, items.slice(-most)), objects, at))
        listedAt = Math.max(listedAt, at)
        version = Math.max(version, at)
      } finally {
        merging -= 1
        if (merging === 0) removed.clear()
      }
    },
  }
}

/** The items of a list; objects that did not change keep their identity. */
function listed(before: Objects, items: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(
    items.map((item) => {
      const known = before.get(keyOf(item))
      return [keyOf(item), known !== undefined && sameVersion(known, item) ? known : item]
    }),
  )
}

/** Puts back what the watch has shown to be newer than a list read at `at`. */
function withNewer(list: Map<string, KubernetesObject>, before: Objects, at: number): Map<string, KubernetesObject> {
  for (const [key, known] of before) if (versionOf(known) > at) list.set(key, known)
  return list
}

function sameVersion(a: KubernetesObject, b: KubernetesObject): boolean {
  return a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion
}

function sameObjects(a: Objects, b: Objects): boolean {
  return a.size === b.size && [...a].every(([key, object]) => b.get(key) === object)
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function versionOf(object: KubernetesObject): number {
  return numeric(object.metadata.resourceVersion)
}

/** Versions of etcd are numbers that only grow; compared as such where the order of two matters. */
function numeric(version: string | undefined): number {
  const value = Number(version)
  return Number.isFinite(value) ? value : 0
}
