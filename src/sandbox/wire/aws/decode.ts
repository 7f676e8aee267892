import { WireError } from '../../contract.ts'
import type { WireRequest } from '../message.ts'
import type { Member, OperationSchema, Shape } from './schema.ts'
import type { Protocol } from './services.ts'

/** A form's dotted names as a tree: `Filter.1.Name=x` is `{Filter: {1: {Name: x}}}`. */
export interface FormTree {
  value?: string
  readonly children: Map<string, FormTree>
}

export function formTree(form: URLSearchParams): FormTree {
  const root: FormTree = { children: new Map() }
  for (const [name, value] of form) {
    let at = root
    for (const part of name.split('.')) {
      const child = at.children.get(part) ?? { children: new Map() }
      at.children.set(part, child)
      at = child
    }
    at.value = value
  }
  return root
}

/** The input of a query operation. Lists are `.member.N` (awsQuery) or `.N` (ec2Query). */
export function decodeForm(shape: Shape, tree: FormTree, protocol: Protocol): Record<string, unknown> {
  return shape.kind === 'structure' ? structureFromForm(shape.members(), tree, protocol) : {}
}

function structureFromForm(members: readonly Member[], tree: FormTree, protocol: Protocol): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const member of members) {
    const child = tree.children.get(formName(member, protocol))
    if (child !== undefined) result[member.name] = fromForm(member.shape, child, protocol)
  }
  return result
}

function formName(member: Member, protocol: Protocol): string {
  const { ec2QueryName, xmlName } = member.traits
  if (protocol !== 'ec2Query') return xmlName ?? member.name
  return ec2QueryName ?? capitalised(xmlName ?? member.name)
}

function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}

function fromForm(shape: Shape, tree: FormTree, protocol: Protocol): unknown {
  if (shape.kind === 'structure') return structureFromForm(shape.members(), tree, protocol)
  if (shape.kind === 'list') {
    const element = shape.element()
    const flat = protocol === 'ec2Query'
    const holder = flat ? tree : tree.children.get(element.traits.xmlName ?? 'member')
    return numbered(holder).map((child) => fromForm(element.shape, child, protocol))
  }
  if (shape.kind === 'map')
    return Object.fromEntries(numbered(tree.children.get('entry') ?? tree).map((entry) => mapEntry(shape, entry, protocol)))
  return fromText(shape, tree.value ?? '')
}

function mapEntry(shape: Extract<Shape, { kind: 'map' }>, entry: FormTree, protocol: Protocol): [string, unknown] {
  const value = entry.children.get('value')
  return [entry.children.get('key')?.value ?? '', value === undefined ? undefined : fromForm(shape.value().shape, value, protocol)]
}

function numbered(tree: FormTree | undefined): readonly FormTree[] {
  const entries = [...(tree?.children ?? [])].filter(([key]) => /^\d+$/.test(key))
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child)
}

function fromText(shape: Shape, text: string): unknown {
  if (shape.kind === 'number') return numberFrom(text)
  if (shape.kind === 'boolean') return text === 'true'
  if (shape.kind === 'timestamp') return new Date(text)
  if (shape.kind === 'blob') return Buffer.from(text, 'base64')
  return text
}

function numberFrom(text: string): number {
  const value = Number(text)
  if (text === '' || Number.isNaN(value)) throw new WireError(400, 'ValidationError', `'${text}' is not a number`)
  return value
}

/** The input of a JSON operation; times are epoch seconds. */
export function decodeJson(shape: Shape, text: string): Record<string, unknown> {
  if (text === '') return {}
  const value = parsed(text)
  return shape.kind === 'structure' && isRecord(value) ? structureFromJson(shape.members(), value) : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new WireError(400, 'SerializationException', 'the request body is not JSON')
  }
}

function structureFromJson(members: readonly Member[], value: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const member of members) {
    const given = value[member.name]
    if (given !== undefined && given !== null) result[member.name] = fromJson(member.shape, given)
  }
  return result
}

function fromJson(shape: Shape, value: unknown): unknown {
  if (shape.kind === 'structure') return isRecord(value) ? structureFromJson(shape.members(), value) : refuse(value)
  if (shape.kind === 'list') return Array.isArray(value) ? value.map((item) => fromJson(shape.element().shape, item)) : refuse(value)
  if (shape.kind === 'map') {
    if (!isRecord(value)) return refuse(value)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(shape.value().shape, item)]))
  }
  if (shape.kind === 'timestamp') return typeof value === 'number' ? new Date(value * 1000) : refuse(value)
  return value
}

function refuse(value: unknown): never {
  throw new WireError(400, 'SerializationException', `unexpected ${JSON.stringify(value)}`)
}

/** The input of an EKS operation: labels of the path, query parameters, and the rest from the JSON body. */
export function decodeRest(operation: OperationSchema, segments: readonly string[], request: WireRequest): Record<string, unknown> {
  const shape = operation.input()
  if (shape.kind !== 'structure') return {}
  const body = decodeJson(shape, request.body.toString())
  for (const member of shape.members()) {
    const value = boundValue(member, operation, segments, request.query)
    if (value !== undefined) body[member.name] = value
  }
  return body
}

function boundValue(member: Member, operation: OperationSchema, segments: readonly string[], query: URLSearchParams): unknown {
  if (member.traits.httpLabel !== undefined) {
    const at = (operation.traits.http?.[1] ?? '').split('/').slice(1).indexOf(`{${member.name}}`)
    return fromText(member.shape, decodeURIComponent(segments[at] ?? ''))
  }
  const name = member.traits.httpQuery
  if (name === undefined || !query.has(name)) return undefined
  if (member.shape.kind === 'list') return query.getAll(name)
  return fromText(member.shape, query.get(name) ?? '')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
