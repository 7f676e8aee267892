import { describe, expect, it } from 'vitest'
import { freePrefixes } from '../../src/forecast/prefixes.ts'
import { nodesAtOnce, REQUEST_BUCKETS, timeToAnswer } from '../../src/forecast/request-budget.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'

const EMPTY = { addresses: [], prefixes: [], reserved: [] }

describe('whole blocks for prefixes', () => {
  // of an empty subnet all but the first and the last: AWS keeps addresses in both
  it.each([
    ['/22', 62],
    ['/23', 30],
    ['/24', 14],
    ['/25', 6],
    ['/26', 2],
    ['/27', 0],
    ['/28', 0],
  ])('an empty %s gives %i', (size, blocks) => {
    expect(freePrefixes({ ...EMPTY, cidr: `10.0.0.0${size}` })).toBe(blocks)
  })

  it.each([
    ['a stray address in each of the 14 usable blocks', { addresses: blocks(14).map((block) => `10.0.0.${block * 16 + 5}`) }, 0],
    ['two strays in one block', { addresses: ['10.0.0.33', '10.0.0.47'] }, 13],
    ['a prefix', { prefixes: ['10.0.0.32/28'] }, 13],
    ['half the subnet kept for explicit assignment', { reserved: ['10.0.0.128/25'] }, 7],
    ['a reservation of four addresses spoils its block', { reserved: ['10.0.0.36/30'] }, 13],
    ['addresses of other subnets', { addresses: ['10.0.9.33'], reserved: ['10.0.9.0/24'] }, 14],
  ])('%s', (_, use, blocks) => {
    expect(freePrefixes({ ...EMPTY, cidr: '10.0.0.0/24', ...use })).toBe(blocks)
  })

  it.each(['', '10.0.0.0', '10.0.0.0/33', '10.0.0.999/24', '2a05::/64'])('%j is no block', (cidr) => {
    expect(freePrefixes({ ...EMPTY, cidr })).toBeUndefined()
  })
})

function blocks(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

describe('requests of nodes that start together', () => {
  const { AttachNetworkInterface: attach, CreateNetworkInterface: create } = REQUEST_BUCKETS

  it.each([
    ['one warm interface', attach, 1, 25, 175],
    ['with a trunk', attach, 2, 12, 87],
    ['with a trunk and nine branches', create, 11, 4, 18],
  ])('%s', (_, bucket, cost, atOnce, withinAMinute) => {
    expect(nodesAtOnce(bucket, cost)).toBe(atOnce)
    expect(nodesAtOnce(bucket, cost, MINUTE)).toBe(withinAMinute)
  })

  it.each([
    [60, attach, 2],
    [150 * 2, attach, 50],
    [150 * 11, create, 310],
  ])('%i requests wait', (requests, bucket, seconds) => {
    expect(timeToAnswer(bucket, requests)).toBe(seconds * SECOND)
  })

  it('what costs nothing is not bounded', () => {
    expect(nodesAtOnce(attach, 0)).toBe(Number.POSITIVE_INFINITY)
  })
})
