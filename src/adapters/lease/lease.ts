import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import { formatDuration, type Instant, iso, type Millis, SECOND } from '../../model/instant.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Kubernetes, RESOURCES } from '../../ports/kubernetes.ts'
import type { Lease, LeaseHolder } from '../../ports/lease.ts'
import {
  holderOf,
  LEASE_NAME,
  LEASE_NAMESPACE,
  type LeaseObject,
  newLease,
  RUN_ANNOTATION,
  releasedLease,
  renewedLease,
  takenLease,
} from './lease-object.ts'

export const LEASE_DURATION: Millis = 30 * SECOND

export interface LeaseSettings {
  readonly kubernetes: Kubernetes
  readonly clock: Clock
  /** Unique per process: two processes of one identity could both believe they hold it. */
  readonly identity: string
  readonly duration?: Millis
  /**
   * A second measure of elapsed time, in milliseconds, that no correction of the wall clock moves back. The longer of the
   * two counts. Left out where time is simulated.
   */
  readonly monotonic?: () => Millis
}

/** When something was seen, on both clocks. */
interface Moment {
  readonly at: Instant
  readonly ticks: Millis
}

interface Held {
  readonly lease: LeaseObject
  readonly renewed: Moment
}

/** The Lease `kube-system/serin`: whoever holds it drives a run. */
export function createLease(settings: LeaseSettings): Lease {
  return new ClusterLease(settings)
}

class ClusterLease implements Lease {
  readonly #kubernetes: Kubernetes
  readonly #clock: Clock
  readonly #identity: string
  readonly #duration: Millis
  readonly #monotonic: () => Millis
  #held: Held | undefined
  #lost = false
  #renewing: Promise<void> | undefined

  constructor({ kubernetes, clock, identity, duration = LEASE_DURATION, monotonic = () => 0 }: LeaseSettings) {
    this.#kubernetes = kubernetes
    this.#clock = clock
    this.#identity = identity
    this.#duration = duration
    this.#monotonic = monotonic
  }

  async acquire(run: string): Promise<LeaseHolder> {
    let watched: { readonly lease: LeaseObject; readonly since: Moment } | undefined
    for (;;) {
      const lease = await this.#read()
      if (lease === undefined || this.#isFree(lease) || (watched !== undefined && this.#isDead(watched, lease))) {
        const taken = await this.#take(lease, run)
        if (taken !== undefined) return taken
        watched = undefined
        continue
      }
      if (watched !== undefined && changed(watched.lease, lease)) throw this.#lockedBy(lease)
      watched ??= { lease, since: this.#moment() }
      await this.#clock.sleepUntil(this.#clock.now() + this.#duration / 10)
    }
  }

  status(): 'held' | 'lost' | 'unknown' {
    if (this.#lost) return 'lost'
    return this.#held !== undefined && this.#elapsed(this.#held.renewed) <= this.#duration / 2 ? 'held' : 'unknown'
  }

  async renew(): Promise<void> {
    if (this.#held === undefined || this.#lost || this.#elapsed(this.#held.renewed) < this.#duration / 4) return
    this.#renewing ??= this.#renewNow(this.#held).finally(() => {
      this.#renewing = undefined
    })
    await this.#renewing
  }

  /** Never throws: a Lease that cannot be released runs out by itself. */
  async release(): Promise<void> {
    await this.#renewing
    const held = this.#held
    this.#held = undefined
    if (held === undefined || this.#lost) return
    await this.#attempt(() => this.#kubernetes.replace(RESOURCES.leases, releasedLease(held.lease, this.#clock.now())))
  }

  async holder(): Promise<LeaseHolder | undefined> {
    return holderOf(await this.#read())
  }

  #read(): Promise<LeaseObject | undefined> {
    return this.#kubernetes.get<LeaseObject>(RESOURCES.leases, LEASE_NAMESPACE, LEASE_NAME)
  }

  #isFree(lease: LeaseObject): boolean {
    const holder = holderOf(lease)
    return holder === undefined || holder.identity === this.#identity
  }

  /** Unchanged for its whole duration on our own clock; the other side's clock is not believed. */
  #isDead(watched: { readonly lease: LeaseObject; readonly since: Moment }, now: LeaseObject): boolean {
    const stated = (watched.lease.spec?.leaseDurationSeconds ?? 0) * SECOND
    return !changed(watched.lease, now) && this.#elapsed(watched.since) >= Math.max(stated, this.#duration)
  }

