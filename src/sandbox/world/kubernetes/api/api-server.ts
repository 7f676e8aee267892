import { keyedUuid } from '../../../../model/keyed.ts'
import type { ObjectStore, StoredObject, Timeline } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import { FOREGROUND, finalizersOf, hasFinished, markDeleted, removeOrMark } from '../finalizers.ts'
import { kubeTime } from '../kube-time.ts'
import { alreadyExists, notFound } from '../store.ts'
import { createAdmission } from './admission.ts'
import { forbidden, invalid, terminatingNamespace } from './api-errors.ts'
import { deleteNamespace, orphanDependants, removeAllOf, requireMortal } from './cascade.ts'
import { completedPod } from './completed-pod.ts'
import { kindsServed } from './custom-kinds.ts'
import { defaulted } from './defaults.ts'
import type { ServedKind } from './kinds.ts'
import { builtInKind } from './kinds.ts'
import { requirePodSecurity } from './pod-security.ts'
import type { AdmissionRequest, ApiUser, NewObject } from './requests.ts'
import { updateProblems } from './update-rules.ts'
import { creationProblems } from './validation.ts'
import type { Backends } from './webhook-backends.ts'

/** Who writes, and how. */
export interface Writing {
  readonly user: ApiUser
  readonly dryRun?: boolean
  readonly subresource?: string
  /** A deletion leaves what the object owns, and nobody owns it then. */
  readonly orphan?: boolean
  /** A deletion takes what the object owns first. */
  readonly foreground?: boolean
  /** Told what admission made of the object, so that the fields that changed can be noted as somebody's. */
  readonly owned?: (current: StoredObject | undefined, next: NewObject) => NewObject
}

/**
 * Writes as the API server does them: defaults, mutating webhooks, validation, validating webhooks, then the store. Clients
 * reach it over the wire; actors of the world that have a user of their own (the VPC resource controller) call it directly.
 * All throw WireError: 404, 409, 422, and what webhooks answer.
 */
export interface ApiServer {
  create(writing: Writing, kind: ServedKind, object: NewObject): StoredObject
  /** `kind` by its name. A dry run answers what would have been stored. */
  update(
    writing: Writing,
    kind: string,
    namespace: string | undefined,
    name: string,
    change: (current: StoredObject) => NewObject,
  ): StoredObject
  /** Takes the object away, or marks it as being deleted while it has finalizers. Answers what is left of it, if anything. */
  remove(writing: Writing, kind: string, namespace: string | undefined, name: string): StoredObject | undefined
  /** Asks the webhooks about a deletion or an eviction, which the caller then carries out himself. */
  admit(writing: Writing, operation: 'CREATE' | 'DELETE', target: StoredObject): void
  readonly backends: Backends
}

export interface ApiServerParts {
  readonly timeline: Timeline
  readonly store: ObjectStore
  readonly seed: number
  readonly backends: Backends
  /** Whether there is such a namespace; the store's own unless said otherwise. */
  readonly hasNamespace?: (name: string) => boolean
}

export function createApiServer(parts: ApiServerParts): ApiServer {
  const { store, backends } = parts
  const admission = createAdmission(store, backends)
  const kindOf = (name: string): ServedKind => {
    const kind = builtInKind(name) ?? kindsServed(store).all.find((each) => each.kind === name)
    if (kind === undefined) throw new Error(`No kind ${name} is served.`)
    return kind
  }

  return {
    backends,
    create(writing, kind, given) {
      const { owned = (_current, next) => next } = writing
      requireNamespace(parts, given.metadata.namespace)
      const object = kind.kind === 'Pod' ? completedPod(store, given) : defaulted(kind, given)
      const request = { ...requestOf(writing, 'CREATE', kind, object), object }
      const mutated = owned(undefined, admission.mutate(request) ?? object)
      refuse(kind, mutated, creationProblems(kind, mutated, store))
      requirePodSecurity(store, mutated)
      admission.validate({ ...request, object: mutated })
      return writing.dryRun === true ? imagined(parts, kind, mutated) : store.create(mutated)
    },
    update(writing, kindName, namespace, name, change) {
      const { owned = (_current, next) => next } = writing
      const current = store.get(kindName, namespace, name)
      if (current === undefined) throw notFound(kindName, name)
      const kind = kindOf(kindName)
      const object = settled(kind, writing.subresource, current, change(current))
      const request = { ...requestOf(writing, 'UPDATE', kind, current), object, oldObject: current }
      const mutated = owned(current, settled(kind, writing.subresource, current, admission.mutate(request) ?? object))
      if (writing.subresource === undefined)
        refuse(kind, mutated, [...finalizerProblems(current, mutated), ...updateProblems(current, mutated)])
      refuse(kind, mutated, creationProblems(kind, mutated, undefined))
      admission.validate({ ...request, object: mutated })
      if (writing.dryRun === true) return withVersion(mutated, current)
      const stored = store.update(kindName, namespace, name, () => mutated)
      return hasFinished(current, stored) ? gone(store, stored) : stored
    },
    remove(writing, kindName, namespace, name) {
      const current = store.get(kindName, namespace, name)
      if (current === undefined) throw notFound(kindName, name)
      requireMortal(current)
      admission.validate({ ...requestOf(writing, 'DELETE', kindOf(kindName), current), oldObject: current })
      if (writing.dryRun === true) return current
      if (kindName === 'Namespace') return deleteNamespace(parts.timeline, store, current)
      if (writing.orphan === true) orphanDependants(store, current)
      const now = parts.timeline.now()
      if (writing.foreground === true) return markDeleted(store, current, now, FOREGROUND)
      if (!removeOrMark(store, current, now)) return store.get(kindName, namespace, name)
      if (kindName === 'CustomResourceDefinition') removeAllOf(store, current)
      return undefined
    },
    admit(writing, operation, target) {
      const request = requestOf(writing, operation, kindOf(target.kind), target)
      admission.validate(operation === 'DELETE' ? { ...request, oldObject: target } : { ...request, object: target })
    },
  }
}

