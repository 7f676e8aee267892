import { keyedId, keyedUuid } from '../../../model/keyed.ts'
import type { KubernetesObject, ObjectMeta } from '../../../model/kubernetes.ts'
import { sameJson } from '../../../model/same-json.ts'
import type { ObjectStore, StoredObject, StoreEvent, Timeline } from '../../contract.ts'
import { WireError } from '../../contract.ts'
import { builtInKind, qualifiedName } from './api/kinds.ts'
import { createChangeLog } from './change-log.ts'
import type { KindTable } from './kind-table.ts'
import { createKindTable } from './kind-table.ts'
import { kubeTime } from './kube-time.ts'
import { createListeners } from './listeners.ts'

const KEPT_CHANGES = 5_000

/** Built-in kinds whose `metadata.generation` counts changes of the spec; Nodes, Services, ConfigMaps and Leases have none. Custom resources all have one. */
const KINDS_WITH_GENERATION = new Set(
  (
    'DaemonSet Deployment ReplicaSet StatefulSet PodDisruptionBudget Job CronJob Ingress NetworkPolicy PriorityClass ' +
    'FlowSchema PriorityLevelConfiguration MutatingWebhookConfiguration ValidatingWebhookConfiguration CustomResourceDefinition'
  ).split(' '),
)

function hasGeneration(kind: string): boolean {
  return KINDS_WITH_GENERATION.has(kind) || builtInKind(kind) === undefined
}

type NewObject = KubernetesObject & Record<string, unknown>

/**
 * Kubernetes objects in memory: any kind, told apart by `kind` alone. A `uid` or `creationTimestamp` given at
 * creation is kept, so that a world can begin with objects older than itself.
 */
export function createStore(timeline: Timeline, seed: number): ObjectStore {
  const tables = new Map<string, KindTable>()
  const byNode = new Map<string, KindTable>()
  const creations = new Map<string, number>()
  const log = createChangeLog(KEPT_CHANGES)
  const listeners = createListeners()
  let version = 0

  const table = (kind: string): KindTable => entry(tables, kind)
  const find = (kind: string, namespace: string | undefined, name: string) => tables.get(kind)?.get(namespace, name)

  function publish(type: StoreEvent['type'], object: StoredObject, before: StoredObject | undefined): StoredObject {
    if (type === 'DELETED') table(object.kind).remove(object)
    else table(object.kind).put(object)
    if (object.kind === 'Pod') indexPod(byNode, before, type === 'DELETED' ? undefined : object)
    const event: StoreEvent = { type, object, version, ...(before === undefined ? {} : { before }) }
    log.append(event)
    listeners.tell(event)
    return object
  }

  return {
    get: find,
    list: (kind) => tables.get(kind)?.list() ?? [],
    podsOnNode: (node) => byNode.get(node)?.list() ?? [],
    create(object) {
      const metadata = named(object, creations, seed)
      if (find(object.kind, metadata.namespace, metadata.name)) throw alreadyExists(object.kind, metadata.name)
      version++
      return publish('ADDED', stored(object, born(object.kind, metadata, creations, timeline, seed), version), undefined)
    },
    update(kind, namespace, name, change) {
      const current = find(kind, namespace, name)
      if (!current) throw notFound(kind, name)
      const next = change(current)
      const metadata = successor(current, next)
      if (isSame(current, next, 'metadata') && sameJson(current.metadata, metadata)) return current
      version++
      return publish('MODIFIED', stored(next, metadata, version), current)
    },
    remove(kind, namespace, name) {
      const current = find(kind, namespace, name)
      if (!current) return false
      version++
      publish('DELETED', stored(current, current.metadata, version), current)
      return true
    },
    version: () => version,
    since: (from) => log.since(from, version),
    subscribe: (listener) => listeners.add(listener),
  }
}

function entry(tables: Map<string, KindTable>, key: string): KindTable {
  const existing = tables.get(key)
  if (existing) return existing
  const made = createKindTable()
  tables.set(key, made)
  return made
}

