import { createRequire } from 'node:module'
import type { ServedKind } from '../api/kinds.ts'
import { listRule } from '../patch/merge-keys.ts'

/**
 * Schemas of the built-in kinds, made from the field tables of the Kubernetes client's model classes: names and types of
 * fields. A model is loaded when it is first asked for.
 */

export type Schema = Readonly<Record<string, unknown>>
export type Schemas = Map<string, Schema>

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

/** The model class of a built-in kind: `V1Pod`, `V2HorizontalPodAutoscaler`, `CoreV1Event`. */
export function modelName({ kind, version, group }: Pick<ServedKind, 'kind' | 'version' | 'group'>): string {
  const plain = `${version[0]?.toUpperCase()}${version.slice(1)}${kind}`
  if (kind !== 'Event') return plain
  return group === '' ? `Core${plain}` : `Events${plain}`
}

/** Adds the schema of a model, and of all that it mentions. */
export function addModel(schemas: Schemas, name: string): void {
  if (schemas.has(name)) return
  const attributes = attributesOf(name)
  const wanted = new Set<string>()
  const properties = attributes.map((attribute) => [attribute.baseName, propertyOf(name, attribute, wanted)])
  schemas.set(name, { type: 'object', properties: Object.fromEntries(properties) })
  for (const model of wanted) addModel(schemas, model)
}

export function reference(model: string): Schema {
  return { $ref: `#/components/schemas/${model}` }
}

const load = createRequire(import.meta.url)

function attributesOf(model: string): readonly Attribute[] {
  const module = load(`@kubernetes/client-node/dist/gen/models/${model}.js`) as Record<string, unknown>
  const type = module[model] as { getAttributeTypeMap(): readonly Attribute[] }
  return type.getAttributeTypeMap()
}

function propertyOf(owner: string, { baseName, type, format }: Attribute, wanted: Set<string>): Schema {
  if (QUANTITIES.has(baseName) && type === 'string') return QUANTITY
  if (QUANTITIES.has(baseName) && type === TEXT_MAP) return { type: 'object', additionalProperties: QUANTITY }
  const schema = schemaOf(type, format, wanted)
  if (!type.startsWith('Array<'))
    return ATOMIC_MAPS.has(type) || ATOMIC_MAPS.has(`${owner}.${baseName}`) ? { ...schema, 'x-kubernetes-map-type': 'atomic' } : schema
  const rule = listRule(baseName, owner === 'V1Container' || owner === 'V1EphemeralContainer' ? { containerPort: 0 } : {})
  if (rule.kind === 'whole') return { ...schema, 'x-kubernetes-list-type': 'atomic' }
  if (rule.kind === 'set') return { ...schema, 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' }
  return {
    ...schema,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': rule.keys,
    'x-kubernetes-patch-merge-key': rule.keys[0],
    'x-kubernetes-patch-strategy': 'merge',
  }
}

const TEXT_MAP = '{ [key: string]: string; }'

/** Amounts such as `100m`: the models call them texts, the API takes numbers too (`resource.Quantity` in k8s.io/api). */
const QUANTITY: Schema = { format: 'quantity', oneOf: [{ type: 'string' }, { type: 'number' }] }
const QUANTITIES = new Set(
  (
    'limits requests capacity allocatable allocatedResources overhead podFixed hard used default defaultRequest max min maxLimitRequestRatio ' +
    'sizeLimit divisor averageValue maximumVolumeSize'
  ).split(' '),
)

/** Structures that server-side apply takes as a whole (`+structType=atomic` in k8s.io/api). */
const ATOMIC_MAPS = new Set([
  'V1LabelSelector',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1ObjectReference',
  'V1LocalObjectReference',
  'V1ConfigMapKeySelector',
  'V1SecretKeySelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1SecretReference',
  'V1TypedLocalObjectReference',
  'V1ScopeSelector',
  'V1RoleRef',
  'V1PodSpec.nodeSelector',
  'V1ServiceSpec.selector',
])

const PLAIN: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  V1MicroTime: { type: 'string', format: 'date-time' },
  IntOrString: { 'x-kubernetes-int-or-string': true, oneOf: [{ type: 'integer' }, { type: 'string' }] },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  object: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
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