function requestOf(writing: Writing, operation: AdmissionRequest['operation'], kind: ServedKind, subject: NewObject): AdmissionRequest {
  const { namespace, name } = subject.metadata
  const { subresource, user, dryRun = false } = writing
  return { operation, kind, subresource, namespace, name, object: undefined, oldObject: undefined, user, dryRun }
}

function refuse(kind: ServedKind, object: NewObject, problems: Parameters<typeof invalid>[2]): void {
  if (problems.length > 0) throw invalid(kind, object.metadata.name ?? '', problems)
}

function requireNamespace({ store, hasNamespace }: ApiServerParts, name: string | undefined): void {
  if (name === undefined) return
  const exists = hasNamespace?.(name) ?? store.get('Namespace', undefined, name) !== undefined
  if (!exists) throw new WireError(404, 'NotFound', `namespaces "${name}" not found`, { details: { name, kind: 'namespaces' } })
  if (store.get('Namespace', undefined, name)?.metadata.deletionTimestamp !== undefined) throw terminatingNamespace(name)
}

/** What a dry run shows of an object that is not stored. */
function imagined({ store, timeline, seed }: ApiServerParts, kind: ServedKind, object: NewObject): StoredObject {
  const { namespace, name } = object.metadata
  if (name && store.get(kind.kind, namespace, name) !== undefined) throw alreadyExists(kind.kind, name)
  const uid = keyedUuid(seed, 'dry-run', kind.kind, namespace ?? '', name ?? '')
  const metadata = { ...object.metadata, uid, creationTimestamp: kubeTime(timeline.now()) }
  return { ...object, metadata } as unknown as StoredObject
}

/** What a writer cannot change stays: identity and birth; the status, or for the status subresource all but the status. */
function settled(kind: ServedKind, subresource: string | undefined, current: StoredObject, next: NewObject): NewObject {
  if (subresource === 'status') {
    const { managedFields } = next.metadata
    return withStatus(
      { ...current, metadata: managedFields === undefined ? current.metadata : { ...current.metadata, managedFields } },
      next.status,
    )
  }
  const { uid, creationTimestamp, name, namespace, generation, deletionTimestamp, deletionGracePeriodSeconds } =
    current.metadata as typeof current.metadata & {
      deletionGracePeriodSeconds?: number
    }
  const kept = Object.entries({ uid, creationTimestamp, name, namespace, generation, deletionTimestamp, deletionGracePeriodSeconds })
  const metadata = { ...next.metadata, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) }
  const object = { ...next, kind: current.kind, apiVersion: current.apiVersion, metadata } as NewObject
  return kind.subresources.includes('status') ? withStatus(object, current.status) : object
}

function withStatus(object: NewObject, status: unknown): NewObject {
  if (object.status === status) return object
  const { status: _old, ...rest } = object
  return (status === undefined ? rest : { ...rest, status }) as NewObject
}

function withVersion(object: NewObject, { metadata }: StoredObject): StoredObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: metadata.resourceVersion } } as StoredObject
}

function finalizerProblems(current: StoredObject, next: NewObject): ReturnType<typeof updateProblems> {
  if (current.metadata.deletionTimestamp === undefined) return []
  const added = finalizersOf(next).filter((each) => !finalizersOf(current).includes(each))
  if (added.length === 0) return []
  const found = `[]string{${added.map((each) => JSON.stringify(each)).join(', ')}}`
  return [forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`)]
}

function gone(store: ObjectStore, object: StoredObject): StoredObject {
  store.remove(object.kind, object.metadata.namespace, object.metadata.name)
  return object
}
