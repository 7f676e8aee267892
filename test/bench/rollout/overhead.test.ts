import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import {
  type Breakdown,
  breakdownOf,
  type Drained,
  firstCome,
  groupBoundOf,
  lockStep,
  lowerBoundOf,
  overheadRatio,
  PARTS,
  slidingBoundOf,
  type Timeline,
  type Work,
} from './overhead.ts'

/** Small made-up timelines, in seconds. */

const S = 1_000

/** A node that went without any delay: begun, and after so many seconds empty and told to end. */
function drained(
  begun: number,
  stops: number,
  over: Partial<Record<'evicting' | 'emptied' | 'ended', number>> & { last?: true } = {},
): Drained {
  const { evicting = begun, emptied = begun + stops, ended = emptied, last } = over
  return { begun: begun * S, evicting: evicting * S, stops: stops * S, emptied: emptied * S, ended: ended * S, replaced: last !== true }
}

/** One slot, two nodes, each 60 s to Ready, 10 s to show itself and 30 s to drain; nothing is lost. */
const IDEAL: Timeline = {
  ...{ slots: 1, first: 1, from: 0, until: 200 * S, proof: 10 * S, raised: [0], ready: [60 * S, 160 * S], kept: [] },
  drained: [drained(70, 30), drained(170, 30, { last: true })],
}

function seconds(parts: Breakdown): Partial<Record<(typeof PARTS)[number], number>> {
  return Object.fromEntries(PARTS.flatMap((part) => (parts[part] === 0 ? [] : [[part, parts[part] / S]])))
}

const WORK = { launch: 120, gate: 20, drain: 60 }

describe('where the time of a run goes', () => {
  it.each<{ title: string; timeline: Partial<Timeline>; parts: object }>([
    { title: 'an ideal run is work alone', timeline: {}, parts: WORK },
    {
      title: 'a size that is raised late is poll lag',
      timeline: { from: -5 * S },
      parts: { ...WORK, 'poll lag': 5 },
    },
    {
      title: 'a cordoned node and an emptied one wait for the next look',
      timeline: {
        until: 206 * S,
        ready: [60 * S, 164 * S],
        drained: [drained(70, 30, { evicting: 72, emptied: 102, ended: 104 }), drained(174, 30, { ended: 206, last: true })],
      },
      parts: { ...WORK, 'poll lag': 6 },
    },
    {
      title: 'a new node that has shown everything waits for the next look',
      timeline: { until: 203 * S, ready: [60 * S, 163 * S], drained: [drained(73, 30), drained(173, 30, { last: true })] },
      parts: { ...WORK, 'poll lag': 3 },
    },
    {
      title: 'each moment of such a wait has the first reason that holds: here a throttled API, then a budget',
      timeline: {
        until: 220 * S,
        drained: [drained(70, 30), drained(190, 30, { last: true })],
        kept: [
          { by: 'budget', from: 172 * S, until: 200 * S },
          { by: 'throttle', from: 160 * S, until: 182 * S },
        ],
      },
      parts: { ...WORK, throttle: 12, budget: 8 },
    },
    {
      title: 'a closed window counts before all others',
      timeline: {
        until: 220 * S,
        drained: [drained(70, 30), drained(190, 30, { last: true })],
        kept: [
          { by: 'throttle', from: 0, until: 300 * S },
          { by: 'window', from: 0, until: 300 * S },
        ],
      },
      parts: { ...WORK, window: 20 },
    },
    {
      title: 'what a budget makes of a drain are turns',
      timeline: { until: 215 * S, drained: [drained(70, 30), drained(170, 30, { emptied: 215, last: true })] },
      parts: { ...WORK, budget: 15 },
    },
    {
      title: 'restored settings come after the last node',
      timeline: { until: 230 * S },
      parts: { ...WORK, end: 30 },
    },
    {
      title: 'two slots: one waits until the first batch is through, then nothing is left for it',
      timeline: {
        ...{ slots: 2, first: 1, until: 140 * S, raised: [0, 0], ready: [60 * S, 60 * S] },
        drained: [drained(70, 30, { last: true }), drained(100, 40, { last: true })],
      },
      parts: { launch: 60, gate: 10, drain: 35, barrier: 15, end: 20 },
    },
    {
      title: 'a node more that evens out the zones takes a slot that was free already',
      timeline: {
        ...{ until: 320 * S, raised: [0, 210 * S], ready: [60 * S, 160 * S, 270 * S] },
        drained: [drained(70, 30), drained(170, 30, { last: true }), drained(280, 10, { last: true })],
      },
      parts: { launch: 180, gate: 30, drain: 70, end: 40 },
    },
  ])('$title', ({ timeline, parts }) => {
    const made = { ...IDEAL, ...timeline }
    const breakdown = breakdownOf(made)
    expect(seconds(breakdown)).toEqual(parts)
    expect(Object.values(breakdown).reduce((sum, part) => sum + part)).toBeCloseTo(made.until - made.from)
  })

  it.each<{ title: string; timeline: Partial<Timeline>; says: RegExp }>([
    { title: 'a node that was drained and never raised for', timeline: { raised: [] }, says: /1 nodes were asked for, 2 became Ready/ },
    {
      title: 'an old node that went before a new one had shown itself',
      timeline: { ready: [60 * S, 165 * S] },
      says: /5000 ms before a new one had passed/,
    },
    {
      title: 'a slot that nobody freed',
      timeline: { drained: [drained(70, 30), drained(170, 30)], ready: [60 * S, 160 * S, 260 * S] },
      says: /3 nodes were asked for/,
    },
    { title: 'a slot more than were raised', timeline: { slots: 2 }, says: /the parts sum to/ },
  ])('refuses $title', ({ timeline, says }) => {
    expect(() => breakdownOf({ ...IDEAL, ...timeline })).toThrow(says)
  })
})

