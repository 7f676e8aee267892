import type { Instant, Millis } from '../../model/instant.ts'

/** Real time by the clock of a server that is ahead by so much. */
export function serverNow(ahead: Millis): Instant {
  return Date.now() + ahead
}

/** Real time as a server tells it whose clock is ahead by so much, as the `Date` of its answers. */
export function serverDate(ahead: Millis): string {
  return new Date(serverNow(ahead)).toUTCString()
}

/** Whether something signed at an instant of real time is outside what such a server accepts. Nothing signed is within. */
export function isSkewed(signed: Instant | undefined, ahead: Millis, tolerance: Millis): boolean {
  return signed !== undefined && Math.abs(serverNow(ahead) - signed) > tolerance
}

/** The instant of `20260929T193000Z`, as signatures carry it. */
export function signingTime(text: string | null | undefined): Instant | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '')
  if (parts === null) return undefined
  const [year = 0, month = 1, ...rest] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, ...rest)
}

/** `20260929T193000Z` */
export function stamp(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}
