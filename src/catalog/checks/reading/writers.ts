import { instantOf } from '../../../model/instant.ts'
import type { KubernetesObject, ManagedFields } from '../../../model/kubernetes.ts'
import type { RemovedApi } from '../../knowledge/removed-apis.ts'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The API server keeps such an object at its own default. Source: https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#defaults */
const KEPT_BY_API_SERVER = 'apf.kubernetes.io/autoupdate-spec'

/**
 * What writes as a part of the control plane, and moves with it. `eks-internal` keeps EKS's own FlowSchemas, `eks-exempt` and others:
 * https://docs.aws.amazon.com/eks/latest/best-practices/scale-control-plane.html
 */
const CONTROL_PLANE = /^(kube-apiserver|kube-controller-manager|kube-scheduler|eks|eks-internal|api-priority-and-fairness-config-.*)$/

/** How kubectl signs what it applies by itself; the server signs server-side apply with `kubectl`. */
const KUBECTL_APPLY = /^kubectl(-client-side-apply)?$/

export interface Writer {
  readonly manager: string
  /** Of its last write in this version; undefined where nobody noted it. */
  readonly time?: string
}

/**
 * Who still writes an object in an API version: whoever did and has not written it in another since. What `kubectl apply` last
 * sent says better in which version it writes: fields that it never changed stay under the version in which they once were written.
 */
export function writersIn({ kind, metadata }: KubernetesObject, api: RemovedApi): readonly Writer[] {
  if (kind !== api.kind || metadata.annotations?.[KEPT_BY_API_SERVER] === 'true') return []
  const applied = lastAppliedIn(metadata.annotations?.[LAST_APPLIED])
  const tracked = (metadata.managedFields ?? []).filter(({ manager = '' }) => !CONTROL_PLANE.test(manager))
  const others = applied === undefined ? tracked : tracked.filter((entry) => !isClientSideApply(entry))
  const found = others.filter((entry) => entry.apiVersion === api.apiVersion && !others.some((other) => isLaterWrite(other, entry)))
  const writers = found.map(({ manager = 'somebody', time }) => ({ manager, ...(time === undefined ? {} : { time }) }))
  return applied === api.apiVersion ? [{ manager: 'kubectl apply' }, ...writers] : writers
}

function isClientSideApply({ manager = '', operation }: ManagedFields): boolean {
  return operation === 'Update' && KUBECTL_APPLY.test(manager)
}

function isLaterWrite(other: ManagedFields, entry: ManagedFields): boolean {
  if (other.manager !== entry.manager || other.apiVersion === entry.apiVersion) return false
  return (instantOf(other.time) ?? 0) > (instantOf(entry.time) ?? 0)
}

/** The API version of a last-applied annotation; undefined without one, or where it is no object. */
export function lastAppliedIn(annotation: string | undefined): string | undefined {
  try {
    const value: unknown = JSON.parse(annotation ?? 'null')
    const version = typeof value === 'object' && value !== null && 'apiVersion' in value ? value.apiVersion : undefined
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
