import type { WireAnswer, WireRequest } from '../message.ts'
import type { ServedKind } from './kinds.ts'
import { KINDS } from './kinds.ts'
import { listRule } from './merge-keys.ts'
import { jsonAnswer } from './status.ts'

/**
 * OpenAPI v3 as `kubectl apply`, `diff` and `explain` want it, made from the field tables of the Kubernetes client's model
 * classes: names and types of fields, without descriptions. The models are loaded one by one when first asked for.
 */

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

type Schema = Record<string, unknown>

const documents = new Map<string, Promise<string>>()

/** Answers /openapi/v3 and the documents it lists. Undefined for every other path. */
export async function openApiAnswer(request: WireRequest): Promise<WireAnswer | undefined> {
  const path = request.path.replace(/\/$/, '')
  if (path === '/openapi/v3') return jsonAnswer(200, { paths: Object.fromEntries(groupPaths().map(indexEntry)) })
  const group = path.replace(/^\/openapi\/v3\//, '')
  if (!groupPaths().includes(group)) return undefined
  const document = documents.get(group) ?? documentOf(group)
  documents.set(group, document)
  return jsonAnswer(200, await document)
}

function indexEntry(path: string): [string, Schema] {
  return [path, { serverRelativeURL: `/openapi/v3/${path}` }]
}

function groupPaths(): readonly string[] {
  return [...new Set(KINDS.map(groupPath))]
}

function groupPath({ group, version }: ServedKind): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

async function documentOf(path: string): Promise<string> {
  const kinds = KINDS.filter((kind) => groupPath(kind) === path)
  const schemas: Record<string, Schema> = {}
  for (const kind of kinds) {
    await addModel(schemas, modelName(kind))
    Object.assign(schemas[modelName(kind)] ?? {}, { 'x-kubernetes-group-version-kind': [groupVersionKind(kind)] })
  }
  const paths = Object.fromEntries(
    kinds.map((kind) => [`/${path}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}/{name}`, pathItem(kind)]),
  )
  return JSON.stringify({ openapi: '3.0.0', info: { title: 'Kubernetes', version: 'sandbox' }, paths, components: { schemas } })
}

function modelName({ kind }: ServedKind): string {
  return kind === 'Event' ? 'CoreV1Event' : `V1${kind}`
}

function groupVersionKind({ group, version, kind }: ServedKind): Schema {
  return { group, version, kind }
}

/** kubectl looks for the PATCH of a kind and whether it takes `dryRun` and `fieldValidation`. */
function pathItem(kind: ServedKind): Schema {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }))
  const content = { 'application/json': { schema: reference(modelName(kind)) } }
  const operation = { 'x-kubernetes-group-version-kind': groupVersionKind(kind), responses: { 200: { description: 'OK', content } } }
  return {
    get: { ...operation, 'x-kubernetes-action': 'get' },
    patch: { ...operation, 'x-kubernetes-action': 'patch', parameters },
  }
}

async function addModel(schemas: Record<string, Schema>, name: string): Promise<void> {
  if (schemas[name] !== undefined) return
  const attributes = await attributesOf(name)
  const wanted = new Set<string>()
  const properties = attributes.map((attribute) => [attribute.baseName, propertyOf(name, attribute, wanted)])
  schemas[name] = { type: 'object', properties: Object.fromEntries(properties) }
  for (const model of wanted) await addModel(schemas, model)
}

async function attributesOf(model: string): Promise<readonly Attribute[]> {
  const module: Record<string, unknown> = await import(`@kubernetes/client-node/dist/gen/models/${model}.js`)
  const type = module[model] as { getAttributeTypeMap(): readonly Attribute[] }
  return type.getAttributeTypeMap()
}

function propertyOf(owner: string, { baseName, type, format }: Attribute, wanted: Set<string>): Schema {
  const schema = schemaOf(type, format, wanted)
  if (!type.startsWith('Array<')) return schema
  const rule = listRule(baseName, owner === 'V1Container' ? { containerPort: 0 } : {})
  if (rule.kind === 'whole') return schema
  const key = rule.kind === 'by-key' ? { 'x-kubernetes-patch-merge-key': rule.key } : {}
  return { ...schema, ...key, 'x-kubernetes-patch-strategy': 'merge' }
}

const PLAIN: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  V1MicroTime: { type: 'string', format: 'date-time' },
  IntOrString: { 'x-kubernetes-int-or-string': true, oneOf: [{ type: 'integer' }, { type: 'string' }] },
  any: { type: 'object' },
  object: { type: 'object' },
}

function schemaOf(type: string, format: string, wanted: Set<string>): Schema {
  const plain = PLAIN[type]
  if (plain !== undefined) return plain
  if (type === 'number') return format.startsWith('int') ? { type: 'integer', format } : { type: 'number' }
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  if (item !== undefined) return { type: 'array', items: schemaOf(item, format, wanted) }
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (value !== undefined) return { type: 'object', additionalProperties: schemaOf(value, format, wanted) }
  wanted.add(type)
  return { allOf: [reference(type)] }
}

function reference(model: string): Schema {
  return { $ref: `#/components/schemas/${model}` }
}
