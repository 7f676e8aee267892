import { isDay } from '../model/day.ts'
import { DAY, HOUR, type Instant, instantOf, iso, MINUTE } from '../model/instant.ts'
import type { PlanWindow } from '../model/plan.ts'

/** Days of the week, Monday is 0, and minutes of the day in the window's time zone. */
export interface Opening {
  readonly days: ReadonlySet<number>
  readonly from: number
  /** At most 1440 beyond midnight: an end before the start is on the next day. */
  readonly to: number
}

export interface WindowState {
  readonly open: boolean
  /** When it closes; absent when it stays open for more than a week. */
  readonly until?: Instant
  /** When it opens next; absent when it is open, or never opens within the foreseeable time. */
  readonly opensAt?: Instant
  readonly because: string
  /** Closed by a freeze, which nothing that has begun may overrun either. */
  readonly frozen?: boolean
}

interface Span {
  readonly from: Instant
  readonly to: Instant
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const LINE = /^(daily|(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?) ([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)$/i

/** Reads `Tue 21:00-05:00`, `Mon-Fri 20:00-23:00`, `Fri-Mon 22:00-06:00` or `daily 01:00-04:00`; undefined for anything else. */
export function parseOpening(line: string): Opening | undefined {
  const match = LINE.exec(line.trim())
  if (!match) return undefined
  const [, days = '', fromHour, fromMinute, toHour, toMinute] = match
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  if (from >= 1440 || to > 1440) return undefined
  return { days: daysOf(days.toLowerCase()), from, to: to <= from ? to + 1440 : to }
}

function daysOf(text: string): ReadonlySet<number> {
  if (text === 'daily') return new Set([0, 1, 2, 3, 4, 5, 6])
  const [first = '', last = first] = text.split('-')
  const start = DAYS.indexOf(first)
  const length = ((DAYS.indexOf(last) - start + 7) % 7) + 1
  return new Set(Array.from({ length }, (_, index) => (start + index) % 7))
}

/** Whether the runtime knows a time zone such as `Europe/Zurich`. */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

/**
 * Whether the window is open at an instant, and what comes next. Freezes close it.
 * A local time that daylight saving skips counts as the same distance after the gap; one that happens twice means the
 * first (as `compatible` in ECMAScript Temporal: https://tc39.es/proposal-temporal/docs/ambiguity.html).
 */
export function windowAt(window: PlanWindow, now: Instant): WindowState {
  const freeze = window.freezes.find((span) => span.from <= now && now < span.to)
  if (freeze)
    return {
      open: false,
      opensAt: nextOpening(window, freeze.to),
      because: `frozen until ${iso(freeze.to)}: ${freeze.reason}`,
      frozen: true,
    }
  const spans = spansAround(window, now)
  const current = spans.find((span) => span.from <= now && now < span.to)
  if (!current) return closed(nextOpening(window, now), window.timeZone)
  const coming = window.freezes.filter((span) => span.from > now && span.from < current.to).sort((a, b) => a.from - b.from)[0]
  const until = coming?.from ?? current.to
  if (until - now > 8 * DAY) return { open: true, because: 'the window stays open for more than a week' }
  return { open: true, until, because: coming ? `open until the freeze at ${iso(until)}: ${coming.reason}` : `open until ${iso(until)}` }
}

function closed(opensAt: Instant | undefined, timeZone: string): WindowState {
  if (opensAt === undefined) return { open: false, because: 'the window does not open again' }
  return { open: false, opensAt, because: `closed until ${iso(opensAt)} (${timeZone})` }
}

/** The first open instant at or after one, freezes left out. */
function nextOpening(window: PlanWindow, after: Instant): Instant | undefined {
  let candidate = after
  for (let round = 0; round <= window.freezes.length; round++) {
    const at = candidate
    const span = spansAround(window, at).find((each) => each.to > at)
    if (!span) return undefined
    const start = Math.max(span.from, at)
    const freeze = window.freezes.find((each) => each.from <= start && start < each.to)
    if (!freeze) return start
    candidate = freeze.to
  }
  return undefined
}

/** Open spans from the day before an instant to nine days after it, in order, touching ones joined. */
function spansAround(window: PlanWindow, now: Instant): readonly Span[] {
  const openings = window.open.map(parseOpening).filter((opening) => opening !== undefined)
  const today = wallClock(now, window.timeZone)
  const midnight = instantOf(`${today.slice(0, 10)}T00:00:00Z`) ?? now
  const days = Array.from({ length: 11 }, (_, index) => midnight + (index - 1) * DAY)
  const spans = days.flatMap((day) =>
    openings.filter((each) => each.days.has(weekday(day))).map((each) => spanOn(day, each, window.timeZone)),
  )
  return joined(spans.filter((span) => span.to > span.from).sort((a, b) => a.from - b.from))
}

/** Monday is 0; 1970-01-01 was a Thursday. */
function weekday(midnight: Instant): number {
  return (Math.floor(midnight / DAY) + 3) % 7
}

function spanOn(day: Instant, opening: Opening, timeZone: string): Span {
  return {
    from: zonedInstant(day + opening.from * MINUTE, timeZone),
    to: zonedInstant(day + opening.to * MINUTE, timeZone),
  }
}

function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = []
  for (const span of spans) {
    const last = result.at(-1)
    if (last && span.from <= last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else result.push(span)
  }
  return result
}

/**
 * The instant at which clocks in a time zone show a wall time.
 * @param wall the wall time as if it were UTC, in milliseconds
 */
function zonedInstant(wall: Instant, timeZone: string): Instant {
  const offsets = [offsetAt(wall - 14 * HOUR, timeZone), offsetAt(wall + 14 * HOUR, timeZone)]
  const matching = offsets.map((offset) => wall - offset).filter((instant) => instant + offsetAt(instant, timeZone) === wall)
  if (matching.length > 0) return Math.min(...matching)
  return wall - (offsets[0] ?? 0)
}

/** How far the clocks of a time zone are ahead of UTC at an instant, in milliseconds. */
function offsetAt(instant: Instant, timeZone: string): number {
  const wall = instantOf(`${wallClock(instant, timeZone)}Z`) ?? instant
  return wall - Math.floor(instant / 1000) * 1000
}

const FORMATS = new Map<string, Intl.DateTimeFormat>()

/** `2026-03-29T01:30:00` as clocks in the time zone show it. */
function wallClock(instant: Instant, timeZone: string): string {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  )
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '00'
  return `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  FORMATS.set(timeZone, made)
  return made
}

/**
 * Reads a freeze's bound: a day (`2026-12-18`) or a local time (`2026-12-18T18:00`) in the window's time zone, or a time with
 * its own offset. A day as `to` is the last day of the freeze.
 * @returns undefined when it cannot be read.
 */
export function parseFreezeBound(bound: string, timeZone: string, which: 'from' | 'to'): Instant | undefined {
  if (!isDay(bound.slice(0, 10))) return undefined
  if (bound.length === 10) {
    const midnight = instantOf(`${bound}T00:00:00Z`)
    return midnight === undefined ? undefined : zonedInstant(midnight + (which === 'to' ? DAY : 0), timeZone)
  }
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(bound)) {
    const wall = instantOf(`${bound}Z`)
    return wall === undefined ? undefined : zonedInstant(wall, timeZone)
  }
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(bound) ? instantOf(bound) : undefined
}
