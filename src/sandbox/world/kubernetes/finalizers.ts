import type { ObjectStore, StoredObject } from '../../contract.ts'
import { kubeTime } from './kube-time.ts'

/** Marks of those who have work to do before an object may go. */
export function finalizersOf({ metadata }: { readonly metadata: object }): readonly string[] {
  return (metadata as { readonly finalizers?: readonly string[] }).finalizers ?? []
}

/** The finalizer of the garbage collector: what an object owns goes before it. */
export const FOREGROUND = 'foregroundDeletion'

/** Whether an object that is being deleted waits for what it owns. */
export function awaitsDependants(object: StoredObject): boolean {
  return object.metadata.deletionTimestamp !== undefined && finalizersOf(object).includes(FOREGROUND)
}

/** Marks an object as being deleted with no grace left, so that it goes with its last finalizer; `added` is one more. */
export function markDeleted(store: ObjectStore, { kind, metadata }: StoredObject, now: number, added?: string): StoredObject {
  return store.update(kind, metadata.namespace, metadata.name, (current) => {
    const finalizers = [...new Set([...finalizersOf(current), ...(added === undefined ? [] : [added])])]
    const marks = { deletionTimestamp: current.metadata.deletionTimestamp ?? kubeTime(now), deletionGracePeriodSeconds: 0, finalizers }
    return { ...current, metadata: { ...current.metadata, ...marks } }
  })
}

/** Takes an object away that has nothing more to do; with finalizers it stays until these are gone. True when it has gone. */
export function removeOrMark(store: ObjectStore, object: StoredObject, now: number): boolean {
  const { kind, metadata } = object
  if (finalizersOf(object).length === 0) return store.remove(kind, metadata.namespace, metadata.name)
  markDeleted(store, object, now)
  return false
}

/** Whether the last finalizer was taken off an object that only waited for that. A pod with grace left waits for its kubelet too. */
export function hasFinished(before: StoredObject, after: StoredObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = after.metadata as {
    deletionTimestamp?: string
    deletionGracePeriodSeconds?: number
  }
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    finalizersOf(before).length > 0 &&
    finalizersOf(after).length === 0
  )
}
