import { type Instant, MINUTE, type Millis } from '../../../model/instant.ts'
import { keyedRandom } from '../../../model/keyed.ts'
import type { AwsHandlers } from '../../contract.ts'
import type { ReadLag } from '../world-spec.ts'
import type { Input } from './answers.ts'

/** How far back readers can be shown what was. */
const KEPT: Millis = 10 * MINUTE

/** Where the things are that requests change, and how to keep what one of them was. */
export interface Source<T> {
  readonly service: keyof ReadLag
  readonly kind: string
  all(): readonly T[]
  idOf(item: T): string
  /** All that may change of it, as it is now. */
  copy(item: T): T
  /** Who asks for a new one by its name finds it at once, unless a fault makes its readers lag. */
  readonly newIsFound?: boolean
}

/** Things of one kind, as readers are shown them: what a request changed they hear of some time after its answer. */
export interface Replica<T> {
  all(): readonly T[]
  get(id: string): T | undefined
  /** The same operations; readers hear later of what they change, by the names in the request, and of what they make. */
  heardLater(handlers: AwsHandlers, named: (input: Input) => readonly string[]): AwsHandlers
}

export interface Replicas {
  of<T>(source: Source<T>): Replica<T>
  /** What is asked meanwhile goes through servers: readers are shown what is at least so old, and hear later of changes. Who asks otherwise stands behind them. */
  asReadersSee<R>(lag: Millis, ask: () => R): R
}

interface Change<T> {
  readonly at: Instant
  /** How long after it readers hear of it. */
  readonly lag: Millis
  /** What it was until then; undefined when it was not there. */
  readonly former: T | undefined
}

interface Reading {
  readonly now: () => Instant
  readonly seed: number
  readonly lags: ReadLag
  /** How old what is read must be at least; undefined while nobody reads. */
  age: Millis | undefined
}

/** @param lags how long after a change readers hear of it at most, by service; each change draws its own */
export function createReplicas(now: () => Instant, seed: number, lags: ReadLag): Replicas {
  const reading: Reading = { now, seed, lags, age: undefined }
  return {
    of: (source) => replicaOf(reading, source),
    asReadersSee(lag, ask) {
      reading.age = lag
      try {
        return ask()
      } finally {
        reading.age = undefined
      }
    },
  }
}

function replicaOf<T>(reading: Reading, source: Source<T>): Replica<T> {
  const { now, seed, lags } = reading
  const { service, kind, idOf } = source
  const changes = new Map<string, readonly Change<T>[]>()
  const counts = new Map<string, number>()
  const find = (id: string) => source.all().find((item) => idOf(item) === id)

  function note(id: string, former: T | undefined): void {
    const nth = (counts.get(id) ?? 0) + 1
    counts.set(id, nth)
    const lag = Math.floor(keyedRandom(seed, 'read-lag', service, kind, id, nth) * lags[service])
    const recent = (changes.get(id) ?? []).filter(({ at }) => now() - at < KEPT)
    changes.set(id, [...recent, { at: now(), lag, former }])
  }

  /** The first change that readers have not heard of: they are shown what it changed. */
  function unheard(id: string): Change<T> | undefined {
    const { age } = reading
    return age === undefined ? undefined : changes.get(id)?.find(({ at, lag }) => now() - at < Math.max(lag, age))
  }

  function recorded(handle: AwsHandlers[string], named: (input: Input) => readonly string[]): AwsHandlers[string] {
    return (input) => {
      if (reading.age === undefined) return handle(input)
      const before = new Set(source.all().map(idOf))
      const formers = named(input)
        .flatMap((id) => find(id) ?? [])
        .map((item) => source.copy(item))
      const output = handle(input)
      for (const former of formers) note(idOf(former), former)
      const made = source
        .all()
        .map(idOf)
        .filter((id) => !before.has(id))
      for (const id of made) note(id, undefined)
      return output
    }
  }

  return {
    all() {
      const present = source.all()
      if (changes.size === 0 || reading.age === undefined) return present
      const ids = new Set(present.map(idOf))
      const gone = [...changes.keys()].flatMap((id) => (ids.has(id) ? [] : (unheard(id)?.former ?? [])))
      return [...present.flatMap((item) => shownOf(item, unheard(idOf(item)))), ...gone]
    },
    get(id) {
      const change = unheard(id)
      if (change === undefined) return find(id)
      return change.former ?? (source.newIsFound === true && reading.age === 0 ? find(id) : undefined)
    },
    heardLater: (handlers, named) =>
      Object.fromEntries(
        Object.entries(handlers).map(([operation, handle]) => [operation, isReading(operation) ? handle : recorded(handle, named)]),
      ),
  }
}

function shownOf<T>(item: T, change: Change<T> | undefined): readonly T[] {
  if (change === undefined) return [item]
  return change.former === undefined ? [] : [change.former]
}

/** Whether an operation only reads, by its name. */
function isReading(operation: string): boolean {
  return /^(Describe|List|Get)/.test(operation)
}

/** Operations of one service: those that read, answered from what readers are shown, and those that change what there is. */
export function answeredFrom<D>(shown: D, present: D, handlers: (deps: D) => AwsHandlers): AwsHandlers {
  const reading = Object.entries(handlers(shown)).filter(([operation]) => isReading(operation))
  return { ...handlers(present), ...Object.fromEntries(reading) }
}
