import type { StoredObject } from '../../contract.ts'

/** Objects are frozen and replaced as a whole, so each is turned into JSON once, however many lists and watches want it. */
const texts = new WeakMap<StoredObject, string>()

/** The JSON of an object without `kind` and `apiVersion`, as items of a list have it. */
export function itemText(object: StoredObject): string {
  const kept = texts.get(object)
  if (kept !== undefined) return kept
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object
  const text = JSON.stringify(rest)
  texts.set(object, text)
  return text
}

/** The JSON of an object as it stands alone. */
export function objectText(object: StoredObject): string {
  return `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},${itemText(object).slice(1)}`
}
