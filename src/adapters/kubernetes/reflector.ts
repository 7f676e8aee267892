import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Resource } from '../../ports/kubernetes.ts'
import { delayBefore, type Retrier } from '../retry.ts'
import { type Collection, createCollection } from './collection.ts'
import { type Connection, operationOf } from './connection.ts'
import { isExpired, listAll } from './list.ts'
import { apiPath } from './paths.ts'
import { createTrim } from './trim.ts'
import { watchEvents } from './watch-events.ts'

/** What is watched, and how much of it is kept. */
export interface Watched {
  readonly resource: Resource
  readonly fieldSelector?: string
  readonly keep?: (object: KubernetesObject) => boolean
  readonly most?: number
  /** Who may not read it, or has none, still sees the rest: it is in trouble from the start, and nothing is thrown. */
  readonly optional?: boolean
}

/** How a silent connection is told from a quiet one, on a clock of real time. Absent where no connection can be lost silently. */
export interface Liveness {
  readonly clock: Clock
  /** Longer than the minute or so between two bookmarks. */
  readonly inactivity: Millis
  readonly resync: Millis
}

/** `resync`: everything is listed again, whatever the watch says. */
export const LIVENESS_TIMES = { inactivity: 90 * SECOND, resync: 5 * MINUTE } as const

export interface ReflectorSettings {
  readonly connection: Connection
  readonly retrier: Retrier
  /** For the back-off and the times of trouble. */
  readonly clock: Clock
  readonly liveness?: Liveness
  /** Called whenever version or trouble may have changed. */
  readonly changed: () => void
}

export interface Trouble {
  readonly reason: string
  readonly since: Instant
}

/** Seconds after which the server is asked to end a watch in good order; not asked in process, where no connection grows old. */
const WATCH_SECONDS = 290
/** A watch that ends sooner than this without a word has not worked. */
const SHORTEST_WATCH = SECOND
/** Failures in a row from which on the copy is in doubt and everything is listed again. */
const DOUBT = 2

/** Retries nothing: the reflector's own back-off is the only wait, so that a rehearsal can tell waiting from working. */
const NO_RETRY: Retrier = { read: (_operation, attempt) => attempt(), once: (attempt) => attempt() }

/** One kind of object, listed and then watched, for as long as it is not stopped. */
export class Reflector {
  readonly resource: Resource
  readonly #watched: Watched
  readonly #settings: ReflectorSettings
  readonly #collection: Collection
  readonly #path: string
  readonly #trim = createTrim()
  readonly #stopping = new AbortController()
  /** Where the next watch begins; undefined when everything has to be listed first. */
  #from: string | undefined
  #failures = 0
  #trouble: Trouble | undefined
  #state: 'idle' | 'working' | 'waiting' = 'idle'
  #running: Promise<void> = Promise.resolve()

  constructor(watched: Watched, settings: ReflectorSettings) {
    this.resource = watched.resource
    this.#watched = watched
    this.#settings = settings
    this.#collection = createCollection({ keep: watched.keep ?? (() => true), most: watched.most, trim: this.#trim })
    this.#path = apiPath(watched.resource)
  }

  items(): readonly KubernetesObject[] {
    return this.#collection.items()
  }

  trouble(): Trouble | undefined {
    return this.#trouble
  }

  /** Whether it has seen a version, or cannot see anything before time goes on. */
  reached(version: number): boolean {
    return this.#state !== 'working' || this.#collection.version() >= version
  }

  /** Lists once, throws what the list throws unless it is optional, then watches. */
  async start(): Promise<void> {
    try {
      await this.#relist(this.#settings.retrier)
    } catch (error) {
      if (this.#watched.optional !== true || !isSerinError(error)) throw error
      this.#setTrouble(error.message)
    }
    this.#state = 'working'
    this.#running = this.#run()
  }

  /** Lists plainly beside the running watch; what is optional and in trouble anyway is left to the watch. */
  async refresh(): Promise<void> {
    if (this.#watched.optional === true && this.#trouble !== undefined) return
    await this.#collection.merge(() => this.#list(this.#settings.retrier))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    this.#state = 'idle'
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#from === undefined) await this.#relist(NO_RETRY)
        await this.#watch(this.#from ?? '')
      } catch (error) {
        if (!this.#stopping.signal.aborted) await this.#recover(error)
      }
    }
  }

  #list(retrier: Retrier) {
    const { resource, fieldSelector } = this.#watched
    return listAll(this.#settings.connection, retrier, resource, { fieldSelector }, this.#trim)
  }

  async #relist(retrier: Retrier): Promise<void> {
    const listing = await this.#list(retrier)
    this.#collection.reset(listing)
    this.#from = listing.resourceVersion
    this.#settings.changed()
  }

