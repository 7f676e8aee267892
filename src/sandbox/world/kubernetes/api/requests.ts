import type { KubernetesObject } from '../../../../model/kubernetes.ts'
import type { StoredObject } from '../../../contract.ts'
import type { ServedKind } from './kinds.ts'

/** Who asks the API server. */
export interface ApiUser {
  readonly username: string
  readonly groups: readonly string[]
}

export type NewObject = KubernetesObject & Record<string, unknown>

/** A write, as admission sees it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: ServedKind
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  readonly name: string
  readonly object: NewObject | undefined
  readonly oldObject: StoredObject | undefined
  readonly user: ApiUser
  readonly dryRun: boolean
}
