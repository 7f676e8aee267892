import { MINUTE, type Millis, SECOND } from '../../model/instant.ts'

/** How fast things go. Published limits are those of EKS; what is marked "estimate" differs from cluster to cluster. */
export interface Pace {
  /** From launch to Ready, aws-node included. Estimate. */
  readonly boot: Millis
  /** From bound to ready, of a pod. Estimate. */
  readonly start: Millis
  /** The part of its grace period that a pod takes to end, and at most how long. Estimate. */
  readonly stop: { readonly share: number; readonly most: Millis }
}

/** As it usually goes, and as it goes one time in ten. */
export const USUAL: Pace = { boot: 75 * SECOND, start: 15 * SECOND, stop: { share: 0.2, most: 2 * MINUTE } }
export const SLOW: Pace = { boot: 150 * SECOND, start: 60 * SECOND, stop: { share: 1, most: 15 * MINUTE } }
