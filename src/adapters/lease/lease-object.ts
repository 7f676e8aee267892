import { type Instant, instantOf, isoMicro, type Millis, SECOND } from '../../model/instant.ts'
import type { KubernetesObject, ObjectMeta } from '../../model/kubernetes.ts'
import type { LeaseHolder } from '../../ports/lease.ts'

/** A `coordination.k8s.io/v1` Lease as it is on the wire. */
export interface LeaseObject extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

export const LEASE_NAMESPACE = 'kube-system'
export const LEASE_NAME = 'serin'
export const RUN_ANNOTATION = 'serin.dev/run'

/** Times have exactly six fractional digits, the only form the API server takes. */
export function newLease(identity: string, run: string, at: Instant, duration: Millis): LeaseObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: LEASE_NAME, namespace: LEASE_NAMESPACE, annotations: { [RUN_ANNOTATION]: run } },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(duration / SECOND),
      acquireTime: isoMicro(at),
      renewTime: isoMicro(at),
      leaseTransitions: 0,
    },
  }
}

/** The Lease in our hands; `leaseTransitions` counts up whenever it changes hands. */
export function takenLease(from: LeaseObject, identity: string, run: string, at: Instant, duration: Millis): LeaseObject {
  const fresh = newLease(identity, run, at, duration)
  return {
    ...from,
    metadata: { ...writable(from.metadata), annotations: { ...from.metadata.annotations, [RUN_ANNOTATION]: run } },
    spec: { ...fresh.spec, leaseTransitions: transitionsOf(from) + 1 },
  }
}

export function renewedLease(from: LeaseObject, at: Instant): LeaseObject {
  return { ...from, metadata: writable(from.metadata), spec: { ...from.spec, renewTime: isoMicro(at) } }
}

/** Nobody's Lease; the count stays, so that the next holder's number is higher. */
export function releasedLease(from: LeaseObject, at: Instant): LeaseObject {
  const { [RUN_ANNOTATION]: _, ...annotations } = from.metadata.annotations ?? {}
  return {
    ...from,
    metadata: { ...writable(from.metadata), annotations },
    spec: { ...from.spec, holderIdentity: '', renewTime: isoMicro(at) },
  }
}

function transitionsOf(lease: LeaseObject): number {
  return lease.spec?.leaseTransitions ?? 0
}

export function holderOf(lease: LeaseObject | undefined): LeaseHolder | undefined {
  const identity = lease?.spec?.holderIdentity
  if (lease === undefined || identity === undefined || identity === '') return undefined
  return {
    identity,
    since: instantOf(lease.spec?.acquireTime),
    renewed: instantOf(lease.spec?.renewTime),
    transitions: transitionsOf(lease),
    run: lease.metadata.annotations?.[RUN_ANNOTATION],
  }
}

/** What the API server keeps for itself is not sent back. */
function writable({ managedFields: _, ...metadata }: ObjectMeta): ObjectMeta {
  return metadata
}
