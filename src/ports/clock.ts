import type { Instant } from '../model/instant.ts'

/** Time. In production the wall clock, in a rehearsal the world's. */
export interface Clock {
  now(): Instant
  /** Resolves when the instant is reached, or as soon as the signal is aborted. Never rejects. */
  sleepUntil(instant: Instant, signal?: AbortSignal): Promise<void>
}
