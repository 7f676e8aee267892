import type { Instant } from '../../../model/instant.ts'
import { DAY, MINUTE } from '../../../model/instant.ts'

/** Minute, hour, day of month, month, day of week: their least and greatest values. */
const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const

const NAMED: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
}

/** The first instant after `from` that a cron schedule names, in UTC; undefined for what is none, or none within two years. */
export function nextTime(schedule: string, from: Instant): Instant | undefined {
  const parts = (NAMED[schedule] ?? schedule).trim().split(/\s+/)
  if (parts.length !== FIELDS.length) return undefined
  const allowed = parts.map((part, at) => valuesOf(part.replace(/^\?$/, '*'), FIELDS[at] ?? [0, 0]))
  if (allowed.some((values) => values.size === 0)) return undefined
  for (let at = Math.floor(from / MINUTE) * MINUTE + MINUTE; at < from + 731 * DAY; ) {
    const day = Math.floor(at / DAY) * DAY
    if (!dayMatches(new Date(at), allowed, parts)) at = day + DAY
    else if (minuteMatches(new Date(at), allowed)) return at
    else at += MINUTE
  }
  return undefined
}

/** Where both days are named, either of them does. */
function dayMatches(date: Date, [, , days, months, weekdays]: readonly ReadonlySet<number>[], parts: readonly string[]): boolean {
  if (!months?.has(date.getUTCMonth() + 1)) return false
  const [ofMonth, ofWeek] = [days?.has(date.getUTCDate()) ?? false, weekdays?.has(date.getUTCDay()) ?? false]
  return parts[2] === '*' || parts[4] === '*' ? ofMonth && ofWeek : ofMonth || ofWeek
}

function minuteMatches(date: Date, [minutes, hours]: readonly ReadonlySet<number>[]): boolean {
  return (minutes?.has(date.getUTCMinutes()) ?? false) && (hours?.has(date.getUTCHours()) ?? false)
}

function valuesOf(text: string, bounds: readonly [number, number]): ReadonlySet<number> {
  const items = text.split(',').map((item) => rangeOf(item, bounds))
  return items.includes(undefined) ? new Set() : new Set(items.flatMap((item) => item ?? []))
}

/** `*`, `5`, `1-5`, each with `/2` behind it. Sunday is 0 and 7. */
function rangeOf(item: string, [low, high]: readonly [number, number]): readonly number[] | undefined {
  const [, range, stepText = '1'] = /^(\*|\d+(?:-\d+)?)(?:\/(\d+))?$/.exec(item) ?? []
  const step = Number(stepText)
  if (range === undefined || step === 0) return undefined
  const [first = low, last = item.includes('/') ? high : first] = range === '*' ? [low, high] : range.split('-').map(Number)
  const values = Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_none, nth) => first + nth * step)
  return high === 6 ? values.map((value) => value % 7) : values
}
