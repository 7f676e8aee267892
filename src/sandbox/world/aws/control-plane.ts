import type { Instant } from '../../../model/instant.ts'
import { formatMinor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { ApiServerPresence, Faults } from '../../contract.ts'
import type { ControlPlaneSpec } from '../control-plane-spec.ts'
import type { ClusterSpec } from '../world-spec.ts'
import { meets } from './eks-faults.ts'

/** What UpdateClusterConfig changes, and what DescribeCluster says of it. */
export interface ClusterSettings {
  supportType: 'STANDARD' | 'EXTENDED'
  endpointPublicAccess: boolean
  endpointPrivateAccess: boolean
  publicAccessCidrs: readonly string[]
  subnetIds: readonly string[]
  securityGroupIds: readonly string[]
  authenticationMode: string
  logging: readonly string[]
  deletionProtection: boolean
  zonalShift: boolean
}

/** The last upgrade in place: the minor before, and when it had completed. */
export interface Upgrade {
  readonly from: string
  readonly at: Instant
  readonly by?: ControlPlaneSpec['upgradedByEks']
}

/** The control plane as it moves. */
export interface ControlPlane {
  readonly spec: ControlPlaneSpec
  /** `1.33` */
  version: string
  /** `eks.10` */
  platformVersion: string
  status: 'ACTIVE' | 'UPDATING'
  /** Until then DescribeCluster still answers with the status before. */
  statusShowsAt: Instant
  readonly settings: ClusterSettings
  /** Absent for a cluster that was created at its version, or that was taken back. */
  upgraded?: Upgrade
}

export function openControlPlane(cluster: ClusterSpec, spec: ControlPlaneSpec, start: Instant, subnetIds: readonly string[]): ControlPlane {
  const { upgradedBefore, upgradedByEks: by } = spec
  const from = minorBelow(cluster.kubernetesVersion)
  const upgraded = upgradedBefore === undefined ? {} : { upgraded: { from, at: start - upgradedBefore, ...(by ? { by } : {}) } }
  return {
    spec,
    version: cluster.kubernetesVersion,
    platformVersion: cluster.platformVersion,
    status: 'ACTIVE',
    statusShowsAt: start,
    settings: {
      supportType: spec.supportType,
      endpointPublicAccess: spec.endpoint !== 'private',
      endpointPrivateAccess: spec.endpoint !== 'public',
      publicAccessCidrs: spec.endpoint === 'private' ? [] : spec.publicAccessCidrs,
      subnetIds,
      securityGroupIds: [],
      authenticationMode: spec.authenticationMode,
      logging: spec.logging,
      deletionProtection: spec.deletionProtection,
      zonalShift: spec.zonalShift,
    },
    ...upgraded,
  }
}

/** `1.32` for `1.33`. */
export function minorBelow(version: string): string {
  const minor = parseMinor(version)
  return minor === undefined ? version : formatMinor({ ...minor, minor: minor.minor - 1 })
}

/** The API server's presence with the hands that move it. */
export interface ApiServerLever extends ApiServerPresence {
  /** Refuses connections from now on, and breaks those that are open. */
  leave(): void
  comeBack(): void
}

/** An API server that is there until it is sent away, or until the fault `api-server-away` holds. */
export function createApiServerLever(faults: Faults): ApiServerLever {
  const listeners = new Set<() => void>()
  let gone = false
  const breakConnections = () => {
    for (const listener of [...listeners]) listener()
  }
  const isAway = () => gone || meets(faults, 'api-server-away')
  faults.onChange((levers) => {
    if (levers.has('control-plane') && isAway()) breakConnections()
  })
  return {
    isAway,
    onBreak(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    leave() {
      gone = true
      breakConnections()
    },
    comeBack() {
      gone = false
    },
  }
}
