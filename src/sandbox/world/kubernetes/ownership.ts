import type { ObjectStore, StoredObject, StoreEvent, Timeline } from '../../contract.ts'
import { deletePod } from './deletion.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { controllerOf, isActive, isReady, keyOf } from './objects.ts'

/** Who controls whom, kept as it changes, so that no controller looks through all pods. */
export interface Ownership {
  pods(uid: string): readonly PodObject[]
  /** How many of its pods are active, and how many of those are ready. */
  replicas(uid: string): Replicas
  replicaSets(uid: string): readonly WorkloadObject[]
  handle(event: StoreEvent): void
}

interface Replicas {
  readonly active: number
  readonly ready: number
}

interface Dependants {
  readonly byKind: Map<string, Map<string, StoredObject>>
  active: number
  ready: number
}

const NONE: Replicas = { active: 0, ready: 0 }

/** Also the garbage collector: what a deleted owner controlled is deleted. */
export function createOwnership(timeline: Timeline, store: ObjectStore): Ownership {
  const dependants = new Map<string, Dependants>()
  const of = (uid: string, kind: string) => [...(dependants.get(uid)?.byKind.get(kind)?.values() ?? [])]

  function remember(owner: string, { type, object }: StoreEvent): void {
    const theirs = dependants.get(owner) ?? { byKind: new Map<string, Map<string, StoredObject>>(), active: 0, ready: 0 }
    dependants.set(owner, theirs)
    const ofKind = theirs.byKind.get(object.kind) ?? new Map<string, StoredObject>()
    theirs.byKind.set(object.kind, ofKind)
    const key = keyOf(object)
    count(theirs, ofKind.get(key), -1)
    if (type === 'DELETED') ofKind.delete(key)
    else {
      ofKind.set(key, object)
      count(theirs, object, 1)
    }
    if (ofKind.size === 0) theirs.byKind.delete(object.kind)
    if (theirs.byKind.size === 0) dependants.delete(owner)
  }

  function collect(uid: string): void {
    const theirs = [...(dependants.get(uid)?.byKind.values() ?? [])].flatMap((ofKind) => [...ofKind.values()])
    for (const { kind, metadata } of theirs) {
      if (kind === 'Pod') deletePod({ timeline, store }, metadata.namespace ?? '', metadata.name)
      else store.remove(kind, metadata.namespace, metadata.name)
    }
  }

  return {
    pods: (uid) => of(uid, 'Pod') as PodObject[],
    replicas: (uid) => dependants.get(uid) ?? NONE,
    replicaSets: (uid) => of(uid, 'ReplicaSet') as WorkloadObject[],
    handle(event) {
      const owner = controllerOf(event.object)
      if (owner) remember(owner.uid, event)
      if (event.type === 'DELETED' && event.object.kind !== 'Pod') collect(event.object.metadata.uid)
    },
  }
}

function count(theirs: Dependants, object: StoredObject | undefined, sign: 1 | -1): void {
  if (object?.kind !== 'Pod' || !isActive(object as PodObject)) return
  theirs.active += sign
  if (isReady(object as PodObject)) theirs.ready += sign
}
