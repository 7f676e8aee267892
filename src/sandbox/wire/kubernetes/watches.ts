import type { StoredObject, StoreEvent, World } from '../../contract.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import { objectText } from './object-text.ts'
import type { References } from './references.ts'
import type { Matcher } from './selectors.ts'
import { statusBody } from './status.ts'

export type EventType = StoreEvent['type']

export interface WatchSpec {
  readonly kind: string
  readonly apiVersion: string
  readonly matches: Matcher
  /** What exists, to be told first; undefined when the watch starts at a version. */
  readonly initial: readonly StoredObject[] | undefined
  /** The version after which changes are told. */
  readonly from: number
  /** Ends the initial objects by a bookmark that says so. */
  readonly markInitialEnd: boolean
  readonly bookmarks: boolean
  readonly timeoutMilliseconds: number | undefined
  /** One event's line; the first line of a Table watch carries the column definitions. */
  readonly line: (type: EventType, object: StoredObject) => string
}

/** The open watches of an API server. */
export interface Watches {
  open(spec: WatchSpec, write: (text: string) => void, end: () => void): () => void
  /** Tells every watch that asked for bookmarks which version the store has reached. */
  bookmark(): void
  count(): number
  /** Lets go of the store. */
  close(): void
}

interface Watcher {
  readonly spec: WatchSpec
  readonly write: (text: string) => void
  readonly expire: () => void
  reached: number
}

/** The line of an event as plain JSON. */
export function eventLine(kind: ServedKind, references: References | undefined): (type: EventType, object: StoredObject) => string {
  return (type, object) => `{"type":"${type}","object":${references?.give(kind, object) ?? objectText(kind, object)}}\n`
}

export function createWatches(world: World, later: (milliseconds: number, action: () => void) => () => void): Watches {
  const watchers = new Map<string, Set<Watcher>>()
  const ofKind = (kind: string): Set<Watcher> => {
    const set = watchers.get(kind) ?? new Set()
    watchers.set(kind, set)
    return set
  }
  const onEvent = (event: StoreEvent): void => {
    for (const watcher of watchers.get(event.object.kind) ?? []) tell(watcher, event)
  }
  const unsubscribe = world.store.subscribe(onEvent)
  // A server that goes away takes its connections with it.
  const stayOpen = world.apiServer.onBreak(() => {
    for (const set of watchers.values()) for (const watcher of [...set]) watcher.expire()
  })
  return {
    open(spec, write, end) {
      const stop = (): void => {
        ofKind(spec.kind).delete(watcher)
        cancel()
      }
      const expire = (): void => {
        stop()
        end()
      }
      const watcher: Watcher = { spec, write, reached: spec.from, expire }
      if (!begin(world, watcher)) {
        end()
        return () => {}
      }
      ofKind(spec.kind).add(watcher)
      const cancel = spec.timeoutMilliseconds === undefined ? () => {} : later(spec.timeoutMilliseconds, expire)
      return stop
    },
    bookmark() {
      const version = world.store.version()
      for (const set of watchers.values()) for (const watcher of set) bookmarkAt(watcher, version)
    },
    count: () => [...watchers.values()].reduce((sum, set) => sum + set.size, 0),
    close() {
      unsubscribe()
      stayOpen()
    },
  }
}

/** Tells what exists or what has changed since. False when the log no longer reaches back so far. */
function begin(world: World, watcher: Watcher): boolean {
  const { spec, write } = watcher
  if (spec.initial !== undefined) {
    for (const object of spec.initial) write(spec.line('ADDED', object))
    if (spec.markInitialEnd) write(bookmarkLine(spec, spec.from, { 'k8s.io/initial-events-end': 'true' }))
    return true
  }
  const missed = world.store.since(spec.from)
  if (missed === undefined) {
    write(errorLine(410, 'Expired', `too old resource version: ${spec.from} (${world.store.version()})`))
    return false
  }
  for (const event of missed) if (event.object.kind === spec.kind) tell(watcher, event)
  return true
}

function tell(watcher: Watcher, event: StoreEvent): void {
  if (event.version <= watcher.reached) return
  const seen = throughSelector(watcher.spec.matches, event)
  if (seen === undefined) return
  watcher.reached = event.version
  watcher.write(watcher.spec.line(seen.type, seen.object))
}

/**
 * How a change looks through the selector: entering reads as ADDED, leaving as DELETED with what it was before.
 * Source: kubernetes, staging/src/k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go, convertToWatchEvent.
 */
function throughSelector(matches: Matcher, { type, object, before }: StoreEvent): Pick<StoreEvent, 'type' | 'object'> | undefined {
  if (matches === undefined) return { type, object }
  const was = before !== undefined && matches(before)
  const is = type !== 'DELETED' && matches(object)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object }
  if (!was) return undefined
  const { resourceVersion } = object.metadata
  return { type: 'DELETED', object: { ...before, metadata: { ...before.metadata, resourceVersion } } }
}

function bookmarkAt(watcher: Watcher, version: number): void {
  if (!watcher.spec.bookmarks || watcher.reached >= version) return
  watcher.reached = version
  watcher.write(bookmarkLine(watcher.spec, version))
}

const BOOKMARK = '{"type":"BOOKMARK",'

export function isBookmark(line: string): boolean {
  return line.startsWith(BOOKMARK)
}

function bookmarkLine(spec: WatchSpec, version: number, annotations?: Readonly<Record<string, string>>): string {
  const metadata = { resourceVersion: String(version), creationTimestamp: null, ...(annotations === undefined ? {} : { annotations }) }
  return `${BOOKMARK}"object":${JSON.stringify({ kind: spec.kind, apiVersion: spec.apiVersion, metadata })}}\n`
}

function errorLine(status: number, reason: string, message: string): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusBody({ status, reason, message }) })}\n`
}
