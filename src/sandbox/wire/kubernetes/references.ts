import type { StoredObject } from '../../contract.ts'
import { isRecord } from '../../record.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import { apiVersionOf } from '../../world/kubernetes/api/kinds.ts'
import type { WireRequest } from '../message.ts'
import { seenAs } from './object-text.ts'

/** What a reader says in its Accept header that takes objects by reference. */
const REFERENCES = 'application/json;as=Reference'

/**
 * Objects that go to a reader in the same process as they are: the text of an answer has a number in place of each, by which
 * the reader takes it. Nothing is turned into JSON and parsed again, and reader and world share what they both keep.
 */
export interface References {
  /** What stands for an object in the text of an answer. */
  give(kind: ServedKind, object: StoredObject): string
  /** The same for an item of a list, which has neither `kind` nor `apiVersion`. */
  giveItem(kind: ServedKind, object: StoredObject): string
  /** How a reader asks for references, and reads the text of an answer. What is no JSON throws a SyntaxError. */
  readonly form: { readonly accept: string; readonly decode: (text: string) => unknown }
}

export function createReferences(): References {
  const given = new Map<number, unknown>()
  let count = 0
  const numbered = (object: unknown): string => {
    given.set(count, object)
    return `{"reference":${count++}}`
  }
  const taken = (value: unknown): unknown => {
    if (!isRecord(value) || typeof value.reference !== 'number') return value
    const object = given.get(value.reference)
    given.delete(value.reference)
    return object
  }
  const decode = (text: string): unknown => {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value)) return value
    if (Array.isArray(value.items)) return { ...value, items: value.items.map(taken) }
    return isRecord(value.object) ? { ...value, object: taken(value.object) } : taken(value)
  }
  return {
    give(kind, object) {
      return numbered(withMembersOf(seenAs(kind, object), { kind: kind.kind, apiVersion: apiVersionOf(kind) }))
    },
    giveItem(kind, object) {
      return kind.custom === undefined ? numbered(withMembersOf(seenAs(kind, object), {})) : this.give(kind, object)
    },
    form: { accept: REFERENCES, decode },
  }
}

export function wantsReferences({ headers }: WireRequest): boolean {
  return headers.accept === REFERENCES
}

/** Puts all members of an object but its kind into another one, as JSON would have them. */
function withMembersOf(object: StoredObject, made: Record<string, unknown>): Record<string, unknown> {
  // Not by rest and spread, here and below: every change of every pod comes by.
  for (const name in object) {
    if (name === 'kind' || name === 'apiVersion') continue
    // The store froze the metadata, and not what is in it.
    const plain = name === 'metadata' ? asJson(object.metadata) : frozenJson(object[name])
    if (plain !== undefined) made[name] = plain
  }
  return made
}

/** Members as JSON would have them, frozen to the bottom; whatever is so already is not looked at again. */
function asJson<T extends object>(members: T): T {
  let made: Record<string, unknown> | undefined
  for (const name in members) {
    const member: unknown = members[name]
    const plain = frozenJson(member)
    if (plain === member && member !== undefined) continue
    made ??= { ...members } as Record<string, unknown>
    if (plain === undefined) delete made[name]
    else made[name] = plain
  }
  return (made as T | undefined) ?? members
}

function frozenJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  return Object.freeze(Array.isArray(value) ? itemsAsJson(value) : asJson(value))
}

function itemsAsJson(items: readonly unknown[]): readonly unknown[] {
  const made = items.map((item) => (item === undefined ? null : frozenJson(item)))
  return made.some((item, at) => item !== items[at]) ? made : items
}
