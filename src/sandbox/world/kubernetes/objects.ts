import type { KubernetesEvent, Node, Pod, PodDisruptionBudget, Workload } from '../../../model/kubernetes.ts'
import type { ObjectStore, StoredObject } from '../../contract.ts'
import type { PodDetail } from './pod-spec.ts'

/** Objects of the store seen as their kind. The world writes them itself, so their shape is its own. */
export type NodeObject = StoredObject & Node
export type PodObject = StoredObject & Pod & { readonly spec?: PodDetail }
export type BudgetObject = StoredObject & PodDisruptionBudget
export type EventObject = StoredObject & KubernetesEvent
export type WorkloadObject = StoredObject &
  Workload & {
    readonly spec?: {
      readonly template?: PodTemplate
      readonly serviceName?: string
      readonly paused?: boolean
      readonly minReadySeconds?: number
      readonly progressDeadlineSeconds?: number
      readonly revisionHistoryLimit?: number
      readonly podManagementPolicy?: string
      readonly ordinals?: { readonly start?: number }
      readonly updateStrategy?: { readonly rollingUpdate?: { readonly partition?: number; readonly maxSurge?: number | string } }
      readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string }; readonly spec?: object }[]
      readonly strategy?: {
        readonly type?: string
        readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
      }
    }
  }

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: PodDetail
}

export type PodStatus = NonNullable<PodObject['status']>

/** `namespace/name`. */
export function keyOf(object: StoredObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

/** Namespace and name of a key. */
export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}

/** The owner that controls an object. */
export function controllerOf(object: StoredObject): { readonly kind: string; readonly name: string; readonly uid: string } | undefined {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller)
  return owner?.uid === undefined ? undefined : { kind: owner.kind, name: owner.name, uid: owner.uid }
}

/** The reference by which `owner` controls what it made. */
export function controlledBy(owner: StoredObject): readonly Record<string, unknown>[] {
  const { name, uid } = owner.metadata
  return [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true }]
}

export function isTerminating(object: StoredObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** Neither terminating nor ended: what controllers count as a replica. */
export function isActive(pod: PodObject): boolean {
  return !isTerminating(pod) && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'
}

export function isReady(pod: PodObject): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false
}

export function podAt(store: ObjectStore, key: string): PodObject | undefined {
  const [namespace, name] = splitKey(key)
  return store.get('Pod', namespace, name) as PodObject | undefined
}

/** The same pod again, if it still exists and was not replaced by another of its name. */
export function stillThere(store: ObjectStore, pod: PodObject): PodObject | undefined {
  const current = podAt(store, keyOf(pod))
  return current?.metadata.uid === pod.metadata.uid ? current : undefined
}

/** Writes the status of an object; the rest stays. */
export function writeStatus(store: ObjectStore, object: StoredObject, status: object): void {
  store.update(object.kind, object.metadata.namespace, object.metadata.name, (current) => ({ ...current, status }))
}
