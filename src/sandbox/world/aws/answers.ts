import { globMatches } from '../../../model/glob.ts'
import type { Instant } from '../../../model/instant.ts'
import { WireError } from '../../contract.ts'

/** A time as the SDK's types have it; only handlers make these, at the edge of the world. */
export function dateOf(instant: Instant): Date {
  return new Date(instant)
}

export type Input = Readonly<Record<string, unknown>>

export function textOf(input: Input, member: string): string | undefined {
  const value = input[member]
  return typeof value === 'string' ? value : undefined
}

export function numberOf(input: Input, member: string): number | undefined {
  const value = input[member]
  return typeof value === 'number' ? value : undefined
}

export function textsOf(input: Input, member: string): readonly string[] {
  const value = input[member]
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

export function recordOf(input: Input, member: string): Input | undefined {
  const value = input[member]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Input) : undefined
}

export function recordsOf(input: Input, member: string): readonly Input[] {
  const value = input[member]
  return Array.isArray(value) ? value.filter((item): item is Input => typeof item === 'object' && item !== null) : []
}

/** A member that the operation cannot do without. `error` makes the service's own refusal. */
export function required(input: Input, member: string, error: (message: string) => WireError): string {
  const value = textOf(input, member)
  if (value === undefined || value === '') throw error(`${member} is required.`)
  return value
}

/** Inputs that the sandbox does not have an answer to are named, never ignored. */
export function refuseOthers(input: Input, known: ReadonlySet<string>): void {
  const other = Object.keys(input).find((member) => input[member] !== undefined && !known.has(member))
  if (other !== undefined) throw new WireError(501, 'NotImplemented', `the sandbox does not simulate ${other}`)
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/** One page by offset; the token of the next is `page-<offset>`. `invalid` makes the service's error for a foreign token. */
export function pageOf<T>(items: readonly T[], token: string | undefined, size: number | undefined, invalid: () => WireError): Page<T> {
  const offset = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(token)?.[1] ?? Number.NaN)
  if (Number.isNaN(offset)) throw invalid()
  const end = size === undefined ? items.length : offset + size
  const page = { items: items.slice(offset, end) }
  return end < items.length ? { ...page, next: `page-${end}` } : page
}

/** What a filter name reads from an item. */
export type FilterFields<T> = Readonly<Record<string, (item: T) => readonly string[]>>

/** EC2 filters: all must match, one value of each suffices, `*` is a wildcard. An unknown name is an error, never a filter that is ignored. */
export function filtered<T>(
  items: readonly T[],
  input: Input,
  fields: FilterFields<T>,
  tags?: (item: T) => Readonly<Record<string, string>>,
): readonly T[] {
  const tests = recordsOf(input, 'Filters').map((filter) => filterTest(filter, fields, tags))
  return items.filter((item) => tests.every((test) => test(item)))
}

function filterTest<T>(
  filter: Input,
  fields: FilterFields<T>,
  tags: ((item: T) => Readonly<Record<string, string>>) | undefined,
): (item: T) => boolean {
  const name = textOf(filter, 'Name') ?? ''
  const wanted = textsOf(filter, 'Values')
  const read = fieldReader(name, fields, tags)
  return (item) => read(item).some((value) => wanted.some((pattern) => globMatches(pattern, value)))
}

function fieldReader<T>(
  name: string,
  fields: FilterFields<T>,
  tags: ((item: T) => Readonly<Record<string, string>>) | undefined,
): (item: T) => readonly string[] {
  const field = fields[name]
  if (field !== undefined) return field
  if (tags !== undefined && name === 'tag-key') return (item) => Object.keys(tags(item))
  if (tags !== undefined && name.startsWith('tag:')) return (item) => [tags(item)[name.slice(4)]].filter((value) => value !== undefined)
  throw new WireError(400, 'InvalidParameterValue', `The filter '${name}' is invalid`)
}

export function tagList(tags: Readonly<Record<string, string>>): readonly { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
