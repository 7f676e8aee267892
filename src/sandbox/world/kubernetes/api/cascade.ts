import { SECOND } from '../../../../model/instant.ts'
import type { ObjectStore, StoredObject, Timeline } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import { deletePod } from '../deletion.ts'
import { finalizersOf } from '../finalizers.ts'
import { kubeTime } from '../kube-time.ts'
import { kindsServed } from './custom-kinds.ts'

/** What goes along with an object, or stays behind it. */

/** Namespaces that cannot be deleted. Source: k8s.io/apiserver, pkg/admission/plugin/namespace/lifecycle. */
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public'])

/** Throws WireError 403 for a namespace that must stay. */
export function requireMortal({ kind, metadata }: StoredObject): void {
  const { name } = metadata
  if (kind !== 'Namespace' || !IMMORTAL.has(name)) return
  const details = { name, kind: 'namespaces' }
  throw new WireError(403, 'Forbidden', `namespaces "${name}" is forbidden: this namespace may not be deleted`, { details })
}

/** The objects of a kind go with its definition. */
export function removeAllOf(store: ObjectStore, definition: StoredObject): void {
  const { names } = definition.spec as { names: { kind: string } }
  for (const { kind, metadata } of [...store.list(names.kind)]) store.remove(kind, metadata.namespace, metadata.name)
}

/** What an object owned belongs to nobody from now on, so that nothing collects it (`propagationPolicy: Orphan`). */
export function orphanDependants(store: ObjectStore, owner: StoredObject): void {
  for (const { kind } of kindsServed(store).all) {
    for (const object of store.list(kind)) {
      const references = object.metadata.ownerReferences ?? []
      const left = references.filter(({ uid }) => uid !== owner.metadata.uid)
      if (left.length === references.length) continue
      const { namespace, name } = object.metadata
      store.update(kind, namespace, name, (current) => ({ ...current, metadata: { ...current.metadata, ownerReferences: left } }))
    }
  }
}

const LOOKS_AGAIN = 2 * SECOND

/**
 * Deletes a namespace as its controller does: it is Terminating, what is in it goes (pods gracefully), and then it goes
 * itself. Answers the namespace as it is until then.
 */
export function deleteNamespace(timeline: Timeline, store: ObjectStore, namespace: StoredObject): StoredObject {
  const { name } = namespace.metadata
  if (namespace.metadata.deletionTimestamp !== undefined) return namespace
  const marked = store.update('Namespace', undefined, name, (current) => ({
    ...current,
    metadata: { ...current.metadata, deletionTimestamp: kubeTime(timeline.now()) },
    status: { ...(current.status as object), phase: 'Terminating' },
  }))
  const empty = (): void => {
    if (emptied(timeline, store, name)) store.remove('Namespace', undefined, name)
    else timeline.after(LOOKS_AGAIN, `k8s/namespace/${name}`, empty)
  }
  timeline.after(0, `k8s/namespace/${name}`, empty)
  return marked
}

/** Takes away what is in a namespace. True when nothing is left. */
function emptied(timeline: Timeline, store: ObjectStore, namespace: string): boolean {
  const kinds = kindsServed(store).all.filter((kind) => kind.namespaced)
  const inside = [...new Set(kinds.map(({ kind }) => kind))].flatMap((kind) =>
    store.list(kind).filter(({ metadata }) => metadata.namespace === namespace),
  )
  for (const { kind, metadata } of inside) {
    if (kind === 'Pod') deletePod({ timeline, store }, namespace, metadata.name)
    else if (finalizersOf({ metadata }).length === 0) store.remove(kind, namespace, metadata.name)
  }
  return inside.length === 0
}
