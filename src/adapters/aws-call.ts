import { iso } from '../model/instant.ts'
import { awsError, malformed } from './aws-error.ts'
import type { Retrier } from './retry.ts'

/** The one way to AWS: classified errors, retries for reads, none for mutations. */
export interface AwsCaller {
  read<T>(operation: string, send: () => Promise<T>): Promise<T>
  /** Never repeated here. An unclear outcome throws with `details.ambiguous`. */
  mutate<T>(operation: string, send: () => Promise<T>): Promise<T>
}

export function createAwsCaller(retrier: Retrier): AwsCaller {
  const classified = async <T>(operation: string, mutating: boolean, send: () => Promise<T>): Promise<T> => {
    try {
      return await signedAnew(send)
    } catch (error) {
      throw awsError(error, operation, mutating)
    }
  }
  return {
    read: (operation, send) => retrier.read(operation, () => classified(operation, false, send)),
    mutate: (operation, send) => retrier.once(() => classified(operation, true, send)),
  }
}

const WRONG_TIME = new Set(['InvalidSignatureException', 'SignatureDoesNotMatch', 'RequestExpired', 'RequestTimeTooSkewed'])

/** Where the clocks differ, the SDK learns the server's time from the refusal: asked once more, it signs with that. Nothing had happened. */
async function signedAnew<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof Error) || !WRONG_TIME.has(error.name)) throw error
    return await send()
  }
}

/** An SDK answer as JSON has it: times as ISO text. */
export type Plain<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Plain<T[Key]> }
      : T

/** Copies an SDK answer into plain JSON values; undefined members and `$metadata` go. */
export function plain<T>(value: T): Plain<T> {
  return plainValue(value) as Plain<T>
}

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return iso(value.getTime())
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value !== 'object' || value === null) return value
  const made: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[name]
    if (member !== undefined && name !== '$metadata') made[name] = plainValue(member)
  }
  return made
}

/** The value, which has to be there. @throws SerinError REMOTE_MALFORMED */
export function present<T>(operation: string, name: string, value: T | undefined | null): T {
  if (value === undefined || value === null) throw malformed(operation, name)
  return value
}

/** The object, each of whose named members has to be there. @throws SerinError REMOTE_MALFORMED */
export function withMembers<T extends object>(operation: string, object: T | undefined, ...names: readonly (keyof T & string)[]): T {
  const whole = present(operation, 'result', object)
  for (const name of names) present(operation, name, whole[name])
  return whole
}

interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | undefined
}

const MOST_PAGES = 1_000

/** All pages, by hand: a token that comes back twice or never ends is an error, not an endless loop. */
export async function allPages<T>(operation: string, page: (token: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const all: T[] = []
  let token: string | undefined
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const { items, next } = await page(token)
    all.push(...items)
    if (next === undefined || next === null || next === '') return all
    if (next === token) break
    token = next
  }
  throw malformed(operation, 'last page')
}

/** Parts of at most `size`, in order. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))
}
