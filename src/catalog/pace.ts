import { type Instant, MINUTE } from '../model/instant.ts'
import type { Seen } from '../model/seen.ts'

/** Buckets that an API has emptied fill in less: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const REST = 2 * MINUTE
/** So long without throttling, and the pace is what the plan says again. */
const RECOVERED = 15 * MINUTE
/** What throttles for longer does not stop by waiting: it is gone on with, one at a time. */
const PATIENCE = 15 * MINUTE

/**
 * Of so many (nodes, node groups, pods) that the plan lets be under way at once, how many may be now. Where an API throttles, whether
 * Serin's own calls or those of controllers and ipamd, nothing new begins for two minutes, and half as much until it has been calm.
 */
export function paced(most: number, { throttled, throttling }: Pick<Seen, 'throttled' | 'throttling'>, now: Instant): number {
  if (throttling === undefined) return throttled > 0 ? 0 : most
  const { since, lastAt } = throttling
  if (now - lastAt >= RECOVERED) return most
  if (lastAt - since >= PATIENCE) return Math.min(most, 1)
  return now - lastAt < REST ? 0 : Math.min(most, Math.max(1, Math.floor(most / 2)))
}

const MANY = 1_000

/** What to tell people while the pace is lower than the plan's; undefined while it is not. */
export function slowedBecause(seen: Pick<Seen, 'throttled' | 'throttling'>, now: Instant): string | undefined {
  if (paced(MANY, seen, now) === MANY) return undefined
  return `the pace is lowered, as an API throttles${seen.throttling === undefined ? '' : ` (${seen.throttling.says})`}`
}
