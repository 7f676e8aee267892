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
  /** Calls to EC2 that failed, by action: those that got no answer at all are among them, and not among the refusals. */
  readonly failedCalls?: Readonly<Record<string, number>>
  /** What ipamd could not do, by its function: `increaseIPPoolAllocENI`, `tryEnableSecurityGroupsForPods`. */
  readonly failures?: Readonly<Record<string, number>>
}

/** Two looks at what ipamd counts, for what has happened between them; only one of them while there is no more. */
export interface IpamdReading {
  readonly at: Instant
  readonly counts: IpamdCounts
  readonly before?: { readonly at: Instant; readonly counts: IpamdCounts }
}

interface Times {
  readonly what: string
  readonly times: number
}

/** What has been refused between the two looks, by action and code; without the first, since the start. */
export function refusalsIn(reading: IpamdReading): readonly Times[] {
  return grownIn(reading, 'refusals')
}

/** Calls to EC2 that got no answer between the two looks, by action. */
export function unansweredIn(reading: IpamdReading): readonly Times[] {
  const refused = Map.groupBy(refusalsIn(reading), ({ what }) => what.split(' ')[0])
  return grownIn(reading, 'failedCalls')
    .map(({ what, times }) => ({ what, times: times - (refused.get(what) ?? []).reduce((sum, each) => sum + each.times, 0) }))
    .filter(({ times }) => times > 0)
}

/** What ipamd could not do between the two looks, by its function. */
export function failuresIn(reading: IpamdReading): readonly Times[] {
  return grownIn(reading, 'failures')
}

function grownIn({ counts, before }: IpamdReading, name: 'refusals' | 'failedCalls' | 'failures'): readonly Times[] {
  return Object.entries(counts[name] ?? {})
    .map(([what, times]) => ({ what, times: times - (before?.counts[name]?.[what] ?? 0) }))
    .filter(({ times }) => times > 0)
}
