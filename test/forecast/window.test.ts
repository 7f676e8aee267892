import { describe, expect, it } from 'vitest'
import { parseFreezeBound, parseOpening, windowAt } from '../../src/forecast/window.ts'
import { instantOf, iso } from '../../src/model/instant.ts'
import type { PlanWindow } from '../../src/model/plan.ts'

const ZURICH = 'Europe/Zurich'
const at = (text: string) => instantOf(text) ?? Number.NaN
const short = (instant: number | undefined) => (instant === undefined ? undefined : iso(instant).slice(0, 16))

function windowOf(timeZone: string, open: readonly string[], freezes: PlanWindow['freezes'] = []): PlanWindow {
  return { timeZone, open, freezes, atClose: 'hold' }
}

describe('a window', () => {
  it.each([
    // 2026-11-24 is a Tuesday; Zurich is one hour ahead of UTC in winter, two in summer.
    { title: 'before it opens', open: ['Tue 21:00-05:00'], now: '2026-11-24T19:59:59Z', opensAt: '2026-11-24T20:00' },
    { title: 'as it opens', open: ['Tue 21:00-05:00'], now: '2026-11-24T20:00:00Z', until: '2026-11-25T04:00' },
    { title: 'past midnight', open: ['Tue 21:00-05:00'], now: '2026-11-25T03:59:59Z', until: '2026-11-25T04:00' },
    { title: 'as it closes', open: ['Tue 21:00-05:00'], now: '2026-11-25T04:00:00Z', opensAt: '2026-12-01T20:00' },
    { title: 'on a day of a range', open: ['Mon-Fri 20:00-23:00'], now: '2026-11-27T21:00:00Z', until: '2026-11-27T22:00' },
    { title: 'over the weekend', open: ['Mon-Fri 20:00-23:00'], now: '2026-11-28T12:00:00Z', opensAt: '2026-11-30T19:00' },
    { title: 'of a range over the weekend', open: ['Fri-Mon 10:00-11:00'], now: '2026-11-29T09:30:00Z', until: '2026-11-29T10:00' },
    { title: 'every day', open: ['daily 01:00-04:00'], now: '2026-11-25T02:00:00Z', until: '2026-11-25T03:00' },
    { title: 'of two that touch', open: ['Tue 20:00-24:00', 'Wed 00:00-02:00'], now: '2026-11-24T20:00:00Z', until: '2026-11-25T01:00' },
    { title: 'that never closes', open: ['daily 00:00-24:00'], now: '2026-11-25T02:00:00Z' },
    { title: 'after clocks went forward', open: ['daily 21:00-22:00'], now: '2026-03-29T18:30:00Z', opensAt: '2026-03-29T19:00' },
    { title: 'over the night of 23 hours', open: ['Sat 22:00-05:00'], now: '2026-03-28T22:00:00Z', until: '2026-03-29T03:00' },
    { title: 'over the night of 25 hours', open: ['Sat 22:00-05:00'], now: '2026-10-24T21:00:00Z', until: '2026-10-25T04:00' },
    {
      title: 'that opens in the hour that is skipped',
      open: ['Sun 02:30-04:00'],
      now: '2026-03-29T00:00:00Z',
      opensAt: '2026-03-29T01:30',
    },
    {
      title: 'that closes in the hour that comes twice',
      open: ['Sun 01:00-02:30'],
      now: '2026-10-25T00:00:00Z',
      until: '2026-10-25T00:30',
    },
  ])('$title', ({ open, now, opensAt, until }) => {
    const state = windowAt(windowOf(ZURICH, open), at(now))
    expect({ open: state.open, opensAt: short(state.opensAt), until: short(state.until) }).toEqual({
      open: opensAt === undefined,
      opensAt,
      until,
    })
  })

  it('counts in its own time zone', () => {
    const window = windowOf('America/New_York', ['Tue 21:00-23:00'])
    expect(windowAt(window, at('2026-11-25T02:30:00Z')).open).toBe(true)
    expect(windowAt(window, at('2026-11-24T21:30:00Z')).open).toBe(false)
  })
})

describe('a freeze', () => {
  const freeze = { from: at('2026-12-17T23:00:00Z'), to: at('2027-01-04T23:00:00Z'), reason: 'end of year' }

  it('closes the window, and says until when', () => {
    const state = windowAt(windowOf(ZURICH, ['daily 20:00-22:00'], [freeze]), at('2026-12-20T19:30:00Z'))
    expect(state).toMatchObject({ open: false, opensAt: at('2027-01-05T19:00:00Z') })
    expect(state.because).toContain('end of year')
  })

  it('ends an open window early', () => {
    const state = windowAt(windowOf(ZURICH, ['Thu 20:00-04:00'], [freeze]), at('2026-12-17T20:00:00Z'))
    expect(state).toMatchObject({ open: true, until: freeze.from })
  })

  it('is passed over when the next opening falls into it', () => {
    const state = windowAt(windowOf(ZURICH, ['daily 20:00-22:00'], [freeze]), at('2026-12-17T22:30:00Z'))
    expect(short(state.opensAt)).toBe('2027-01-05T19:00')
  })

  it.each([
    { bound: '2026-12-18', which: 'from', means: '2026-12-17T23:00' },
    { bound: '2027-01-04', which: 'to', means: '2027-01-04T23:00' },
    { bound: '2026-12-18T18:00', which: 'from', means: '2026-12-18T17:00' },
    { bound: '2026-12-18T18:00Z', which: 'from', means: '2026-12-18T18:00' },
    { bound: '2026-12-18T18:00:00+05:00', which: 'to', means: '2026-12-18T13:00' },
    { bound: '2026-02-29', which: 'from', means: undefined },
    { bound: 'soon', which: 'to', means: undefined },
  ] as const)('bound $bound ($which) means $means', ({ bound, which, means }) => {
    expect(short(parseFreezeBound(bound, ZURICH, which))).toBe(means)
  })
})

describe('an opening', () => {
  it.each(['Tue 21:00-05:00', 'mon-fri 20:00-23:00', 'daily 00:00-24:00', 'Sat 06:00-22:00'])('%s can be read', (line) => {
    expect(parseOpening(line)).toBeDefined()
  })

  it.each(['', 'Tuesday 21:00-05:00', 'Tue 21-05', 'Tue 25:00-26:00', 'Tue 24:00-01:00', 'Tue 21:00 - 05:00', 'Tue,Wed 21:00-22:00'])(
    '%s cannot',
    (line) => {
      expect(parseOpening(line)).toBeUndefined()
    },
  )
})
