import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import { bucketOf, createRequestBuckets } from '../../../src/sandbox/world/aws/request-buckets.ts'
import { openWorld } from '../../../src/sandbox/world/open.ts'
import { call, openShipped, refusalOf } from './world-driver.ts'

/** A clock by hand, and the buckets of an account that goes by it. */
function account(own = {}) {
  let now = 0
  return { buckets: createRequestBuckets(() => now, own), advance: (seconds: number) => (now += seconds * SECOND) }
}

/** How many requests pass when somebody asks as often as allowed for so many seconds. */
function passed(action: string, seconds: number): number {
  const { buckets, advance } = account()
  let count = 0
  for (let second = 0; second <= seconds; second++) {
    while (buckets.take(action)) count++
    advance(1)
  }
  return count
}

/** Seconds until so many requests, all sent at once and each repeated until it passes, are through. */
function drained(action: string, requests: number): number {
  const { buckets, advance } = account()
  for (let left = requests, seconds = 0; ; seconds++) {
    while (left > 0 && buckets.take(action)) left--
    if (left === 0) return seconds
    advance(1)
  }
}

describe('request buckets', () => {
  it.each([
    { action: 'CreateNetworkInterface', burst: 100, refill: 5 },
    { action: 'DeleteNetworkInterface', burst: 100, refill: 5 },
    { action: 'ModifyNetworkInterfaceAttribute', burst: 100, refill: 5 },
    { action: 'AssignPrivateIpAddresses', burst: 100, refill: 5 },
    { action: 'UnassignPrivateIpAddresses', burst: 100, refill: 5 },
    { action: 'AssignIpv6Addresses', burst: 100, refill: 5 },
    { action: 'CreateTags', burst: 100, refill: 10 },
    { action: 'AttachNetworkInterface', burst: 50, refill: 5 },
    { action: 'DetachNetworkInterface', burst: 50, refill: 5 },
    { action: 'AssociateTrunkInterface', burst: 50, refill: 5 },
    { action: 'DescribeSubnets', burst: 100, refill: 20 },
    { action: 'DescribeInstanceTypes', burst: 100, refill: 20 },
    { action: 'DescribeNetworkInterfaces', burst: 100, refill: 20 },
    { action: 'DescribeNetworkInterfaces/unfiltered', burst: 50, refill: 10 },
    { action: 'RunInstances', burst: 5, refill: 2 },
    { action: 'TerminateInstances', burst: 100, refill: 5 },
  ])('of $action hold $burst and gain $refill a second', ({ action, burst, refill }) => {
    expect(passed(action, 0)).toBe(burst)
    expect(passed(action, 7)).toBe(burst + 7 * refill)
    const { buckets, advance } = account()
    advance(3_600)
    expect(buckets.level(action)).toBe(burst)
  })

  // A batch may use half of what the account is allowed: the largest number of nodes whose calls do.
  it.each([
    { title: 'one warm interface', action: 'AttachNetworkInterface', calls: 1, window: 0, nodes: 25 },
    { title: 'one warm interface', action: 'AttachNetworkInterface', calls: 1, window: 60, nodes: 175 },
    { title: 'a warm interface and a trunk', action: 'AttachNetworkInterface', calls: 2, window: 0, nodes: 12 },
    { title: 'a warm interface and a trunk', action: 'AttachNetworkInterface', calls: 2, window: 60, nodes: 87 },
    { title: 'a warm interface, a trunk and 9 branches', action: 'CreateNetworkInterface', calls: 11, window: 0, nodes: 4 },
    { title: 'a warm interface, a trunk and 9 branches', action: 'CreateNetworkInterface', calls: 11, window: 60, nodes: 18 },
  ])('let $nodes nodes with $title each through $action in $window s', ({ action, calls, window, nodes }) => {
    expect(Math.floor((passed(action, window) * 0.5) / calls)).toBe(nodes)
  })

  it.each([
    { nodes: 60, calls: 1, action: 'AttachNetworkInterface', seconds: 2 },
    { nodes: 150, calls: 2, action: 'AttachNetworkInterface', seconds: 50 },
    { nodes: 150, calls: 11, action: 'CreateNetworkInterface', seconds: 310 },
  ])('need $seconds s for $nodes nodes with $calls calls of $action each', ({ nodes, calls, action, seconds }) => {
    expect(drained(action, nodes * calls)).toBe(seconds)
  })

  it.each([
    { title: 'ids only', input: { NetworkInterfaceIds: ['eni-1'] }, bucket: 'DescribeNetworkInterfaces/unfiltered' },
    { title: 'a filter', input: { Filters: [{ Name: 'subnet-id', Values: ['s'] }] }, bucket: 'DescribeNetworkInterfaces' },
    { title: 'pages', input: { MaxResults: 100 }, bucket: 'DescribeNetworkInterfaces' },
  ])('tell requests with $title apart', ({ input, bucket }) => {
    expect(bucketOf('DescribeNetworkInterfaces', input)).toBe(bucket)
    expect(bucketOf('DescribeSubnets', input)).toBe('DescribeSubnets')
  })

  it('refuse on the wire what is too much, action by action, and give way with time', () => {
    const world = openShipped('small')
    const describe = (action: string) => call(world.ec2, action, {})
    for (let nth = 0; nth < 100; nth++) describe('DescribeSubnets')
    expect(refusalOf(() => describe('DescribeSubnets'))).toMatchObject({ status: 503, code: 'RequestLimitExceeded' })
    describe('DescribeInstanceTypes')
    world.timeline.advanceTo(world.timeline.now() + SECOND)
    for (let nth = 0; nth < 20; nth++) describe('DescribeSubnets')
    expect(refusalOf(() => describe('DescribeSubnets'))).toMatchObject({ code: 'RequestLimitExceeded' })
  })

  it('have the sizes that the world file gives them', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../plans/worlds/small.yaml'), 'utf8')
    const network = 'network: { requestBuckets: { DescribeSubnets: { burst: 2, refill: 1 } } }'
    const world = openWorld({ world: `${text}\n${network}\n`, scenarios: [] })
    for (let nth = 0; nth < 2; nth++) call(world.ec2, 'DescribeSubnets', {})
    expect(refusalOf(() => call(world.ec2, 'DescribeSubnets', {}))).toMatchObject({ code: 'RequestLimitExceeded' })
  })
})
