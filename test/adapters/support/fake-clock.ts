import type { Clock } from '../../../src/ports/clock.ts'

/** A clock that stands still until somebody sleeps, and then is where they sleep to. */
export interface FakeClock extends Clock {
  /** Spans that were slept, in milliseconds. */
  readonly slept: number[]
  advance(span: number): void
  /** Called before each sleep ends; what happens in the world meanwhile. */
  whileAsleep?: () => void | Promise<void>
}

export const START = Date.parse('2026-11-23T10:00:00Z')

export function fakeClock(start = START): FakeClock {
  let now = start
  const clock: FakeClock = {
    slept: [],
    now: () => now,
    advance: (span) => {
      now += span
    },
    sleepUntil: async (instant, signal) => {
      await new Promise((resolve) => setImmediate(resolve))
      if (signal?.aborted) return
      clock.slept.push(instant - now)
      now = Math.max(now, instant)
      await clock.whileAsleep?.()
    },
  }
  return clock
}

/** A clock that moves only when told to. */
export function manualClock(start = START): Clock & { advance(span: number): void; readonly sleepers: number } {
  let now = start
  const sleeping = new Set<{ readonly until: number; readonly wake: () => void }>()
  return {
    now: () => now,
    get sleepers() {
      return sleeping.size
    },
    sleepUntil: (until, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || until <= now) return resolve()
        const sleeper = {
          until,
          wake: () => {
            sleeping.delete(sleeper)
            resolve()
          },
        }
        sleeping.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      }),
    advance: (span) => {
      now += span
      for (const sleeper of sleeping) if (sleeper.until <= now) sleeper.wake()
    },
  }
}
