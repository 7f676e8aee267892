import type { Instant, Millis } from './instant.ts'
import type { NodeOrder } from './node-order.ts'

/** An upgrade plan after loading: inputs and base applied, defaults filled in, durations in milliseconds, gate names resolved. */
export interface UpgradePlan {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> }
  readonly cluster: { readonly name: string; readonly region: string; readonly accountId: string; readonly kubeconfigContext?: string }
  readonly target: {
    /** Minor of the node groups; absent: each group keeps its own. */
    readonly kubernetesVersion?: string
    /** `latest`, `keep` or a release version. Absent means `latest` when a minor is named, else `keep`. */
    readonly images: 'latest' | 'keep' | string
    readonly addons: readonly AddonTarget[]
    /** Only where the plan asks for it: the control plane moves by one minor, after the add-ons and before the nodes. */
    readonly controlPlane?: ControlPlaneTarget
  }
  readonly canary?: PlanWave
  /** In order. The canary is not among them. */
  readonly waves: readonly PlanWave[]
  /** By glob, first match wins. */
  readonly nodeGroups: readonly GroupSettings[]
  /** When single nodes may be taken out of service beside others. */
  readonly nodes?: readonly (NodeOrder & { readonly optional?: boolean })[]
  readonly exclude: readonly { readonly nodeGroups: readonly string[]; readonly optional: boolean; readonly reason: string }[]
  readonly window?: PlanWindow
  readonly rollback: RollbackPolicy
  /** Absent in plans that were made without a file: nothing is cured in a run. */
  readonly remediation?: RemediationPolicy
  readonly diagnosis?: { readonly nodeLogs?: NodeLogPolicy }
  /** Points of no return taken on purpose, such as `no-way-back/vpc-cni`. */
  readonly accept: readonly string[]
  readonly waivers: readonly Waiver[]
  /** Checks by code whose warnings block; severities are raised, never lowered. */
  readonly severities?: Readonly<Record<string, 'block'>>
  readonly notify: readonly Notification[]
}

/** Where pods may run that read the log of ipamd on failing nodes, and on how many of them at a time. */
export interface NodeLogPolicy {
  readonly namespace: string
  readonly image: string
  readonly maxNodes: number
}

export interface AddonTarget {
  readonly name: string
  /** `recommended` (the default version of the cluster's minor), `latest` or a full version. */
  readonly version: 'recommended' | 'latest' | string
  readonly resolveConflicts: 'PRESERVE' | 'OVERWRITE' | 'NONE'
  readonly gates: readonly GateSpec[]
  readonly soak: Millis
}

export interface ControlPlaneTarget {
  /** The minor after the present one, `1.34`. */
  readonly version: string
  readonly gates: readonly GateSpec[]
  /** Time that must be seen passing before anything else moves: nodes stay behind meanwhile, so that going back is one call. */
  readonly soak: Millis
  readonly approval: PlanWave['approval']
  /** Auto Mode: how long its nodes may take to go back before the control plane does. Absent: what EKS takes, 12 hours. */
  readonly nodesBackWithin?: Millis
}

