import { describe, expect, it } from 'vitest'
import { paced, slowedBecause } from '../../src/catalog/pace.ts'
import { MINUTE } from '../../src/model/instant.ts'
import { NOW } from '../support/seen-builder.ts'

/** Throttling that was last seen so many minutes ago, after it had gone on for so many. */
const seen = (ago: number, lasting = 0) => ({
  throttled: 0,
  throttling: { since: NOW - (ago + lasting) * MINUTE, lastAt: NOW - ago * MINUTE, says: 'RequestLimitExceeded' },
})

describe('the pace', () => {
  it.each([
    { title: 'nothing was throttled', given: { throttled: 0 }, of: 8, may: 8 },
    { title: 'calls of the last moments were', given: { throttled: 2 }, of: 8, may: 0 },
    { title: 'a minute ago something was', given: seen(1), of: 8, may: 0 },
    { title: 'two minutes ago', given: seen(2), of: 8, may: 4 },
    { title: 'two minutes ago, and one may go at a time', given: seen(2), of: 1, may: 1 },
    { title: 'two minutes ago, and nothing may', given: seen(2), of: 0, may: 0 },
    { title: 'fourteen minutes ago', given: seen(14), of: 8, may: 4 },
    { title: 'fifteen minutes ago', given: seen(15), of: 8, may: 8 },
    { title: 'it does not end by waiting', given: seen(0, 15), of: 8, may: 1 },
  ])('$title: $may of $of', ({ given, of, may }) => {
    expect(paced(of, given, NOW)).toBe(may)
  })

  it('is explained while it is lowered, and only then', () => {
    expect(slowedBecause(seen(3), NOW)).toBe('the pace is lowered, as an API throttles (RequestLimitExceeded)')
    expect(slowedBecause(seen(20), NOW)).toBeUndefined()
  })
})
