import type { Instant } from './instant.ts'

/** What stands behind a Service, as its EndpointSlices tell. */
export interface ServiceFacts {
  /** `shop/web` */
  readonly key: string
  /** Pods that take part as ready endpoints. */
  readonly ready: number
  /** Names of the nodes where those stand, in order. */
  readonly nodes: readonly string[]
  /** The workloads that own its pods, ready or not, as far as something owns them. */
  readonly workloads: readonly string[]
  /** When its pods last changed in a way that changed its endpoints, where the control plane says so. */
  readonly changedAt?: Instant
  /** Ready pods of the same owners that are no ready endpoint; absent: none. */
  readonly unlisted?: readonly { readonly pod: string; readonly readySince: Instant }[]
}