  async #watch(from: string): Promise<void> {
    const watchdog = new Watchdog(this.#settings.liveness)
    const signal = AbortSignal.any([this.#stopping.signal, watchdog.signal])
    const opened = this.#settings.clock.now()
    const timeoutSeconds = this.#settings.liveness === undefined ? undefined : WATCH_SECONDS
    const query = { watch: true, allowWatchBookmarks: true, resourceVersion: from, timeoutSeconds }
    try {
      const stream = await this.#settings.connection.stream(this.#path, { ...query, fieldSelector: this.#watched.fieldSelector }, signal)
      this.#setTrouble(undefined)
      const lines = await this.#follow(stream, watchdog)
      if (lines === 0 && this.#settings.clock.now() - opened < SHORTEST_WATCH)
        throw new SerinError('REMOTE_UNAVAILABLE', `${operationOf('WATCH', this.#path)}: ended before it began`)
    } catch (error) {
      if (!watchdog.signal.aborted) throw error
      this.#from = undefined
    } finally {
      watchdog.end()
    }
  }

  /** @returns how many events came before the server ended the watch. */
  async #follow(stream: AsyncIterable<Buffer>, watchdog: Watchdog): Promise<number> {
    let lines = 0
    for await (const events of watchEvents(this.#settings.connection, operationOf('WATCH', this.#path), stream)) {
      if (events.length === 0) continue
      lines += events.length
      this.#failures = 0
      watchdog.active()
      for (const event of events) {
        this.#collection.apply(event.type === 'BOOKMARK' ? event : { ...event, object: this.#complete(event.object) })
        this.#from = event.object.metadata.resourceVersion ?? this.#from
      }
      this.#settings.changed()
    }
    return lines
  }

  #complete(object: KubernetesObject): KubernetesObject {
    return object.kind === undefined ? { ...object, apiVersion: this.resource.apiVersion, kind: this.resource.kind } : object
  }

  /** Relist when the version is gone or anything is doubtful; wait, unless it was only the first sign of an old version. */
  async #recover(error: unknown): Promise<void> {
    const expired = isExpired(error)
    const listing = this.#from === undefined
    this.#failures += 1
    const doubtful = listing || this.#failures >= DOUBT
    if (expired || doubtful || !isCutOff(error)) this.#from = undefined
    if (doubtful) this.#setTrouble(error instanceof Error ? error.message : String(error))
    if (!(expired && this.#failures === 1)) await this.#backOff()
  }

  async #backOff(): Promise<void> {
    const { clock } = this.#settings
    this.#state = 'waiting'
    this.#settings.changed()
    await clock.sleepUntil(clock.now() + delayBefore(`watch ${this.#path}`, this.#failures), this.#stopping.signal)
    this.#state = 'working'
  }

  #setTrouble(reason: string | undefined): void {
    this.#trouble = reason === undefined ? undefined : { reason, since: this.#trouble?.since ?? this.#settings.clock.now() }
    this.#settings.changed()
  }
}

function isCutOff(error: unknown): boolean {
  return !(error instanceof SerinError) || error.code === 'REMOTE_UNAVAILABLE'
}

/** Ends a watch that has been silent for too long, or is due for a full list. */
class Watchdog {
  readonly #controller = new AbortController()
  readonly #over = new AbortController()
  readonly #liveness: Liveness | undefined
  #lastActive: Instant

  constructor(liveness: Liveness | undefined) {
    this.#liveness = liveness
    this.#lastActive = liveness?.clock.now() ?? 0
    if (liveness !== undefined) void this.#guard(liveness)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  active(): void {
    if (this.#liveness !== undefined) this.#lastActive = this.#liveness.clock.now()
  }

  end(): void {
    this.#over.abort()
  }

  async #guard({ clock, inactivity, resync }: Liveness): Promise<void> {
    const resyncAt = clock.now() + resync
    while (!this.#over.signal.aborted) {
      const due = Math.min(this.#lastActive + inactivity, resyncAt)
      if (clock.now() >= due) return this.#controller.abort()
      await clock.sleepUntil(due, this.#over.signal)
    }
  }
}
