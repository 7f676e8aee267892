import { MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import { keyedRandom } from '../../model/keyed.ts'

/** How fast things go. Published limits are those of EKS; what is marked "estimate" differs from cluster to cluster. */
export interface Pace {
  /** From launch to Ready, aws-node included: at least so long, and up to so much longer. Estimate. */
  readonly boot: { readonly least: Millis; readonly more: Millis }
  /** From bound to ready, of a pod. Estimate. */
  readonly start: Millis
  /** The part of its grace period that a pod takes to end: who asks for more than a minute needs most of it. Estimate. */
  readonly stop: { readonly share: number; readonly shareOfLong: number }
  /** Steps that move no nodes take so many times what they usually do. Estimate. */
  readonly other: number
}

/** As it usually goes, and as it goes one time in ten. */
export const USUAL: Pace = {
  boot: { least: 70 * SECOND, more: 60 * SECOND },
  start: 12 * SECOND,
  stop: { share: 0.15, shareOfLong: 0.8 },
  other: 1,
}
export const SLOW: Pace = {
  boot: { least: 110 * SECOND, more: 90 * SECOND },
  start: 45 * SECOND,
  stop: { share: 1, shareOfLong: 1 },
  other: 1.6,
}

/** How often an eviction that was refused is tried again. Estimate. */
export const RETRY: Millis = 10 * SECOND

/** EKS does not say in which order it takes the nodes of a group; a draw decides it, and how long each new node boots. */
export interface Course {
  readonly pace: Pace
  /** Nodes are taken in the order of the snapshot and boot in the middle time where there is none. */
  readonly seed?: number
}

export function drawOf({ seed }: Course, ...subject: readonly (string | number)[]): number {
  return seed === undefined ? 0.5 : keyedRandom(seed, ...subject)
}

export function bootOf(course: Course, node: string): Millis {
  const { least, more } = course.pace.boot
  return Math.round(least + more * drawOf(course, 'boot', node))
}

const LONG: Millis = MINUTE

export function stopOf({ pace }: Course, grace: Millis): Millis {
  return grace * (grace > LONG ? pace.stop.shareOfLong : pace.stop.share)
}
