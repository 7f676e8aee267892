import type { Clock } from '../../ports/clock.ts'

/** The longest wait one timer can hold. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The clock on the wall. */
export function wallClock(): Clock {
  return { now: () => Date.now(), sleepUntil: (instant, signal) => sleepReal(() => instant - Date.now(), signal) }
}

/** Sleeps in real time until `remaining` is nothing, or the signal is aborted. */
export async function sleepReal(remaining: () => number, signal?: AbortSignal): Promise<void> {
  for (let left = remaining(); left > 0 && signal?.aborted !== true; left = remaining()) {
    await oneTimer(Math.min(Math.ceil(left), LONGEST_TIMER), signal)
  }
}

function oneTimer(span: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, span)
    signal?.addEventListener('abort', done, { once: true })
  })
}
