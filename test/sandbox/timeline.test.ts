import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimeline } from '../../src/sandbox/world/timeline.ts'

const START = 1_000

describe('timeline', () => {
  it('runs events at their own instant, in order, and then stands at the target', () => {
    const timeline = createTimeline(START)
    const seen: string[] = []
    timeline.after(20, 'late', () => seen.push(`late@${timeline.now()}`))
    timeline.after(10, 'early', () => seen.push(`early@${timeline.now()}`))
    timeline.advanceTo(START + 50)
    expect(seen).toEqual(['early@1010', 'late@1020'])
    expect(timeline.now()).toBe(START + 50)
  })

  it('orders events of one instant by key, whatever their arrival', () => {
    const timeline = createTimeline(START)
    const seen: string[] = []
    for (const key of ['c', 'a', 'b']) timeline.after(5, key, () => seen.push(key))
    timeline.advanceTo(START + 5)
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('runs what an event schedules when that is due within the same advance', () => {
    const timeline = createTimeline(START)
    const seen: number[] = []
    timeline.after(1, 'outer', () => timeline.after(1, 'inner', () => seen.push(timeline.now())))
    timeline.advanceTo(START + 10)
    expect(seen).toEqual([START + 2])
  })

  it('takes back everything under a key and forgets it', () => {
    const timeline = createTimeline(START)
    const seen: string[] = []
    timeline.after(1, 'gone', () => seen.push('gone'))
    timeline.after(2, 'gone', () => seen.push('gone'))
    timeline.after(3, 'stays', () => seen.push('stays'))
    timeline.cancel('gone')
    expect(timeline.next()).toBe(START + 3)
    timeline.advanceTo(START + 10)
    expect(seen).toEqual(['stays'])
    expect(timeline.next()).toBeUndefined()
  })

  it('schedules the past as now and never walks back', () => {
    const timeline = createTimeline(START)
    timeline.advanceTo(START + 5)
    timeline.advanceTo(START)
    let at = 0
    timeline.at(START, 'past', () => {
      at = timeline.now()
    })
    timeline.advanceTo(START + 5)
    expect(at).toBe(START + 5)
  })

  it('agrees with a sorted list for any schedule', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20), fc.constantFrom('a', 'b', 'c', 'd')), { maxLength: 60 }),
        fc.constantFrom('a', 'x'),
        (events, cancelled) => {
          const timeline = createTimeline(0)
          const seen: string[] = []
          events.forEach(([delay, key], order) => {
            timeline.after(delay, key, () => seen.push(`${delay} ${key} ${order}`))
          })
          timeline.cancel(cancelled)
          timeline.advanceTo(100)
          const expected = events
            .map(([delay, key], order) => ({ delay, key, order }))
            .filter(({ key }) => key !== cancelled)
            .sort((a, b) => a.delay - b.delay || a.key.localeCompare(b.key) || a.order - b.order)
          expect(seen).toEqual(expected.map(({ delay, key, order }) => `${delay} ${key} ${order}`))
        },
      ),
    )
  })
})
