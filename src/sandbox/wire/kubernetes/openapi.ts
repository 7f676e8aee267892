import type { ObjectStore } from '../../contract.ts'
import type { KindIndex } from '../../world/kubernetes/api/custom-kinds.ts'
import { kindsServed } from '../../world/kubernetes/api/custom-kinds.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import type { Schema, Schemas } from '../../world/kubernetes/fields/models.ts'
import { addModel, modelName, reference } from '../../world/kubernetes/fields/models.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import { described, schemaId } from './described.ts'
import { jsonAnswer } from './status.ts'

/** OpenAPI v3 as `kubectl apply`, `diff` and `explain` want it; definitions of custom resources bring their own schema. */

const documents = new WeakMap<KindIndex, Map<string, string>>()

/** Answers /openapi/v3 and the documents it lists. Undefined for every other path. */
export function openApiAnswer(store: ObjectStore, request: WireRequest): WireAnswer | undefined {
  const path = request.path.replace(/\/$/, '')
  if (!path.startsWith('/openapi/v3')) return undefined
  const index = kindsServed(store)
  const paths = [...new Set(index.all.map(groupPath))]
  if (path === '/openapi/v3') return jsonAnswer(200, { paths: Object.fromEntries(paths.map(indexEntry)) })
  const group = path.replace(/^\/openapi\/v3\//, '')
  if (!paths.includes(group)) return undefined
  const known = documents.get(index) ?? new Map<string, string>()
  documents.set(index, known)
  const document = known.get(group) ?? documentOf(index, group)
  known.set(group, document)
  return jsonAnswer(200, document)
}

function indexEntry(path: string): [string, Schema] {
  return [path, { serverRelativeURL: `/openapi/v3/${path}` }]
}

function groupPath({ group, version }: ServedKind): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

function documentOf(index: KindIndex, path: string): string {
  const kinds = index.all.filter((kind) => groupPath(kind) === path)
  const schemas: Schemas = new Map()
  for (const kind of kinds) {
    if (kind.custom === undefined) addModel(schemas, modelName(kind))
    const own = kind.custom === undefined ? schemas.get(modelName(kind)) : customSchema(schemas, kind.custom.schema)
    schemas.set(schemaName(kind), { ...own, 'x-kubernetes-group-version-kind': [groupVersionKind(kind)] })
  }
  const paths = Object.fromEntries(
    kinds.map((kind) => [`/${path}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}/{name}`, pathItem(kind)]),
  )
  const named = [...schemas].map(([name, schema]) => (isModel(name) ? [schemaId(name), described(name, schema)] : [name, schema]))
  const components = { schemas: Object.fromEntries(named) }
  const document = JSON.stringify({ openapi: '3.0.0', info: { title: 'Kubernetes', version: 'sandbox' }, paths, components })
  return document.replaceAll(REFERENCE, (_all, model: string) => `"#/components/schemas/${schemaId(model)}"`)
}

const REFERENCE = /"#\/components\/schemas\/(\w+)"/g

/** Schemas of custom resources are called by their group. */
function isModel(name: string): boolean {
  return !name.includes('.')
}

function customSchema(schemas: Schemas, own: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }) {
  addModel(schemas, 'V1ObjectMeta')
  const properties = (own.properties ?? {}) as Record<string, unknown>
  return { ...own, properties: { ...properties, metadata: { allOf: [reference('V1ObjectMeta')] } } }
}

function schemaName(kind: ServedKind): string {
  if (kind.custom === undefined) return modelName(kind)
  return [...kind.group.split('.').reverse(), kind.version, kind.kind].join('.')
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
  const content = { 'application/json': { schema: reference(schemaName(kind)) } }
  const operation = { 'x-kubernetes-group-version-kind': groupVersionKind(kind), responses: { 200: { description: 'OK', content } } }
  return {
    get: { ...operation, 'x-kubernetes-action': 'get' },
    patch: { ...operation, 'x-kubernetes-action': 'patch', parameters },
  }
}
