import type { Instant, Millis } from '../model/instant.ts'

/** A cache fed by watches that knows how far it has come. */
export interface SettlingCache {
  /** Resolves when every watch of the cache has seen this resource version. */
  reached(version: number): Promise<void>
}

/** Time that moves only when nobody can run. */
export interface VirtualClock {
  now(): Instant
  /** Resolves when the world has come to the instant and every cache knows it, or when the signal is aborted. Never rejects. */
  sleepUntil(instant: Instant, signal?: AbortSignal): Promise<void>
  /** For work that holds time still: lets so much of it pass all the same. */
  pause(span: Millis): Promise<void>
  /** Holds time still while the work is under way. */
  during<T>(work: () => Promise<T>): Promise<T>
}

export interface VirtualClockParts {
  readonly timeline: { now(): Instant; advanceTo(instant: Instant): void }
  /** Tells every watch which version the store has reached, and gives it. */
  readonly bookmark: () => number
  readonly caches: ReadonlySet<SettlingCache>
  /** Quiet turns of the event loop after which a cache is no longer waited for; more where bytes go through sockets. */
  readonly barrierTurns?: number
}

interface Sleeper {
  readonly instant: Instant
  readonly order: number
  readonly wake: () => void
}

/** Turns of the event loop without anything new after which nobody can run. */
const IDLE_TURNS = 2
/** A cache whose watch broke reaches nothing before its reader has slept: after so many quiet turns the barrier gives way. */
const BARRIER_TURNS = 200

/**
 * A clock that jumps to the earliest instant anybody sleeps until, once no request is under way and two turns of the
 * event loop have brought no new sleeper. Each jump: the world's events up to there, a bookmark to every watch, a wait
 * until the caches have read it, then one sleeper is woken and the rest wait for the next jump. What the sleepers do
 * between two jumps must not wait for anything but requests to the sandbox and this clock: of other waiting (files,
 * timers) it knows nothing.
 */
export function createVirtualClock({ timeline, bookmark, caches, barrierTurns = BARRIER_TURNS }: VirtualClockParts): VirtualClock {
  const sleepers = new Set<Sleeper>()
  let entries = 0
  let underWay = 0
  let moving = false

  async function quiet(turns: number, enough: () => boolean = () => false): Promise<void> {
    let seen = entries
    for (let count = 0; count < turns && !enough(); count++) {
      await turn()
      if (underWay > 0 || seen !== entries) count = -1
      seen = entries
    }
  }

  async function barrier(): Promise<void> {
    const version = bookmark()
    let reached = caches.size === 0
    const all = Promise.all([...caches].map((cache) => cache.reached(version)))
    void all.then(() => {
      reached = true
    })
    await quiet(barrierTurns, () => reached)
  }

  async function move(): Promise<void> {
    for (;;) {
      await quiet(IDLE_TURNS)
      const next = earliest(sleepers)
      if (next === undefined) break
      timeline.advanceTo(Math.max(next.instant, timeline.now()))
      await barrier()
      next.wake()
    }
    moving = false
  }

  function sleepUntil(instant: Instant, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper: Sleeper = { instant, order: entries++, wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
      if (moving) return
      moving = true
      void move()
    })
  }

  return {
    now: () => timeline.now(),
    sleepUntil,
    async pause(span) {
      underWay--
      await sleepUntil(timeline.now() + span)
      underWay++
    },
    async during(work) {
      entries++
      underWay++
      try {
        return await work()
      } finally {
        underWay--
        entries++
      }
    },
  }
}

function earliest(sleepers: ReadonlySet<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined
  for (const sleeper of sleepers) {
    if (first === undefined || sleeper.instant < first.instant || (sleeper.instant === first.instant && sleeper.order < first.order))
      first = sleeper
  }
  return first
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
