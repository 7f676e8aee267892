import type { Leaf, Shape } from './schema.ts'

/**
 * What in a value does not fit a schema, as `path: reason`: members the schema does not know and values of the wrong
 * type. Empty when everything fits.
 */
export function misfits(shape: Shape, value: unknown, path = '$'): readonly string[] {
  if (value === undefined || value === null) return []
  if (shape.kind === 'structure') return structureMisfits(shape, value, path)
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return [`${path}: not a list`]
    return value.flatMap((item, at) => misfits(shape.element().shape, item, `${path}[${at}]`))
  }
  if (shape.kind === 'map') {
    if (!isRecord(value)) return [`${path}: not a map`]
    return Object.entries(value).flatMap(([key, item]) => misfits(shape.value().shape, item, `${path}.${key}`))
  }
  return FITS[shape.kind](value) ? [] : [`${path}: not a ${shape.kind}`]
}

function structureMisfits(shape: Extract<Shape, { kind: 'structure' }>, value: unknown, path: string): readonly string[] {
  if (!isRecord(value)) return [`${path}: not a structure`]
  const members = new Map(shape.members().map((member) => [member.name, member]))
  return Object.entries(value).flatMap(([name, given]) => {
    const member = members.get(name)
    return member === undefined ? [`${path}.${name}: unknown member of ${shape.name}`] : misfits(member.shape, given, `${path}.${name}`)
  })
}

const FITS: Readonly<Record<Leaf, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => (value instanceof Date || typeof value === 'string') && !Number.isNaN(new Date(value).getTime()),
  blob: (value) => value instanceof Uint8Array,
  document: () => true,
  unit: (value) => isRecord(value) && Object.keys(value).length === 0,
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
