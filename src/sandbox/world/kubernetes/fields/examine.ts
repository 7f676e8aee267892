import { isRecord } from '../../../record.ts'
import type { FieldType } from './field-type.ts'

/** What an object says that its kind does not know, or knows otherwise. */
export interface Examination {
  /** The object without the members that its kind does not have; the same object when it has none. */
  readonly object: unknown
  readonly unknown: readonly string[]
  readonly mistyped: readonly { readonly path: string; readonly wanted: string; readonly found: string }[]
  readonly missing: readonly string[]
}

/** Holds an object against the type of its kind. */
export function examine(object: unknown, type: FieldType): Examination {
  const notes: Notes = { unknown: [], mistyped: [], missing: [] }
  return { object: kept(object, type, '', notes), ...notes }
}

interface Notes {
  readonly unknown: string[]
  readonly mistyped: { path: string; wanted: string; found: string }[]
  readonly missing: string[]
}

function kept(value: unknown, type: FieldType, path: string, notes: Notes): unknown {
  if (value === null || value === undefined || type.form === 'open') return value
  const wanted = type.form === 'plain' ? type.plain : type.form === 'list' ? 'array' : 'object'
  const found = formOf(value)
  if (wanted === 'quantity' && (found === 'integer' || found === 'number' || found === 'string')) return String(value)
  if (wanted !== undefined && found !== wanted && !(wanted === 'number' && found === 'integer')) {
    notes.mistyped.push({ path, wanted, found })
    return value
  }
  if (Array.isArray(value)) return keptList(value, type, path, notes)
  return isRecord(value) ? keptMembers(value, type, path, notes) : value
}

function keptList(value: readonly unknown[], type: FieldType, path: string, notes: Notes): readonly unknown[] {
  const items = value.map((item, index) => kept(item, type.item, `${path}[${index}]`, notes))
  return items.every((item, index) => item === value[index]) ? value : items
}

function keptMembers(value: Record<string, unknown>, type: FieldType, path: string, notes: Notes): Record<string, unknown> {
  for (const name of type.required) if (value[name] === undefined) notes.missing.push(below(path, name))
  let changed = false
  const entries = Object.entries(value).flatMap(([name, each]) => {
    const member = type.member(name)
    const next = member === undefined ? undefined : kept(each, member, below(path, name), notes)
    if (member === undefined) notes.unknown.push(below(path, name))
    changed ||= next !== each
    return member === undefined ? [] : [[name, next] as const]
  })
  return changed ? Object.fromEntries(entries) : value
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function formOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
