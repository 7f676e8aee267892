import { type Millis, SECOND } from '../model/instant.ts'

/**
 * How many nodes may start together before EC2 throttles what they ask.
 * Buckets: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, per account, Region and action.
 */
export interface RequestBucket {
  readonly burst: number
  /** Requests a second. */
  readonly refill: number
}

/** Actions that aws-node and the VPC resource controller use most. Those the page does not list share the bucket of others like them. */
export const REQUEST_BUCKETS = {
  CreateNetworkInterface: { burst: 100, refill: 5 },
  AttachNetworkInterface: { burst: 50, refill: 5 },
  AssignPrivateIpAddresses: { burst: 100, refill: 5 },
} as const satisfies Record<string, RequestBucket>

/** The share of the account's bucket that one run allows itself. */
const HEADROOM = 0.5

/** The most nodes that may start within `over` when each asks `cost` times: floor(headroom × (burst + refill × over) ÷ cost). */
export function nodesAtOnce({ burst, refill }: RequestBucket, cost: number, over: Millis = 0): number {
  return cost === 0 ? Number.POSITIVE_INFINITY : Math.floor((HEADROOM * (burst + (refill * over) / SECOND)) / cost)
}

/** How long so many requests at once wait for the bucket to fill again. */
export function timeToAnswer({ burst, refill }: RequestBucket, requests: number): Millis {
  return (Math.max(0, requests - burst) / refill) * SECOND
}