describe('what no run can beat', () => {
  const four: Work = { slots: 2, launches: [60, 60, 60, 60].map((s) => s * S), proof: 10 * S, drains: [30, 30, 30, 30].map((s) => s * S) }

  it.each<{ title: string; work: Partial<Work>; bound: number; by: string }>([
    { title: 'the work of its slots', work: {}, bound: 200, by: 'slots' },
    { title: 'its slowest node', work: { drains: [30, 30, 30, 500].map((s) => s * S) }, bound: 570, by: 'slowest node' },
    {
      title: 'a budget: five pods, two at a time, 100 s each',
      work: { budgets: [{ pods: 5, allowed: 2, replaced: 100 * S }] },
      bound: 300,
      by: 'budget',
    },
    {
      title: 'calls beyond the burst of a bucket, at its refill',
      work: { calls: { count: 1_600, burst: 100, perSecond: 5 } },
      bound: 300,
      by: 'API',
    },
  ])('$title', ({ work, bound, by }) => expect(lowerBoundOf({ ...four, ...work })).toEqual({ bound: bound * S, by }))

  it('group by group: batches one after the other, each as long as its longest', () =>
    expect(groupBoundOf([[5 * MINUTE], [3 * MINUTE, 9 * MINUTE]])).toBe(14 * MINUTE))

  it('groups without batches: the longest, or the work of all', () => {
    expect(slidingBoundOf([5, 3, 9], 2)).toBe(9)
    expect(slidingBoundOf([5, 3, 2], 2)).toBe(5)
    expect(slidingBoundOf([4, 4, 4], 2)).toBe(6)
  })

  it('declared waits are no overhead', () => expect(overheadRatio(130 * MINUTE, 20 * MINUTE, 100 * MINUTE)).toBe(1.1))
})

describe('others on the same nodes', () => {
  // Two nodes at once; the first of each pair takes 20 s, the second 40 s.
  const work: Work = { slots: 2, launches: [50, 50, 50, 50].map((s) => s * S), proof: 10 * S, drains: [20, 40, 20, 40].map((s) => s * S) }

  it('in lock-step: both rounds as long as the slower node, rounded up to the next look', () =>
    expect(lockStep(work)).toBe((60 + 45) * 2 * S))

  it('as they come: each slot goes on by itself', () => expect(firstCome(work)).toBe((60 + 45) * 2 * S))

  it('which is shorter where a slow one follows a quick one', () => {
    const uneven = { ...work, drains: [15, 90, 90, 15].map((s) => s * S) }
    expect([lockStep(uneven), firstCome(uneven)]).toEqual([300 * S, 225 * S])
  })
})
