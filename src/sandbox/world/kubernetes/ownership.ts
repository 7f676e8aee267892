import type { ObjectStore, StoredObject, StoreEvent, Timeline } from '../../contract.ts'
import { deletePod } from './deletion.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { controllerOf, keyOf } from './objects.ts'

/** Who controls whom, kept as it changes, so that no controller looks through all pods. */
export interface Ownership {
  pods(uid: string): readonly PodObject[]
  replicaSets(uid: string): readonly WorkloadObject[]
  handle(event: StoreEvent): void
}

/** Also the garbage collector: what a deleted owner controlled is deleted. */
export function createOwnership(timeline: Timeline, store: ObjectStore): Ownership {
  const dependants = new Map<string, Map<string, StoredObject>>()
  const of = (uid: string, kind: string) => [...(dependants.get(uid)?.values() ?? [])].filter((object) => object.kind === kind)

  function remember(owner: string, event: StoreEvent): void {
    const theirs = dependants.get(owner) ?? new Map<string, StoredObject>()
    dependants.set(owner, theirs)
    const key = `${event.object.kind}/${keyOf(event.object)}`
    if (event.type === 'DELETED') theirs.delete(key)
    else theirs.set(key, event.object)
    if (theirs.size === 0) dependants.delete(owner)
  }

  function collect(uid: string): void {
    for (const { kind, metadata } of [...(dependants.get(uid)?.values() ?? [])]) {
      if (kind === 'Pod') deletePod({ timeline, store }, metadata.namespace ?? '', metadata.name)
      else store.remove(kind, metadata.namespace, metadata.name)
    }
  }

  return {
    pods: (uid) => of(uid, 'Pod') as PodObject[],
    replicaSets: (uid) => of(uid, 'ReplicaSet') as WorkloadObject[],
    handle(event) {
      const owner = controllerOf(event.object)
      if (owner) remember(owner.uid, event)
      if (event.type === 'DELETED' && event.object.kind !== 'Pod') collect(event.object.metadata.uid)
    },
  }
}