function indexPod(byNode: Map<string, KindTable>, before: StoredObject | undefined, after: StoredObject | undefined): void {
  const [from, to] = [nodeOf(before), nodeOf(after)]
  if (before && from !== undefined && from !== to) byNode.get(from)?.remove(before)
  if (after && to !== undefined) entry(byNode, to).put(after)
}

function nodeOf(pod: StoredObject | undefined): string | undefined {
  return (pod?.spec as { nodeName?: string } | undefined)?.nodeName
}

/** Gives an object with `generateName` its name: the prefix and five keyed characters. */
function named(object: NewObject, creations: Map<string, number>, seed: number): ObjectMeta {
  const metadata = object.metadata as ObjectMeta & { generateName?: string }
  if (metadata.name || !metadata.generateName) return metadata
  const nth = count(creations, `${object.kind}\u0000${metadata.namespace ?? ''}\u0000${metadata.generateName}`)
  const suffix = keyedId(5, seed, 'name', object.kind, metadata.namespace ?? '', metadata.generateName, nth)
  return { ...metadata, name: `${metadata.generateName}${suffix}` }
}

/** Metadata of a new object. The uid depends on the name and on how often that name was created, on nothing else. */
function born(kind: string, metadata: ObjectMeta, creations: Map<string, number>, timeline: Timeline, seed: number): ObjectMeta {
  const nth = count(creations, `${kind}\u0000${metadata.namespace ?? ''}\u0000${metadata.name}`)
  return {
    ...metadata,
    uid: metadata.uid ?? keyedUuid(seed, 'uid', kind, metadata.namespace ?? '', metadata.name, nth),
    creationTimestamp: metadata.creationTimestamp ?? kubeTime(timeline.now()),
    ...(hasGeneration(kind) ? { generation: 1 } : {}),
  }
}

function count(creations: Map<string, number>, key: string): number {
  const nth = (creations.get(key) ?? 0) + 1
  creations.set(key, nth)
  return nth
}

/** Metadata of a changed object: identity and birth stay, the generation follows the spec. */
function successor(current: StoredObject, next: NewObject): ObjectMeta {
  const { metadata } = current
  const { generation } = metadata
  const same = generation === undefined || isSame(current, next, 'metadata', 'status')
  if (next.metadata === metadata && same) return metadata
  const { uid, creationTimestamp, name, namespace, resourceVersion } = metadata
  const kept = { ...next.metadata, name, uid, creationTimestamp, resourceVersion }
  if (namespace !== undefined) Object.assign(kept, { namespace })
  return generation === undefined ? kept : { ...kept, generation: same ? generation : generation + 1 }
}

/** Whether all members but one or two are as they were. */
function isSame(current: StoredObject, next: NewObject, but: string, orBut?: string): boolean {
  for (const name in current) if (name !== but && name !== orBut && !sameJson(current[name], next[name])) return false
  for (const name in next) if (name !== but && name !== orBut && !(name in current) && next[name] !== undefined) return false
  return true
}

function stored(object: NewObject, metadata: ObjectMeta, version: number): StoredObject {
  return Object.freeze({ ...object, metadata: Object.freeze({ ...metadata, resourceVersion: String(version) }) }) as StoredObject
}

/** `pods`, `poddisruptionbudgets.policy`: the resource an error message names. */
function qualifiedResource(kind: string): string {
  const builtIn = builtInKind(kind)
  return builtIn === undefined ? `${kind.toLowerCase()}s` : qualifiedName(builtIn)
}

/** What the API says when there is such an object. */
export function alreadyExists(kind: string, name: string): WireError {
  return new WireError(409, 'AlreadyExists', `${qualifiedResource(kind)} "${name}" already exists`)
}

/** What the API says when there is no such object. */
export function notFound(kind: string, name: string): WireError {
  return new WireError(404, 'NotFound', `${qualifiedResource(kind)} "${name}" not found`)
}
