import { isRecord } from '../../../record.ts'
import type { ServedKind } from '../api/kinds.ts'
import type { Schema, Schemas } from './models.ts'
import { addModel, modelName } from './models.ts'

/** What server-side apply and strict validation have to know about a member of an object. */
export interface FieldType {
  readonly form: 'plain' | 'struct' | 'map' | 'list' | 'open'
  /** Set and owned as a whole. */
  readonly atomic: boolean
  /** The type of a member, or of every value of a map; undefined for one that a struct does not have. */
  member(name: string): FieldType | undefined
  readonly item: FieldType
  /** By which members the items of a list are told apart; none: an item is told apart by itself (`set`). */
  readonly keys: readonly string[]
  /** What the schema calls a plain value: `string`, `integer`, `boolean`, `number`, `quantity`; undefined when it does not say. */
  readonly plain: string | undefined
  readonly required: readonly string[]
}

/** Whatever is not described: maps by member, lists as a whole. */
const OPEN: FieldType = {
  form: 'open',
  atomic: false,
  member: () => OPEN,
  get item() {
    return OPEN
  },
  keys: [],
  plain: undefined,
  required: [],
}

const BUILT_IN: Schemas = new Map()
const known = new WeakMap<Schema, FieldType>()

/** The type of a kind's objects: from the client's models, or from its definition's schema. */
export function typeOfKind(kind: ServedKind): FieldType {
  if (kind.custom === undefined) {
    const name = modelName(kind)
    addModel(BUILT_IN, name)
    return typeOf(BUILT_IN.get(name) ?? {})
  }
  const { schema } = kind.custom
  return schema === undefined ? OPEN : customType(schema)
}

/** A definition says little of metadata; it is that of every object. */
function customType(schema: Schema): FieldType {
  const own = typeOf(schema)
  if (own.form !== 'struct') return own
  addModel(BUILT_IN, 'V1ObjectMeta')
  const head: Readonly<Record<string, FieldType>> = { metadata: typeOf(BUILT_IN.get('V1ObjectMeta') ?? {}), apiVersion: TEXT, kind: TEXT }
  return { ...own, member: (name) => head[name] ?? own.member(name) }
}

function typeOf(schema: Schema): FieldType {
  const made = known.get(schema) ?? readType(schema)
  known.set(schema, made)
  return made
}

const TEXT: FieldType = { ...OPEN, form: 'plain', plain: 'string' }
const MODEL = '#/components/schemas/'

function readType(schema: Schema): FieldType {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  const referred = Array.isArray(schema.allOf) ? (schema.allOf[0] as { $ref?: string }).$ref : undefined
  if (referred !== undefined) {
    const model = typeOf(BUILT_IN.get(referred.slice(MODEL.length)) ?? {})
    return atomic ? { ...model, atomic } : model
  }
  if (schema.format === 'quantity') return { ...OPEN, form: 'plain', plain: 'quantity' }
  if (schema['x-kubernetes-int-or-string'] === true) return { ...OPEN, form: 'plain' }
  if (schema.type === 'array') return listType(schema)
  if (isRecord(schema.properties)) return structType(schema, schema.properties, atomic)
  if (isRecord(schema.additionalProperties)) {
    const value = schema.additionalProperties
    return { ...OPEN, form: 'map', atomic, member: () => typeOf(value) }
  }
  if (schema.type === 'object' || schema.type === undefined) return OPEN
  return { ...OPEN, form: 'plain', plain: String(schema.type) }
}

function structType(schema: Schema, properties: Record<string, unknown>, atomic: boolean): FieldType {
  const otherwise = schema['x-kubernetes-preserve-unknown-fields'] === true ? OPEN : undefined
  const required = Array.isArray(schema.required) ? (schema.required as readonly string[]) : []
  const member = (name: string) => (Object.hasOwn(properties, name) ? typeOf(properties[name] as Schema) : otherwise)
  return { ...OPEN, form: 'struct', atomic, required, member }
}

function listType(schema: Schema): FieldType {
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys']
  return {
    ...OPEN,
    form: 'list',
    atomic: type !== 'map' && type !== 'set',
    keys: Array.isArray(keys) ? (keys as readonly string[]) : [],
    get item() {
      return isRecord(schema.items) ? typeOf(schema.items) : OPEN
    },
  }
}
