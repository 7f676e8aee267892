import type { Instant } from '../../../../model/instant.ts'
import { sameJson } from '../../../../model/same-json.ts'
import type { StoredObject } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import { isRecord } from '../../../record.ts'
import { apiVersionOf, type ServedKind } from '../api/kinds.ts'
import type { NewObject } from '../api/requests.ts'
import { kubeTime } from '../kube-time.ts'
import type { FieldSet } from './field-set.ts'
import { difference, EMPTY, fromFieldsV1, intersection, isEmpty, pathsOf, toFieldsV1, union, without } from './field-set.ts'
import { typeOfKind } from './field-type.ts'
import { changesBetween, fieldsOf, mergedWith, unionOf, withoutFields } from './object-fields.ts'

/**
 * Who owns which fields of an object: `metadata.managedFields`.
 * Sources: https://kubernetes.io/docs/reference/using-api/server-side-apply/; k8s.io/apimachinery, pkg/util/managedfields.
 */

/** A writer under a name. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource: string | undefined
}

interface Owner extends Manager {
  readonly apiVersion: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

interface Entry {
  readonly manager?: string
  readonly operation?: string
  readonly apiVersion?: string
  readonly subresource?: string
  readonly time?: string
  readonly fieldsV1?: unknown
}

type Owned = { readonly metadata: { readonly managedFields?: unknown } }

function ownersOf({ metadata }: Owned): readonly Owner[] {
  const entries = Array.isArray(metadata.managedFields) ? (metadata.managedFields as readonly Entry[]) : []
  return entries.flatMap(({ manager = '', operation, apiVersion = '', subresource, time, fieldsV1 }) =>
    operation === 'Apply' || operation === 'Update'
      ? [{ manager, operation, subresource, apiVersion, time, fields: fromFieldsV1(fieldsV1) }]
      : [],
  )
}

function withOwners<T extends NewObject>(object: T, owners: readonly Owner[]): T {
  const managedFields = owners
    .filter(({ fields }) => !isEmpty(fields))
    .map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === undefined ? {} : { subresource }),
    }))
  const { managedFields: _old, ...metadata } = object.metadata
  return { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } }
}

function isSame(owner: Manager, manager: Manager): boolean {
  return owner.manager === manager.manager && owner.operation === manager.operation && owner.subresource === manager.subresource
}

const IDENTITY = new Set(
  'name namespace creationTimestamp selfLink uid generation managedFields resourceVersion deletionTimestamp deletionGracePeriodSeconds generateName'.split(
    ' ',
  ),
)

/** What ownership is about: not who an object is, and of status and the rest only what this way of writing changes. */
function ownable(kind: ServedKind, object: unknown, subresource: string | undefined): Record<string, unknown> {
  if (!isRecord(object)) return {}
  const { apiVersion: _version, kind: _kind, metadata, status, ...rest } = object
  const members = isRecord(metadata) ? Object.entries(metadata).filter(([name]) => !IDENTITY.has(name)) : []
  const named = members.length === 0 ? {} : { metadata: Object.fromEntries(members) }
  if (subresource === 'status') return { ...named, ...(status === undefined ? {} : { status }) }
  return { ...rest, ...named, ...(status === undefined || kind.subresources.includes('status') ? {} : { status }) }
}

/**
 * Notes an update in the object's managedFields: what it changed is its manager's now and nobody else's. An object that
 * nobody tracked so far stays so, as objects do that are older than the tracking. A body that empties managedFields forgets all owners.
 */
export function notedUpdate(
  kind: ServedKind,
  manager: Manager,
  now: Instant,
  current: StoredObject | undefined,
  next: NewObject,
): NewObject {
  const given = next.metadata.managedFields
  if (Array.isArray(given) && (given.length === 0 || (given.length === 1 && Object.keys(given[0] ?? {}).length === 0)))
    return withOwners(next, [])
  const owners = knownOwners(current, next)
  if (current !== undefined && owners.length === 0) return withOwners(next, [])
  const [before, after] = [ownable(kind, current, manager.subresource), ownable(kind, next, manager.subresource)]
  const { written, removed } = changesBetween(before, after, typeOfKind(kind))
  if (isEmpty(written) && isEmpty(removed)) return withOwners(next, owners)
  const mine = owners.find((owner) => isSame(owner, manager))
  const others = owners
    .filter((owner) => owner !== mine)
    .map((owner) => ({ ...owner, fields: without(difference(owner.fields, written), removed) }))
  const fields = union(without(mine?.fields ?? EMPTY, removed), written)
  return withOwners(next, [...others, { ...manager, apiVersion: apiVersionOf(kind), time: kubeTime(now), fields }])
}

