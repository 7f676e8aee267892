import type { ObjectStore } from '../../contract.ts'
import { kindsServed } from '../../world/kubernetes/api/custom-kinds.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'

/** What a path addresses: a collection, an object, or a part of one. */
export interface Target {
  readonly kind: ServedKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`. Undefined for anything this API server does not have. */
export function targetOf(store: ObjectStore, path: string): Target | undefined {
  const [root, ...rest] = path.split('/').slice(1).map(decodeURIComponent)
  if (root === 'api') return within(store, '', rest[0], rest.slice(1))
  if (root === 'apis') return within(store, rest[0] ?? '', rest[1], rest.slice(2))
  return undefined
}

function within(store: ObjectStore, group: string, version: string | undefined, parts: readonly string[]): Target | undefined {
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !isPartOfNamespace(parts)
  const namespace = inNamespace ? parts[1] : undefined
  const [plural = '', name, subresource, ...more] = inNamespace ? parts.slice(2) : parts
  const kind = kindsServed(store).find(group, version ?? '', plural)
  if (kind === undefined || more.length > 0) return undefined
  if (namespace !== undefined && !kind.namespaced) return undefined
  if (name !== undefined && kind.namespaced && namespace === undefined) return undefined
  if (subresource !== undefined && !kind.subresources.includes(subresource)) return undefined
  return { kind, namespace, name, subresource }
}

function isPartOfNamespace(parts: readonly string[]): boolean {
  return parts.length === 3 && (parts[2] === 'status' || parts[2] === 'finalize')
}
