import type { StoredObject } from '../../contract.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import { apiVersionOf } from '../../world/kubernetes/api/kinds.ts'
import { toEventsV1 } from './events-v1.ts'

/** Objects are frozen and replaced as a whole, so each is turned into JSON once, however many lists and watches want it. */
const texts = new WeakMap<StoredObject, string>()

/** The JSON of an object without `kind` and `apiVersion`, as items of a list of its own version have it. */
function bareText(object: StoredObject): string {
  const kept = texts.get(object)
  if (kept !== undefined) return kept
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object
  const text = JSON.stringify(rest)
  texts.set(object, text)
  return text
}

/** The JSON of an item of a list: items of built-in kinds come without `kind` and `apiVersion`, custom resources with them. */
export function itemText(kind: ServedKind, object: StoredObject): string {
  return kind.custom === undefined ? bareText(seenAs(kind, object)) : objectText(kind, object)
}

/** The JSON of an object as it stands alone. */
export function objectText(kind: ServedKind, object: StoredObject): string {
  return `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},${bareText(seenAs(kind, object)).slice(1)}`
}

/** An object in the form of the group and version it is asked by. */
export function seenAs(kind: ServedKind, object: StoredObject): StoredObject {
  return kind.group === 'events.k8s.io' ? toEventsV1(object) : object
}
