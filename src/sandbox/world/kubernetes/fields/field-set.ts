import { isRecord } from '../../../record.ts'

/**
 * A set of fields of an object, as `fieldsV1` writes them: a tree whose branches are path elements (`f:spec`,
 * `k:{"name":"x"}`, `v:"x"`); `self` says that the field itself, not only something below it, is in the set.
 * Source: sigs.k8s.io/structured-merge-diff, fieldpath.
 */
export interface FieldSet {
  readonly self: boolean
  readonly below: ReadonlyMap<string, FieldSet>
}

export const EMPTY: FieldSet = { self: false, below: new Map() }
export const LEAF: FieldSet = { self: true, below: new Map() }

export function isEmpty(set: FieldSet): boolean {
  return !set.self && set.below.size === 0
}

/** A set of the branches that are not empty. */
export function branch(entries: Iterable<readonly [string, FieldSet]>, self = false): FieldSet {
  return { self, below: new Map([...entries].filter(([, set]) => !isEmpty(set))) }
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b
  if (isEmpty(b)) return a
  const names = new Set([...a.below.keys(), ...b.below.keys()])
  return branch(
    [...names].map((name) => [name, union(a.below.get(name) ?? EMPTY, b.below.get(name) ?? EMPTY)]),
    a.self || b.self,
  )
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return branch(
    [...a.below].map(([name, set]) => [name, intersection(set, b.below.get(name) ?? EMPTY)]),
    a.self && b.self,
  )
}

/** The fields of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return branch(
    [...a.below].map(([name, set]) => [name, difference(set, b.below.get(name) ?? EMPTY)]),
    a.self && !b.self,
  )
}

/** The fields of `a` without those in `b` and all that lies below them. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  if (b.self) return EMPTY
  return branch(
    [...a.below].map(([name, set]) => [name, without(set, b.below.get(name) ?? EMPTY)]),
    a.self,
  )
}

export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  const entries = [...set.below].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, toFieldsV1(each)] as const)
  return Object.fromEntries(set.self && entries.length > 0 ? [['.', {}], ...entries] : entries)
}

/** Reads `fieldsV1`. */
export function fromFieldsV1(fields: unknown, root = true): FieldSet {
  if (!isRecord(fields)) return EMPTY
  const entries = Object.entries(fields).filter(([name]) => name !== '.')
  const self = '.' in fields || (!root && entries.length === 0)
  return branch(
    entries.map(([name, each]) => [name, fromFieldsV1(each, false)]),
    self,
  )
}

/** The paths of a set as messages write them: `.spec.containers[name="main"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  const below = [...set.below]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, each]) => pathsOf(each, `${prefix}${elementText(name)}`))
  return set.self ? [prefix, ...below] : below
}

function elementText(name: string): string {
  const value = name.slice(2)
  if (name.startsWith('f:')) return `.${value}`
  if (name.startsWith('v:')) return `[=${value}]`
  const keys = JSON.parse(value) as Record<string, unknown>
  const texts = Object.entries(keys).map(([key, each]) => `${key}=${JSON.stringify(each)}`)
  return `[${texts.join(',')}]`
}
