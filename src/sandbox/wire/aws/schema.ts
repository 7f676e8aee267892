/**
 * The wire schemas that the SDK clients export under names ending in `$`, as shapes. Their arrays are internal to the
 * SDK (https://github.com/smithy-lang/smithy-typescript, packages/core/src/submodules/schema): a static schema is
 * `[kind, namespace, name, traits, …]`, a member may be `[schema, traits]` or a function giving either, plain types
 * are numbers. A test decodes and encodes a set of operations, so that a new SDK version cannot change them unseen.
 */

interface Traits {
  readonly xmlName?: string
  readonly ec2QueryName?: string
  readonly httpQuery?: string
  readonly httpLabel?: number
  readonly http?: readonly [method: string, path: string, status: number]
  readonly awsQueryError?: readonly [code: string, status: number]
}

export type Leaf = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob' | 'document' | 'unit'

export type Shape =
  | { readonly kind: Leaf }
  | { readonly kind: 'list'; readonly element: () => Member }
  | { readonly kind: 'map'; readonly key: () => Member; readonly value: () => Member }
  | { readonly kind: 'structure'; readonly name: string; readonly members: () => readonly Member[] }

export interface Member {
  readonly name: string
  readonly traits: Traits
  readonly shape: Shape
}

export interface OperationSchema {
  readonly name: string
  readonly traits: Traits
  readonly input: () => Shape
  readonly output: () => Shape
}

export interface ErrorSchema {
  readonly name: string
  readonly traits: Traits
}

type Static = readonly [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]]

const KIND = { simple: 0, list: 1, map: 2, structure: 3, error: -3, union: 4, operation: 9 } as const
const LIST_OF = 64
const MAP_OF = 128
const HTTP_LABEL = 1

/** All operations among a client's exports, by name. */
export function operationsOf(exports: Readonly<Record<string, unknown>>): ReadonlyMap<string, OperationSchema> {
  const operations = staticSchemas(exports, KIND.operation).map((schema): [string, OperationSchema] => {
    const [, , name, traits, input, output] = schema
    return [name, { name, traits: traitsOf(traits), input: () => shapeOf(input), output: () => shapeOf(output) }]
  })
  return new Map(operations)
}

/** All modelled errors among a client's exports. */
export function errorsOf(exports: Readonly<Record<string, unknown>>): readonly ErrorSchema[] {
  return staticSchemas(exports, KIND.error).map(([, , name, traits]) => ({ name, traits: traitsOf(traits) }))
}

function staticSchemas(exports: Readonly<Record<string, unknown>>, kind: number): readonly Static[] {
  return Object.entries(exports)
    .filter(([name]) => name.endsWith('$'))
    .map(([, value]) => value)
    .filter((value): value is Static => Array.isArray(value) && value[0] === kind && typeof value[2] === 'string')
}

const known = new WeakMap<object, Shape>()

function shapeOf(reference: unknown): Shape {
  const { schema } = unwrap(reference)
  if (!Array.isArray(schema)) return plainShape(schema)
  const kept = known.get(schema)
  if (kept !== undefined) return kept
  const shape = staticShape(schema as unknown as Static)
  known.set(schema, shape)
  return shape
}

const PLAIN: ReadonlyMap<unknown, Leaf> = new Map<unknown, Leaf>([
  ['unit', 'unit'],
  [0, 'string'],
  [1, 'number'],
  [2, 'boolean'],
  [4, 'timestamp'],
  [5, 'timestamp'],
  [6, 'timestamp'],
  [7, 'timestamp'],
  [15, 'document'],
  [21, 'blob'],
  [42, 'blob'],
])

function plainShape(schema: unknown): Shape {
  const kind = PLAIN.get(schema)
  if (kind !== undefined) return { kind }
  if (typeof schema !== 'number') throw new Error(`a schema the sandbox does not know: ${String(schema)}`)
  if (schema >= MAP_OF) return { kind: 'map', key: () => memberOf('key', 0), value: () => memberOf('value', schema - MAP_OF) }
  if (schema >= LIST_OF) return { kind: 'list', element: () => memberOf('member', schema - LIST_OF) }
  throw new Error(`a schema the sandbox does not know: ${schema}`)
}

function staticShape(schema: Static): Shape {
  const [kind, , name, , first, second] = schema
  if (kind === KIND.simple) return shapeOf(first)
  if (kind === KIND.list) return { kind: 'list', element: once(() => memberOf('member', first)) }
  if (kind === KIND.map) return { kind: 'map', key: once(() => memberOf('key', first)), value: once(() => memberOf('value', second)) }
  const names = first as readonly string[]
  const schemas = second as readonly unknown[]
  return { kind: 'structure', name, members: once(() => names.map((member, at) => memberOf(member, schemas[at]))) }
}

function memberOf(name: string, reference: unknown): Member {
  return { name, traits: unwrap(reference).traits, shape: shapeOf(reference) }
}

function unwrap(reference: unknown): { schema: unknown; traits: Traits } {
  let schema = reference
  let traits: Traits = {}
  for (;;) {
    if (typeof schema === 'function') schema = schema()
    else if (Array.isArray(schema) && schema.length === 2) {
      traits = { ...traitsOf(schema[1]), ...traits }
      schema = schema[0]
    } else return { schema, traits }
  }
}

function traitsOf(traits: unknown): Traits {
  if (typeof traits === 'object' && traits !== null) return traits
  return (Number(traits) & HTTP_LABEL) === 0 ? {} : { httpLabel: 1 }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
