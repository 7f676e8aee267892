import type { Instant } from './instant.ts'

/** What ipamd counts. Each since its container started; absent where this version does not say. */
export interface IpamdCounts {
  /** Addresses for pods, and those that pods have. */
  readonly total?: number
  readonly assigned?: number
  /** Pods that asked while no address was free. */
  readonly unanswered?: number
  /** Interfaces that were dropped while pods had addresses of them. */
  readonly droppedInterfaces?: number
  /** Calls to EC2. */
  readonly requests?: number
  /** Refusals of EC2, by action and code: `CreateNetworkInterface UnauthorizedOperation`. */
  readonly refusals: Readonly<Record<string, number>>
}

/** Two looks at what ipamd counts, for what has happened between them; only one of them while there is no more. */
export interface IpamdReading {
  readonly at: Instant
  readonly counts: IpamdCounts
  readonly before?: { readonly at: Instant; readonly counts: IpamdCounts }
}

/** What has been refused between the two looks, by action and code; without the first, since the start. */
export function refusalsIn({ counts, before }: IpamdReading): readonly { readonly what: string; readonly times: number }[] {
  return Object.entries(counts.refusals)
    .map(([what, times]) => ({ what, times: times - (before?.counts.refusals[what] ?? 0) }))
    .filter(({ times }) => times > 0)
}
