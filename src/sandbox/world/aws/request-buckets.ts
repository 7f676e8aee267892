import { type Instant, SECOND } from '../../../model/instant.ts'
import { type AwsHandlers, WireError } from '../../contract.ts'

/** A token bucket: how many requests may come at once, and how many more each second. */
export interface BucketSize {
  readonly burst: number
  readonly refill: number
}

/** The request limits of one account in one Region. Who calls does not matter: ipamd, the resource controller and users share them. */
export interface RequestBuckets {
  /** Takes tokens of an action's bucket, one unless said. False when there are too few: the request is throttled. */
  take(action: string, tokens?: number): boolean
  /** Whole tokens in an action's bucket now. */
  level(action: string): number
}

/**
 * Sizes per action; what is not named has its class's. Source:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const SIZES: Readonly<Record<string, BucketSize>> = {
  CreateNetworkInterface: { burst: 100, refill: 5 },
  DeleteNetworkInterface: { burst: 100, refill: 5 },
  ModifyNetworkInterfaceAttribute: { burst: 100, refill: 5 },
  AssignPrivateIpAddresses: { burst: 100, refill: 5 },
  UnassignPrivateIpAddresses: { burst: 100, refill: 5 },
  AssignIpv6Addresses: { burst: 100, refill: 5 },
  CreateTags: { burst: 100, refill: 10 },
  RunInstances: { burst: 5, refill: 2 },
  TerminateInstances: { burst: 100, refill: 5 },
}

/** How many resources the requests of an action may be about (same source, "resource rate limiting"). */
const RESOURCES: Readonly<Record<string, BucketSize>> = {
  'RunInstances/resources': { burst: 1000, refill: 2 },
  'TerminateInstances/resources': { burst: 1000, refill: 20 },
  'StartInstances/resources': { burst: 1000, refill: 2 },
  'StopInstances/resources': { burst: 1000, refill: 20 },
}

const READING: BucketSize = { burst: 100, refill: 20 }
const MUTATING: BucketSize = { burst: 50, refill: 5 }
const UNFILTERED: BucketSize = { burst: 50, refill: 10 }

/** Describe actions that have a smaller bucket of their own for requests without filter and pagination (same source). */
const WITH_UNFILTERED = new Set(['DescribeInstances', 'DescribeNetworkInterfaces', 'DescribeSecurityGroups'])

const UNFILTERED_SUFFIX = '/unfiltered'

interface Bucket extends BucketSize {
  tokens: number
  at: Instant
}

/** @param own sizes that differ in this account, as after a quota increase. */
export function createRequestBuckets(now: () => Instant, own: Readonly<Record<string, BucketSize>> = {}): RequestBuckets {
  const buckets = new Map<string, Bucket>()

  function refilled(action: string): Bucket {
    const bucket = buckets.get(action) ?? openBucket(own[action] ?? sizeOf(action), now())
    buckets.set(action, bucket)
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now() - bucket.at) / SECOND) * bucket.refill)
    bucket.at = now()
    return bucket
  }

  return {
    take(action, tokens = 1) {
      const bucket = refilled(action)
      if (bucket.tokens < tokens) return false
      bucket.tokens -= tokens
      return true
    },
    level: (action) => Math.floor(refilled(action).tokens),
  }
}

function openBucket(size: BucketSize, at: Instant): Bucket {
  return { ...size, tokens: size.burst, at }
}

function sizeOf(action: string): BucketSize {
  if (action.endsWith(UNFILTERED_SUFFIX)) return UNFILTERED
  return SIZES[action] ?? RESOURCES[action] ?? (/^(Describe|Get)/.test(action) ? READING : MUTATING)
}

/** The bucket that a request falls into: an action's own, or that of its requests without filter and pagination. */
export function bucketOf(action: string, input: Readonly<Record<string, unknown>>): string {
  const plain = input.Filters === undefined && input.MaxResults === undefined && input.NextToken === undefined
  return plain && WITH_UNFILTERED.has(action) ? `${action}${UNFILTERED_SUFFIX}` : action
}

/** The code and text of EC2's refusal (same source). */
function requestLimitExceeded(): WireError {
  return new WireError(503, 'RequestLimitExceeded', 'Request limit exceeded.')
}

/** Takes the tokens of so many resources. Throws when there are too few. */
export function takeResources(buckets: RequestBuckets, action: string, count: number): void {
  if (!buckets.take(`${action}/resources`, count)) throw requestLimitExceeded()
}

/** The same handlers behind the buckets. */
export function withinLimits(buckets: RequestBuckets, handlers: AwsHandlers): AwsHandlers {
  const limited = Object.entries(handlers).map(([action, handle]): [string, AwsHandlers[string]] => [
    action,
    (input) => {
      if (!buckets.take(bucketOf(action, input))) throw requestLimitExceeded()
      return handle(input)
    },
  ])
  return Object.fromEntries(limited)
}
