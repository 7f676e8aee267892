/** Points and spans of time as numbers, so that pure code needs no clock and no Date. */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number
/** A span of time in milliseconds. */
export type Millis = number

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60_000
export const HOUR: Millis = 3_600_000
export const DAY: Millis = 86_400_000

/** `2026-11-23T10:00:00.000Z` for an instant. */
export function iso(instant: Instant): string {
  return new Date(instant).toISOString()
}

/** `2026-11-23T10:00:00.000000Z`: exactly six fractional digits, the only form in which Leases accept a time. */
export function isoMicro(instant: Instant): string {
  return iso(instant).replace('Z', '000Z')
}

/** The instant of an ISO 8601 text, or undefined when the text is absent or is not a time. */
export function instantOf(text: string | undefined | null): Instant | undefined {
  const value = text == null ? Number.NaN : Date.parse(text)
  return Number.isNaN(value) ? undefined : value
}

const UNITS: Record<string, Millis> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/**
 * Reads `90s`, `15m`, `1h30m`, `2d`.
 * @returns milliseconds, or undefined when the text is not a duration.
 */
export function parseDuration(text: string): Millis | undefined {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) total += Number(count) * (UNITS[unit ?? ''] ?? 0)
  return total
}

/** A duration as people say it: `45s`, `12m`, `1h05m`, `2d03h`. */
export function formatDuration(span: Millis): string {
  const seconds = Math.max(0, Math.round(span / SECOND))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${two(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${two(minutes % 60)}m`
  return hours % 24 === 0 ? `${hours / 24}d` : `${Math.floor(hours / 24)}d${two(hours % 24)}h`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
