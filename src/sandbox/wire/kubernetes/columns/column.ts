import type { Instant } from '../../../../model/instant.ts'
import { instantOf } from '../../../../model/instant.ts'
import type { StoredObject } from '../../../contract.ts'

/** A column of the table kubectl prints for a kind. */
export interface Column {
  readonly name: string
  readonly type?: string
  /** Shown by `-o wide` only. */
  readonly wide?: boolean
  readonly cell: (object: StoredObject, now: Instant) => string | number | boolean | null
}

export const NAME: Column = { name: 'Name', cell: (object) => object.metadata.name }
export const AGE: Column = { name: 'Age', cell: (object, now) => ageSince(object.metadata.creationTimestamp, now) }

export function column(name: string, cell: Column['cell']): Column {
  return { name, cell }
}

export function wide(name: string, cell: Column['cell']): Column {
  return { name, cell, wide: true }
}

export function integer(name: string, cell: Column['cell']): Column {
  return { name, cell, type: 'integer' }
}

/** The value at a dotted path, or undefined. */
export function at(object: unknown, path: string): unknown {
  let value = object
  for (const part of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined
  return value
}

export function numberAt(object: unknown, path: string): number {
  const value = at(object, path)
  return typeof value === 'number' ? value : 0
}

export function textAt(object: unknown, path: string, otherwise = '<none>'): string {
  const value = at(object, path)
  return value === undefined || value === null || value === '' ? otherwise : String(value)
}

export function listAt(object: unknown, path: string): readonly Record<string, unknown>[] {
  const value = at(object, path)
  return Array.isArray(value) ? value : []
}

/** `a=1,b=2`, or `<none>`. */
export function labelText(value: unknown): string {
  const pairs = typeof value === 'object' && value !== null ? Object.entries(value).map(([key, text]) => `${key}=${text}`) : []
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

/** The containers, images and selector columns that all workloads end with. */
export const CONTAINERS: readonly Column[] = [
  wide('Containers', (object) => joinedMembers(object, 'name')),
  wide('Images', (object) => joinedMembers(object, 'image')),
]
export const SELECTOR: Column = wide('Selector', (object) => labelText(at(object, 'spec.selector.matchLabels')))

function joinedMembers(object: StoredObject, member: string): string {
  return listAt(object, 'spec.template.spec.containers')
    .map((container) => String(container[member] ?? ''))
    .join(',')
}

/** An age as kubectl prints it: `45s`, `3m20s`, `12m`, `5h30m`, `2d4h`. Source: k8s.io/apimachinery, pkg/util/duration. */
export function ageSince(time: unknown, now: Instant): string {
  const since = typeof time === 'string' ? instantOf(time) : undefined
  return since === undefined ? '<unknown>' : durationText(Math.max(0, Math.floor((now - since) / 1000)))
}

export function durationText(seconds: number): string {
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
