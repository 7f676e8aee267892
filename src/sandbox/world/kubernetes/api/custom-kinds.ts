import type { ObjectStore, StoredObject } from '../../../contract.ts'
import type { PrinterColumn, ServedKind } from './kinds.ts'
import { BUILT_IN_KINDS } from './kinds.ts'

/** All kinds served at one moment, found by their address. */
export interface KindIndex {
  readonly all: readonly ServedKind[]
  /** The kind of a group, version and plural. */
  find(group: string, version: string, plural: string): ServedKind | undefined
}

const CUSTOM_BY_DEFINITIONS = new WeakMap<readonly StoredObject[], KindIndex>()
const BUILT_IN_ONLY = indexOf([])

/** The built-in kinds and those that the store's CustomResourceDefinitions bring. Made anew only when a definition changes. */
export function kindsServed(store: Pick<ObjectStore, 'list'>): KindIndex {
  const definitions = store.list('CustomResourceDefinition')
  if (definitions.length === 0) return BUILT_IN_ONLY
  const known = CUSTOM_BY_DEFINITIONS.get(definitions)
  if (known !== undefined) return known
  const index = indexOf(definitions.flatMap(kindsOfDefinition))
  CUSTOM_BY_DEFINITIONS.set(definitions, index)
  return index
}

function indexOf(custom: readonly ServedKind[]): KindIndex {
  const all = [...BUILT_IN_KINDS, ...custom]
  const byAddress = new Map(all.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]))
  return { all, find: (group, version, plural) => byAddress.get(`${group}/${version}/${plural}`) }
}

interface Definition {
  readonly group: string
  readonly scope: string
  readonly names: {
    readonly kind: string
    readonly plural: string
    readonly singular?: string
    readonly shortNames?: readonly string[]
    readonly categories?: readonly string[]
  }
  readonly versions: readonly DefinedVersion[]
}

interface DefinedVersion {
  readonly name: string
  readonly served: boolean
  readonly schema?: { readonly openAPIV3Schema?: Readonly<Record<string, unknown>> }
  readonly subresources?: Readonly<Record<string, unknown>>
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
}

/** One kind for each served version. All versions hold the same objects: the sandbox converts nothing. */
function kindsOfDefinition(object: StoredObject): readonly ServedKind[] {
  const { group, scope, names, versions } = object.spec as Definition
  return versions
    .filter((version) => version.served)
    .map((version) => ({
      group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      namespaced: scope === 'Namespaced',
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      subresources: ['status', 'scale'].filter((name) => version.subresources?.[name] !== undefined),
      custom: { schema: version.schema?.openAPIV3Schema, columns: version.additionalPrinterColumns ?? AGE_ONLY },
    }))
}

/** What the API server prints when a definition names no columns. */
const AGE_ONLY: readonly PrinterColumn[] = [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }]
