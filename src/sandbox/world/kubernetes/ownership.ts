import type { ObjectStore, StoredObject, StoreEvent, Timeline } from '../../contract.ts'
import { deletePod } from './deletion.ts'
import { awaitsDependants, FOREGROUND, finalizersOf, markDeleted, removeOrMark } from './finalizers.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { controllerOf, isActive, isReady } from './objects.ts'

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

/**
 * Also the garbage collector: what a deleted owner controlled is deleted; before it, where the owner waits for that. What has
 * dependants itself waits for these too. Source: k8s.io/kubernetes, pkg/controller/garbagecollector/garbagecollector.go.
 */
export function createOwnership(timeline: Timeline, store: ObjectStore): Ownership {
  const dependants = new Map<string, Dependants>()
  const of = (uid: string, kind: string) => [...(dependants.get(uid)?.byKind.get(kind)?.values() ?? [])]

  function remember(owner: string, { type, object }: StoreEvent): void {
    const theirs = dependants.get(owner) ?? { byKind: new Map<string, Map<string, StoredObject>>(), active: 0, ready: 0 }
    dependants.set(owner, theirs)
    const ofKind = theirs.byKind.get(object.kind) ?? new Map<string, StoredObject>()
    theirs.byKind.set(object.kind, ofKind)
    const { uid } = object.metadata
    count(theirs, ofKind.get(uid), -1)
    if (type === 'DELETED') ofKind.delete(uid)
    else {
      ofKind.set(uid, object)
      count(theirs, object, 1)
    }
    if (ofKind.size === 0) theirs.byKind.delete(object.kind)
    if (theirs.byKind.size === 0) dependants.delete(owner)
  }

  const all = (uid: string) => [...(dependants.get(uid)?.byKind.values() ?? [])].flatMap((ofKind) => [...ofKind.values()])

  /** What goes before its owner. */
  function collectFirst({ kind: ofOwner, metadata: { namespace, name, uid } }: StoredObject): void {
    const owner = store.get(ofOwner, namespace, name)
    if (owner?.metadata.uid !== uid || owner === undefined) return
    for (const object of all(uid)) {
      const { kind, metadata } = object
      if (kind === 'Pod') deletePod({ timeline, store }, metadata.namespace ?? '', metadata.name)
      else if (dependants.has(metadata.uid)) markDeleted(store, object, timeline.now(), FOREGROUND)
      else removeOrMark(store, object, timeline.now())
    }
    release(owner)
  }

  /** Lets go of an owner when nothing is left that blocks it. */
  function release(owner: StoredObject): void {
    if (all(owner.metadata.uid).some((object) => blocks(object, owner.metadata.uid))) return
    const { kind, metadata } = owner
    const finalizers = finalizersOf(owner).filter((each) => each !== FOREGROUND)
    if (finalizers.length === 0) store.remove(kind, metadata.namespace, metadata.name)
    else
      store.update(kind, metadata.namespace, metadata.name, (current) => ({
        ...current,
        metadata: { ...current.metadata, ...{ finalizers } },
      }))
  }

  function seeGone(object: StoredObject): void {
    if (object.kind !== 'Pod') collect(object.metadata.uid)
    const reference = controllerOf(object)
    const owner = reference && store.get(reference.kind, object.metadata.namespace, reference.name)
    if (owner?.metadata.uid === reference?.uid && owner !== undefined && awaitsDependants(owner)) release(owner)
  }

  function collect(uid: string): void {
    for (const { kind, metadata } of all(uid)) {
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
      if (event.type === 'DELETED') seeGone(event.object)
      else if (event.object.kind !== 'Pod' && awaitsDependants(event.object)) collectFirst(event.object)
    },
  }
}

/** Whether an owner may not go before an object. */
function blocks({ metadata }: StoredObject, owner: string): boolean {
  const references = metadata.ownerReferences as readonly { readonly uid?: string; readonly blockOwnerDeletion?: boolean }[] | undefined
  return references?.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true) ?? false
}

function count(theirs: Dependants, object: StoredObject | undefined, sign: 1 | -1): void {
  if (object?.kind !== 'Pod' || !isActive(object as PodObject)) return
  theirs.active += sign
  if (isReady(object as PodObject)) theirs.ready += sign
}