/** Owners as the writer has them, who may have rewritten the list itself (as kubectl does once), else as they were. */
function knownOwners(current: StoredObject | undefined, next: NewObject): readonly Owner[] {
  const given = ownersOf(next)
  if (given.length > 0) return given
  return current === undefined ? [] : ownersOf(current)
}

/**
 * Server-side apply: sets the fields of the configuration, takes away those that its manager applied before, no longer
 * does, and shares with nobody. Throws WireError 409, with a cause for each field that another manager owns with
 * another value, unless forced.
 */
export function applied(
  kind: ServedKind,
  manager: Manager,
  now: Instant,
  current: StoredObject | undefined,
  configuration: NewObject,
  force: boolean,
): NewObject {
  const type = typeOfKind(kind)
  const config = ownable(kind, configuration, manager.subresource)
  const fields = fieldsOf(config, type)
  if (current === undefined) return withOwners(configuration, [{ ...manager, apiVersion: apiVersionOf(kind), time: kubeTime(now), fields }])
  const owners = trackedOwners(kind, now, current)
  const mine = owners.find((owner) => isSame(owner, manager))
  const others = owners.filter((owner) => owner !== mine)
  const unwanted = difference(mine?.fields ?? EMPTY, unionOf([fields, ...others.map((owner) => owner.fields)]))
  const { managedFields: _fields, ...metadata } = configuration.metadata
  const merged = mergedWith(current, { ...configuration, metadata }, type)
  const next = withoutFields(merged, leavesOnly(unwanted, unionOf([fields, ...others.map((owner) => owner.fields)])), type) as NewObject
  const { written, removed } = changesBetween(ownable(kind, current, manager.subresource), ownable(kind, next, manager.subresource), type)
  const conflicts = others.map((owner) => ({ owner, fields: intersection(owner.fields, written) })).filter((each) => !isEmpty(each.fields))
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
  const left = others.map((owner) => ({ ...owner, fields: without(difference(owner.fields, written), removed) }))
  const same = mine !== undefined && isEmpty(written) && isEmpty(removed) && sameJson(toFieldsV1(mine.fields), toFieldsV1(fields))
  const own = { ...manager, apiVersion: apiVersionOf(kind), time: same ? mine.time : kubeTime(now), fields }
  return withOwners(next, same ? owners.map((owner) => (owner === mine ? own : owner)) : [...left, own])
}

/** The owners of an object; what nobody tracked belongs to `before-first-apply`. */
function trackedOwners(kind: ServedKind, now: Instant, current: StoredObject): readonly Owner[] {
  const owners = ownersOf(current)
  if (owners.length > 0) return owners
  const fields = fieldsOf(ownable(kind, current, undefined), typeOfKind(kind))
  return [
    {
      manager: 'before-first-apply',
      operation: 'Update',
      subresource: undefined,
      apiVersion: apiVersionOf(kind),
      time: kubeTime(now),
      fields,
    },
  ]
}

/** What may be taken away whole: an item or map of which somebody else owns a part only loses what is left over. */
function leavesOnly(unwanted: FieldSet, wanted: FieldSet): FieldSet {
  const self = unwanted.self && isEmpty(wanted)
  return { self, below: new Map([...unwanted.below].map(([name, set]) => [name, leavesOnly(set, wanted.below.get(name) ?? EMPTY)])) }
}

interface Conflict {
  readonly owner: Owner
  readonly fields: FieldSet
}

function conflictError(conflicts: readonly Conflict[]): WireError {
  const all = conflicts.flatMap(({ owner, fields }) => pathsOf(fields).map((path) => ({ owner: ownerText(owner), path })))
  const causes = all.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field: path }))
  return new WireError(409, 'Conflict', conflictText(all), { details: { causes } })
}

function conflictText(all: readonly { readonly owner: string; readonly path: string }[]): string {
  const [only] = all
  if (all.length === 1 && only !== undefined) return `Apply failed with 1 conflict: conflict with ${only.owner}: ${only.path}`
  const owners = [...new Set(all.map(({ owner }) => owner))].sort()
  const parts = owners.map((owner) => {
    const paths = all.filter((each) => each.owner === owner).map(({ path }) => `- ${path}`)
    return `conflicts with ${owner}:\n${paths.join('\n')}`
  })
  return `Apply failed with ${all.length} conflicts: ${parts.join('\n')}`
}

function ownerText({ manager, subresource, operation, apiVersion }: Owner): string {
  const name = subresource === undefined ? `"${manager}"` : `"${manager}" with subresource "${subresource}"`
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
