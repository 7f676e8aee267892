import type { Instant } from '../../../../model/instant.ts'
import type { ControlPlane } from '../control-plane.ts'

export type InsightStatus = 'PASSING' | 'WARNING' | 'ERROR' | 'UNKNOWN'
export type InsightCategory = 'UPGRADE_READINESS' | 'ROLLBACK_READINESS' | 'MISCONFIGURATION'

/** What insights look at. */
export interface InsightFacts {
  readonly now: Instant
  readonly controlPlane: ControlPlane
  readonly nodes: readonly { readonly name: string; readonly kubeletVersion: string; readonly osImage: string }[]
  readonly addons: readonly { readonly name: string; readonly version: string; readonly arn: string }[]
  /** Minors that the listing has an add-on version for; undefined for a version it does not have at all. */
  readonly listedFor: (addon: string, version: string) => readonly string[] | undefined
  /** Versions of an add-on that the listing has for a minor, newest first. */
  readonly versionsFor: (addon: string, minor: string) => readonly string[]
  /** `v1.33.5-eksbuild.2` of the DaemonSet, if there is one. */
  readonly kubeProxyVersion: string | undefined
}

/** One resource that an insight names. */
export interface InsightResource {
  readonly status: InsightStatus
  readonly reason: string
  readonly kubernetesResourceUri?: string
  readonly arn?: string
}

/** What one check finds for one minor. Nothing found is PASSING. */
export interface Finding {
  readonly status: InsightStatus
  readonly reason: string
  readonly recommendation?: string
  readonly resources?: readonly InsightResource[]
  readonly summary?: Readonly<Record<string, unknown>>
}

export interface InsightCheck {
  readonly name: (minor: string) => string
  readonly description: string
  readonly category: InsightCategory
  /** Undefined: the insight does not exist for this minor. */
  readonly find: (facts: InsightFacts, minor: string, grave: InsightStatus) => Finding | undefined
}

export const PASSING: Finding = { status: 'PASSING', reason: 'No problem was found.' }
