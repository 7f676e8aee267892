import type { Instant } from '../../../model/instant.ts'
import type { ObjectStore, StoredObject, World } from '../../contract.ts'

const KEPT = 20_000

/** Notes which version the store had when; instants before the first change read as the beginning. */
export function createHistory({ store, timeline }: Pick<World, 'store' | 'timeline'>): (instant: Instant) => number {
  const beginning = store.version()
  let notes: { readonly at: Instant; version: number }[] = []
  store.subscribe(({ version }) => {
    const at = timeline.now()
    const last = notes.at(-1)
    if (last?.at === at) last.version = version
    else notes.push({ at, version })
    if (notes.length > KEPT) notes = notes.slice(KEPT / 2)
  })
  return (instant) => notes.findLast(({ at }) => at <= instant)?.version ?? beginning
}

/** The objects of a kind as they were at a version, as far back as the log of changes reaches: then as they are. */
export function listAt(store: ObjectStore, kind: string, version: number): readonly StoredObject[] {
  const missed = store.since(version)?.filter(({ object }) => object.kind === kind) ?? []
  if (missed.length === 0) return store.list(kind)
  const then = new Map(store.list(kind).map((object) => [keyOf(object), object]))
  for (const { object, before } of missed.toReversed()) {
    if (before === undefined) then.delete(keyOf(object))
    else then.set(keyOf(before), before)
  }
  return [...then].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
}

function keyOf({ metadata }: StoredObject): string {
  return `${metadata.namespace ?? ''}\u0000${metadata.name}`
}
