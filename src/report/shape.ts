/**
 * What kinds of value a document's members have, as far as they are read: lists are lists and texts are texts. Members that
 * nobody reads may be anything. Nothing is copied: a snapshot may have a hundred thousand objects.
 */
export type Shape<T> = unknown extends T
  ? 'any'
  : [T] extends [string]
    ? 'text'
    : [T] extends [number]
      ? 'number'
      : [T] extends [boolean]
        ? 'flag'
        : [T] extends [number | string]
          ? 'amount'
          : [T] extends [readonly (infer Item)[]]
            ? readonly [Shape<NonNullable<Item>>]
            : string extends keyof T
              ? { readonly each: Shape<NonNullable<T[keyof T]>> }
              : { readonly [Member in keyof T]?: Shape<NonNullable<T[Member]>> }

type AnyShape = 'any' | 'text' | 'number' | 'flag' | 'amount' | readonly [unknown] | { readonly [member: string]: unknown }

/** The first member that is not of its kind, `aws.subnets.0.AvailableIpAddressCount: expected a number, found text`. */
export function misfit(value: unknown, shape: unknown, path: readonly (string | number)[] = []): string | undefined {
  const found = oddity(value, shape as AnyShape)
  return found === undefined ? undefined : `${[...path, ...found.path].join('.')}: expected ${found.expected}, found ${nameOf(found.value)}`
}

/** The path grows on the way up, so that what is right costs no list. */
interface Oddity {
  readonly path: (string | number)[]
  readonly expected: string
  readonly value: unknown
}

const WORDS = { text: 'text', number: 'a number', flag: 'true or false', amount: 'a number or text', any: 'anything' } as const

function oddity(value: unknown, kind: AnyShape): Oddity | undefined {
  if (value === undefined || kind === 'any') return undefined
  if (typeof kind === 'string') return isOf(value, kind) ? undefined : { path: [], expected: WORDS[kind], value }
  if (Array.isArray(kind)) return Array.isArray(value) ? inItems(value, kind[0]) : { path: [], expected: 'a list', value }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { path: [], expected: 'an object', value }
  return inMembers(value as Members, kind as Members)
}

function isOf(value: unknown, kind: keyof typeof WORDS): boolean {
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (kind === 'flag') return typeof value === 'boolean'
  if (kind === 'amount') return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
  return typeof value === 'string'
}

function inItems(items: readonly unknown[], shape: AnyShape): Oddity | undefined {
  for (let place = 0; place < items.length; place += 1) {
    const found = oddity(items[place], shape)
    if (found !== undefined) return under(place, found)
  }
  return undefined
}

type Members = Readonly<Record<string, unknown>>

function inMembers(value: Members, shape: Members): Oddity | undefined {
  for (const name of Object.keys(shape.each === undefined ? shape : value)) {
    const found = oddity(value[name], (shape.each ?? shape[name]) as AnyShape)
    if (found !== undefined) return under(name, found)
  }
  return undefined
}

function under(step: string | number, found: Oddity): Oddity {
  found.path.unshift(step)
  return found
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : 'a number that is too large'
  return typeof value === 'string' ? 'text' : 'true or false'
}

const DEEPEST = 100

/** What makes a document of JSON one that nobody wrote in good faith: nested for ever, or with a member that JavaScript takes for another thing. */
export function hostility(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > DEEPEST) return `it is nested deeper than ${DEEPEST} levels`
  if (Object.hasOwn(value, '__proto__')) return 'it has a member that is called __proto__'
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    const found = hostility(member, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
