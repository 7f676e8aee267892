import type { Shape } from './schema.ts'

/** A handler's output as JSON; times become epoch seconds. Members the schema does not know are left out. */
export function encodeJson(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  if (shape.kind === 'structure') {
    const given = value as Record<string, unknown>
    const members = shape.members().map((member) => [member.name, encodeJson(member.shape, given[member.name])])
    return Object.fromEntries(members.filter(([, encoded]) => encoded !== undefined))
  }
  if (shape.kind === 'list') return (value as readonly unknown[]).map((item) => encodeJson(shape.element().shape, item))
  if (shape.kind === 'map') {
    const entries = Object.entries(value as Record<string, unknown>)
    return Object.fromEntries(entries.map(([key, item]) => [key, encodeJson(shape.value().shape, item)]))
  }
  if (shape.kind === 'timestamp') return dateOf(value).getTime() / 1000
  if (shape.kind === 'blob') return Buffer.from(value as Uint8Array).toString('base64')
  return value
}

/** A handler's output as the content of an XML element. Lists are `<member>` or whatever `xmlName` says. */
export function encodeXml(shape: Shape, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (shape.kind === 'structure') {
    const given = value as Record<string, unknown>
    return shape
      .members()
      .map((member) => element(member.traits.xmlName ?? member.name, member.shape, given[member.name]))
      .join('')
  }
  if (shape.kind === 'list') {
    const { shape: item, traits } = shape.element()
    return (value as readonly unknown[]).map((entry) => element(traits.xmlName ?? 'member', item, entry)).join('')
  }
  if (shape.kind === 'map')
    return Object.entries(value as Record<string, unknown>)
      .map((entry) => xmlEntry(shape, entry))
      .join('')
  if (shape.kind === 'timestamp') return dateOf(value).toISOString()
  if (shape.kind === 'blob') return Buffer.from(value as Uint8Array).toString('base64')
  return escapeXml(String(value))
}

function xmlEntry(shape: Extract<Shape, { kind: 'map' }>, [key, item]: [string, unknown]): string {
  const keyName = shape.key().traits.xmlName ?? 'key'
  const valueName = shape.value().traits.xmlName ?? 'value'
  return `<entry><${keyName}>${escapeXml(key)}</${keyName}>${element(valueName, shape.value().shape, item)}</entry>`
}

function element(name: string, shape: Shape, value: unknown): string {
  if (value === undefined || value === null) return ''
  return `<${name}>${encodeXml(shape, value)}</${name}>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;', '\n': '&#xA;' }

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r\n]/g, (character) => ENTITIES[character] ?? character)
}

/** A time as handlers may give it: a Date, or ISO text as a snapshot has it. */
function dateOf(value: unknown): Date {
  if (value instanceof Date) return value
  return new Date(value as string)
}
