import { isSerinError, SerinError } from '../errors/serin-error.ts'
import type { Millis } from '../model/instant.ts'
import { SECOND } from '../model/instant.ts'
import { keyedRandom } from '../model/keyed.ts'
import type { Clock } from '../ports/clock.ts'

/** How long a read is repeated before its error is handed on. */
export interface RetryBudget {
  readonly attempts: number
  /** No new attempt starts later than this after the first. */
  readonly time: Millis
}

export const READ_BUDGET: RetryBudget = { attempts: 6, time: 60 * SECOND }

const LONGEST_WAIT = 20 * SECOND

/** Counts throttling answers; the engine slows down by it. */
export interface ThrottleCount {
  add(): void
  total(): number
}

export function createThrottleCount(): ThrottleCount {
  let count = 0
  return {
    add: () => {
      count += 1
    },
    total: () => count,
  }
}

export interface Retrier {
  /** Repeats a read while its error may pass by itself. Mutations never come here: they may have happened. */
  read<T>(operation: string, attempt: () => Promise<T>): Promise<T>
  /** Runs once, and counts a throttling answer. */
  once<T>(attempt: () => Promise<T>): Promise<T>
}

export function createRetrier(clock: Clock, throttles: ThrottleCount, budget: RetryBudget = READ_BUDGET): Retrier {
  const once = async <T>(attempt: () => Promise<T>): Promise<T> => {
    try {
      return await attempt()
    } catch (error) {
      if (isSerinError(error, 'REMOTE_THROTTLED')) throttles.add()
      throw error
    }
  }
  return {
    once,
    async read(operation, attempt) {
      const started = clock.now()
      for (let tried = 1; ; tried += 1) {
        try {
          return await once(attempt)
        } catch (error) {
          const until = clock.now() + delayBefore(operation, tried)
          if (!mayPass(error) || tried >= budget.attempts || until - started > budget.time) throw error
          await clock.sleepUntil(until)
        }
      }
    },
  }
}

/**
 * Full jitter under a doubling ceiling (1 s, 2 s, 4 s … 20 s), with a floor of a tenth so that the wait is never nothing.
 * Keyed by operation and attempt, so that parallel calls cannot change a run.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function delayBefore(operation: string, attempt: number): Millis {
  const ceiling = Math.min(LONGEST_WAIT, SECOND * 2 ** (attempt - 1))
  return Math.round(ceiling * (0.1 + 0.9 * keyedRandom('retry', operation, attempt)))
}

function mayPass(error: unknown): error is SerinError {
  return error instanceof SerinError && ['REMOTE_THROTTLED', 'REMOTE_UNAVAILABLE', 'REMOTE_MALFORMED'].includes(error.code)
}
