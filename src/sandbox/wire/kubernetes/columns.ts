import type { Instant } from '../../../model/instant.ts'
import { instantOf } from '../../../model/instant.ts'
import type { StoredObject } from '../../contract.ts'

export interface Column {
  readonly name: string
  readonly type?: 'string' | 'integer'
  /** Shown by `-o wide` only. */
  readonly wide?: boolean
  readonly cell: (object: StoredObject, now: Instant) => string | number
}

const NAME: Column = { name: 'Name', cell: (object) => object.metadata.name }
const AGE: Column = { name: 'Age', cell: (object, now) => ageSince(object.metadata.creationTimestamp, now) }

/** An age as kubectl prints it: `45s`, `3m20s`, `12m`, `5h30m`, `2d4h`. */
export function ageSince(time: string | undefined, now: Instant): string {
  const since = instantOf(time)
  if (since === undefined) return '<unknown>'
  const seconds = Math.max(0, Math.floor((now - since) / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  return days < 8 ? joined(days, 'd', hours % 24, 'h') : `${days}d`
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`
}

/** The columns the real API server prints for a kind. */
export function columnsOf(_kind: string): readonly Column[] {
  return [NAME, AGE]
}