  /** Undefined when somebody else was faster. */
  async #take(from: LeaseObject | undefined, run: string): Promise<LeaseHolder | undefined> {
    const asked = this.#moment()
    try {
      const lease = await this.#write(from, run, asked.at)
      this.#held = { lease, renewed: asked }
      this.#lost = false
      return holderOf(lease)
    } catch (error) {
      if (isSerinError(error, 'REMOTE_CONFLICT', 'REMOTE_NOT_FOUND') || isAmbiguous(error)) return undefined
      throw error
    }
  }

  #write(from: LeaseObject | undefined, run: string, at: Instant): Promise<LeaseObject> {
    if (from === undefined) return this.#kubernetes.create(RESOURCES.leases, newLease(this.#identity, run, at, this.#duration))
    return this.#kubernetes.replace(RESOURCES.leases, takenLease(from, this.#identity, run, at, this.#duration))
  }

  async #renewNow(held: Held): Promise<void> {
    const asked = this.#moment()
    const renewed = await this.#attempt(() => this.#kubernetes.replace(RESOURCES.leases, renewedLease(held.lease, asked.at)))
    if (renewed.value !== undefined) this.#held = { lease: renewed.value, renewed: asked }
    else if (isSerinError(renewed.error, 'REMOTE_CONFLICT')) await this.#lookAgain(held)
    else if (isSerinError(renewed.error, 'REMOTE_NOT_FOUND')) await this.#makeAgain(held, asked)
  }

  /** A conflict: either another identity holds it, or our own earlier write had gone through unheard. */
  async #lookAgain(held: Held): Promise<void> {
    const { value: lease } = await this.#attempt(() => this.#read())
    if (lease === undefined) return
    if (holderOf(lease)?.identity !== this.#identity) {
      this.#lost = true
      return
    }
    const asked = this.#moment()
    const { value } = await this.#attempt(() => this.#kubernetes.replace(RESOURCES.leases, renewedLease(lease, asked.at)))
    this.#held = value === undefined ? { ...held, lease } : { lease: value, renewed: asked }
  }

  /** Somebody deleted it. Made anew with our number; whoever made one before us is the holder. */
  async #makeAgain(held: Held, asked: Moment): Promise<void> {
    const run = held.lease.metadata.annotations?.[RUN_ANNOTATION] ?? ''
    const fresh = newLease(this.#identity, run, asked.at, this.#duration)
    const again = { ...fresh, spec: { ...fresh.spec, leaseTransitions: held.lease.spec?.leaseTransitions } }
    const { value } = await this.#attempt(() => this.#kubernetes.create<LeaseObject>(RESOURCES.leases, again))
    if (value !== undefined) this.#held = { lease: value, renewed: asked }
    else await this.#lookAgain(held)
  }

  /** Errors of the API are a value here: an API server that is away makes the Lease unknown, not lost. */
  async #attempt<T>(work: () => Promise<T>): Promise<{ readonly value?: T; readonly error?: SerinError }> {
    try {
      return { value: await work() }
    } catch (error) {
      if (isSerinError(error)) return { error }
      throw error
    }
  }

  #moment(): Moment {
    return { at: this.#clock.now(), ticks: this.#monotonic() }
  }

  #elapsed(since: Moment): Millis {
    return Math.max(this.#clock.now() - since.at, this.#monotonic() - since.ticks)
  }

  #lockedBy(lease: LeaseObject): SerinError {
    const { identity = 'somebody', since, run } = holderOf(lease) ?? {}
    const what = run === undefined ? 'A run' : `Run ${run}`
    const when = since === undefined ? '' : ` since ${iso(since)} (${formatDuration(Math.max(0, this.#clock.now() - since))})`
    return new SerinError('RUN_LOCKED', `${what} is driven by ${identity}${when}; look with: serin status`, {
      operation: 'kubernetes:lease',
    })
  }
}

function changed(a: LeaseObject, b: LeaseObject): boolean {
  return a.metadata.resourceVersion !== b.metadata.resourceVersion || a.spec?.renewTime !== b.spec?.renewTime
}

function isAmbiguous(error: unknown): boolean {
  return isSerinError(error) && error.details.ambiguous === true
}
