import { z } from 'zod'
import { CODES } from '../catalog/codes.ts'
import { GATES } from '../catalog/gates/registry.ts'
import { STRATEGIES } from '../catalog/strategies/registry.ts'
import { inputDeclaration } from './inputs.ts'
import type { PlanKinds } from './kinds.ts'
import { planSchema } from './schema.ts'

type Json = Readonly<Record<string, unknown>>

/** Where a value may come from an input, its own shape does not show yet. */
const INPUT_USE: Json = { type: 'string', pattern: '^\\$\\{inputs\\.[A-Za-z][A-Za-z0-9_-]*\\}$' }

/**
 * The JSON Schema of plan files for editors, made from the schema that loads them. A file with `base` may leave out what its base says
 * and remove keys by null.
 */
export function planJsonSchema(kinds: PlanKinds = { gates: GATES, strategies: STRATEGIES, checks: CODES }): object {
  const whole = input(planSchema(kinds))
  const { $schema, ...written } = withInputUse(whole) as Json & { properties: Json }
  const gateList = (written.properties.gates as Json).additionalProperties
  const plan = shared(written, gateList, '#/$defs/gateList') as Json & { properties: Json }
  const inputs = withoutDialect(z.record(z.string(), inputDeclaration))
  const values = { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } }
  const own = {
    ...plan,
    properties: { ...plan.properties, inputs: { ...inputs, description: 'Typed inputs, each used as a whole value.' } },
  }
  const partial = loosened(plan) as Json & { properties: Json }
  const base = { type: 'string', description: 'Path of the plan that this one completes, relative to this file.' }
  const derived = {
    ...partial,
    required: ['base'],
    properties: { ...partial.properties, base, inputs: { ...values, description: 'Values of the inputs that the base declares.' } },
  }
  // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
  return { $schema, $defs: { gateList }, title: 'Serin upgrade plan', if: { required: ['base'] }, then: derived, else: own }
}

function input(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
}

function withoutDialect(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}

/** Puts a reference in every place where a schema stands. */
function shared(node: unknown, schema: unknown, reference: string): unknown {
  if (typeof node !== 'object' || node === null) return node
  if (JSON.stringify(node) === JSON.stringify(schema)) return { $ref: reference }
  if (Array.isArray(node)) return node.map((each) => shared(each, schema, reference))
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, shared(value, schema, reference)]))
}

/** Numbers, booleans, choices and patterns may also be given by an input. */
function withInputUse(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withInputUse)
  if (typeof node !== 'object' || node === null) return node
  const schema = node as Json
  const { description, default: fallback, ...shape } = schema
  if (!isNarrow(schema)) return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withInputUse(value)]))
  return { description, default: fallback, anyOf: [shape, INPUT_USE] }
}

function isNarrow(schema: Json): boolean {
  const { type } = schema
  return (
    type === 'integer' ||
    type === 'number' ||
    type === 'boolean' ||
    Array.isArray(schema.enum) ||
    (typeof schema.pattern === 'string' && schema.pattern !== '\\S')
  )
}

/** Maps lose their required keys and any key may be null; lists stay as they are, since a list replaces the base's. */
function loosened(node: Json): Json {
  if (node.type !== 'object' || typeof node.properties !== 'object' || node.properties === null) return node
  const { required: _required, ...rest } = node
  const properties = Object.entries(node.properties as Readonly<Record<string, Json>>).map(([key, value]) => [
    key,
    nullable(loosened(value)),
  ])
  return { ...rest, properties: Object.fromEntries(properties) }
}

function nullable(schema: Json): Json {
  const { description, ...shape } = schema
  return { description, anyOf: [shape, { type: 'null', description: 'Removes what the base says.' }] }
}
