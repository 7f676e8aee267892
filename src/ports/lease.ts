import type { Instant } from '../model/instant.ts'

/** Who drives a run: a Lease in the cluster. */
export interface LeaseHolder {
  readonly identity: string
  /** Since when, by the Lease's own `acquireTime`. */
  readonly since?: Instant
  readonly renewed?: Instant
  /** `leaseTransitions`: the fencing number. */
  readonly transitions: number
  /** The run that the holder drives, from the Lease's annotations. */
  readonly run?: string
}

export interface Lease {
  /**
   * Takes the Lease for a run. A Lease held by another live process throws RUN_LOCKED with who, since when and how to look;
   * a Lease that nobody renews is waited out (one full duration seen unchanged on the local clock), then taken over.
   */
  acquire(run: string): Promise<LeaseHolder>
  /**
   * `held`: renewed within half its duration on the local clock, so a mutation may start. `lost`: another identity holds it.
   * `unknown`: the API server did not answer lately; nothing may start, nothing is undone.
   */
  status(): 'held' | 'lost' | 'unknown'
  /** Renews now if it is due. Never throws. */
  renew(): Promise<void>
  release(): Promise<void>
  /** Who holds it now, if anybody does. */
  holder(): Promise<LeaseHolder | undefined>
}
