import { sameJson } from '../../../../model/same-json.ts'
import { isRecord } from '../../../record.ts'
import { KEY_DEFAULTS } from '../patch/merge-keys.ts'
import type { FieldSet } from './field-set.ts'
import { branch, EMPTY, LEAF, union } from './field-set.ts'
import type { FieldType } from './field-type.ts'

/** Which fields an object has, and which differ between two. Source: sigs.k8s.io/structured-merge-diff, typed. */

type Members = Readonly<Record<string, unknown>>

/** The path element of an item of a list: by its keys, or by its value. */
function elementOf(type: FieldType, item: unknown): string {
  if (type.keys.length === 0) return `v:${JSON.stringify(item)}`
  const members: Members = isRecord(item) ? item : {}
  const keys = [...type.keys].sort().map((key) => [key, members[key] ?? KEY_DEFAULTS[key]] as const)
  return `k:${JSON.stringify(Object.fromEntries(keys.filter(([, value]) => value !== undefined)))}`
}

/** The fields that an object sets. */
export function fieldsOf(value: unknown, type: FieldType): FieldSet {
  if (type.atomic || value === null) return LEAF
  if (type.form === 'list' && Array.isArray(value)) return branch(value.map((item) => [elementOf(type, item), itemFields(item, type)]))
  if (!isRecord(value)) return LEAF
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  if (entries.length === 0) return LEAF
  return branch(entries.map(([name, each]) => [`f:${name}`, fieldsOf(each, type.member(name) ?? type.item)]))
}

function itemFields(item: unknown, type: FieldType): FieldSet {
  return type.keys.length === 0 ? LEAF : { ...fieldsOf(item, type.item), self: true }
}

export interface FieldChanges {
  /** Fields that are new or have another value. */
  readonly written: FieldSet
  /** Fields that are gone, with all that was below them. */
  readonly removed: FieldSet
}

const NOTHING: FieldChanges = { written: EMPTY, removed: EMPTY }

export function changesBetween(before: unknown, after: unknown, type: FieldType): FieldChanges {
  if (sameJson(before, after)) return NOTHING
  if (after === undefined || after === null) return { written: EMPTY, removed: LEAF }
  if (before === undefined || before === null) return { written: appeared(after, type), removed: EMPTY }
  if (type.atomic) return { written: LEAF, removed: EMPTY }
  if (type.form === 'list' && Array.isArray(before) && Array.isArray(after)) return listChanges(before, after, type)
  if (!isRecord(before) || !isRecord(after)) return { written: LEAF, removed: EMPTY }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return merged(names.map((name) => [`f:${name}`, changesBetween(before[name], after[name], type.member(name) ?? type.item)]))
}

/** A map that was not there is itself new. */
function appeared(value: unknown, type: FieldType): FieldSet {
  if (type.atomic || !isRecord(value) || Object.keys(value).length === 0) return fieldsOf(value, type)
  const below = branch(Object.entries(value).map(([name, each]) => [`f:${name}`, appeared(each, type.member(name) ?? type.item)]))
  return type.form === 'struct' ? below : { ...below, self: true }
}

function listChanges(before: readonly unknown[], after: readonly unknown[], type: FieldType): FieldChanges {
  const old = new Map(before.map((item) => [elementOf(type, item), item]))
  const now = new Map(after.map((item) => [elementOf(type, item), item]))
  const names = [...new Set([...old.keys(), ...now.keys()])]
  return merged(
    names.map((name) => {
      if (!now.has(name)) return [name, { written: EMPTY, removed: LEAF }]
      if (!old.has(name)) return [name, { written: itemFields(now.get(name), type), removed: EMPTY }]
      return [name, changesBetween(old.get(name), now.get(name), type.item)]
    }),
  )
}

function merged(entries: readonly (readonly [string, FieldChanges])[]): FieldChanges {
  return {
    written: branch(entries.map(([name, { written }]) => [name, written])),
    removed: branch(entries.map(([name, { removed }]) => [name, removed])),
  }
}

/** What an applied configuration makes of an object: its fields are set, everything else stays. */
export function mergedWith(live: unknown, applied: unknown, type: FieldType): unknown {
  if (type.atomic || live === undefined || live === null) return applied
  if (type.form === 'list' && Array.isArray(live) && Array.isArray(applied)) return mergedLists(live, applied, type)
  if (!isRecord(live) || !isRecord(applied)) return applied
  const entries = Object.entries(applied).map(
    ([name, each]) => [name, mergedWith(live[name], each, type.member(name) ?? type.item)] as const,
  )
  return { ...live, ...Object.fromEntries(entries) }
}

function mergedLists(live: readonly unknown[], applied: readonly unknown[], type: FieldType): readonly unknown[] {
  const wanted = new Map(applied.map((item) => [elementOf(type, item), item]))
  const kept = live.map((item) => {
    const element = elementOf(type, item)
    const next = wanted.get(element)
    wanted.delete(element)
    return next === undefined ? item : mergedWith(item, next, type.item)
  })
  return [...kept, ...wanted.values()]
}

/** An object without some fields. Maps and lists that lose their last member go too. */
export function withoutFields(value: unknown, gone: FieldSet, type: FieldType): unknown {
  if (gone.below.size === 0) return value
  if (type.form === 'list' && Array.isArray(value)) {
    const left = value.flatMap((item) => {
      const set = gone.below.get(elementOf(type, item)) ?? EMPTY
      return set.self ? [] : [withoutFields(item, set, type.item)]
    })
    return left.length === 0 && value.length > 0 ? undefined : left
  }
  if (!isRecord(value)) return value
  const entries = Object.entries(value).flatMap(([name, each]) => {
    const set = gone.below.get(`f:${name}`) ?? EMPTY
    const next = set.self ? undefined : withoutFields(each, set, type.member(name) ?? type.item)
    return next === undefined ? [] : [[name, next] as const]
  })
  return entries.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(entries)
}

/** All fields of several sets together. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  return sets.reduce(union, EMPTY)
}