/** A gate by kind, with the options that its schema in the catalog allows. */
export interface GateSpec {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

export interface PlanWave {
  /** `canary` for the canary. */
  readonly name: string
  readonly nodeGroups: readonly string[]
  /** A glob that matches nothing is then no error. */
  readonly optional: boolean
  /** Groups in flight together: a number, a percentage of the wave's groups (rounded up, never to zero), or one, two, four … */
  readonly batch: number | `${number}%` | 'growing'
  readonly gates: readonly GateSpec[]
  readonly soak: Millis
  /** A person must say yes before the wave starts; `role` names who. */
  readonly approval: false | { readonly role?: string }
}

export interface GroupSettings {
  readonly match: string
  /** A glob that matches nothing is then no error. */
  readonly optional?: boolean
  readonly strategy?: string
  readonly updateStrategy?: 'DEFAULT' | 'MINIMAL'
  readonly maxUnavailable?: number | `${number}%`
  /** Nodes launched ahead, for groups whose nodes Serin replaces itself. */
  readonly surge?: number | `${number}%`
  readonly drainTimeout?: Millis
  /** The launch configuration to move to. */
  readonly launchConfiguration?: string
  readonly timeout?: Millis
  /** Never in flight together with another group. */
  readonly alone?: boolean
  /** Groups by name or glob that have to be through before these begin. */
  readonly after?: readonly string[]
  /** Groups by name or glob with which these are never in flight together. */
  readonly neverWith?: readonly string[]
  /** Self-managed groups: all nodes of one zone before those of the next. */
  readonly zoneByZone?: boolean
  readonly releaseVersion?: string
  readonly launchTemplateVersion?: string
  readonly pinLaunchTemplate?: boolean
  readonly whenEmpty?: 'skip' | 'update' | 'scale-one'
  readonly evictionBlocked?: 'hold' | 'force' | { readonly skip: number } | { readonly forceAfter: Millis }
  readonly replacement?: ReplacementSettings
}

/** Of the strategy `replacement-group`: the group that takes over, and how. */
export interface ReplacementSettings {
  readonly name?: string
  readonly amiType?: string
  readonly instanceTypes?: readonly string[]
  /** Nodes that move first; a share is rounded up. */
  readonly share?: number | `${number}%`
  readonly soak?: Millis
  /** How long the old group is kept, before somebody is asked. */
  readonly keep?: Millis
  readonly consent?: { readonly role?: string }
}

export interface PlanWindow {
  readonly timeZone: string
  /** Each `Tue 21:00-05:00`, `Mon-Fri 20:00-23:00` or `daily 01:00-04:00`; an end before the start is the next day. */
  readonly open: readonly string[]
  readonly freezes: readonly { readonly from: Instant; readonly to: Instant; readonly reason: string }[]
  /** `hold`: stop at a safe point with exit 31. `finish-wave`: finish what the wave began. */
  readonly atClose: 'hold' | 'finish-wave'
}

export interface RollbackPolicy {
  /** `last-proven-hop`: to the last hop that passed, then on to the baseline. */
  readonly addon: 'last-proven-hop' | 'hold'
  readonly canary: 'automatic' | 'hold'
  /** Answer to a control plane after which the cluster is not as well as before: nothing untouched is there to compare with. */
  readonly controlPlane?: 'hold' | 'automatic'
  /** `failed-batch`: only the batch that failed goes back, what passed stays (exit 23). */
  readonly waves: 'hold' | 'failed-batch' | 'automatic'
  /** Time in which a person may say hold before the first act; none for the add-on step. */
  readonly grace: Millis
}

/** How far Serin may go in curing what it diagnosed, in a run and with `serin remediate`. */
export interface RemediationPolicy {
  /** Gates whose failure is cured first, once, where the cause has a cure that is safe unattended; empty: none. */
  readonly onFailureOf: readonly string[]
  /** Nodes that may be replaced in all, one after the other. */
  readonly maxNodes: number
  /** Share of the failed batch's nodes that may be replaced; more failing ones count as a failure of the batch. */
  readonly maxShare: number
  /** Stuck pods that may be made anew in all, and so many at a time. */
  readonly maxPods: number
  readonly podsAtOnce: number
  /** Pods of Jobs are left alone unless this says so: what they did would be done twice. */
  readonly jobs: boolean
  /** Time for one node's replacement, or for the pods of one batch to start. */
  readonly within: Millis
}

export interface Waiver {
  readonly code: string
  readonly subject: string
  readonly owner: string
  readonly reason: string
  /** The waiver ends at the end of this day (UTC), `2027-01-31`. */
  readonly expires: string
  /** `unknown` accepts evidence that could not be read; `block` (default) a blocking finding. */
  readonly verdict: 'block' | 'unknown'
}

export type NotifyOn = 'opened' | 'held' | 'approval-needed' | 'rollback-started' | 'finished'

export interface Notification {
  /** `env:NAME`: secrets never stand in a plan. */
  readonly webhook: { readonly urlFrom: string }
  readonly on: readonly NotifyOn[]
}

/** One mistake in a plan, in the file that said it. Lines and columns count from 1. */
export interface PlanProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `waves[1].nodeGroups[0]`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** What to write instead. */
  readonly remedy: string
}
