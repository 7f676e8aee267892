import type { Instant } from '../model/instant.ts'

/** Virtual time as an affine function of real time: other processes can follow it without asking. */
export interface ScaledClock {
  now(): Instant
  /** `v0,r0,speed`: virtual = v0 + (real - r0) * speed, in milliseconds since 1970. */
  readonly rule: string
}

export function createScaledClock(start: Instant, speed: number): ScaledClock {
  const realStart = Date.now()
  return { now: () => start + Math.round((Date.now() - realStart) * speed), rule: `${start},${realStart},${speed}` }
}
