import type { Millis } from './instant.ts'
import type { NodeOrder } from './node-order.ts'
import type { GateSpec, PlanWave } from './plan.ts'
import type { Replacement } from './replacement.ts'
import type { LaunchFrom } from './self-managed.ts'

/**
 * What a plan means on one cluster: everything that moves, resolved to exact versions and numbers.
 * Checks judge it, `compile` turns it into steps. Pure data.
 */
export interface Intent {
  /** The control plane's minor, `1.33`. */
  readonly clusterMinor: string
  readonly addons: readonly AddonIntent[]
  /** Absent where the plan leaves the control plane alone. */
  readonly controlPlane?: ControlPlaneIntent
  /** Every group in scope, in the order in which the run takes them. */
  readonly groups: readonly GroupIntent[]
  /** Pools that others move, in the order of the waves; absent where the plan names none. */
  readonly observed?: readonly ObservedPool[]
  readonly excluded: readonly { readonly name: string; readonly reason: string }[]
  /** What could not be resolved; each becomes a finding. */
  readonly problems: readonly IntentProblem[]
}

/** Nodes that no group launches, which a run only watches. */
export interface ObservedPool {
  /** `karpenter:default`, `fargate:all` */
  readonly name: string
  readonly phase: 'canary' | 'wave'
  readonly wave: string
  /** What its kubelets are to run. */
  readonly minor: string
  /** Names of all its nodes, and of those that run another minor. */
  readonly there: readonly string[]
  readonly behind: readonly string[]
  readonly happens: string
  readonly person: string
  readonly timeout?: Millis
}

export interface IntentProblem {
  /** `Addon/vpc-cni` or `NodeGroup/app-a`. */
  readonly subject: string
  readonly verdict: 'block' | 'unknown'
  readonly message: string
  readonly remedy: string
}

/** An EKS add-on's settings, re-sent on every hop and on the way back. */
export interface AddonSpec {
  readonly version: string
  readonly configurationValues?: string
  readonly serviceAccountRoleArn?: string
  readonly podIdentityAssociations?: readonly string[]
}

export interface AddonIntent {
  readonly name: string
  readonly baseline: AddonSpec
  readonly target: string
  /** Versions after the baseline in order, one minor per hop; empty when nothing is to do. */
  readonly hops: readonly string[]
  readonly resolveConflicts: 'PRESERVE' | 'OVERWRITE' | 'NONE'
  readonly gates: readonly GateSpec[]
  readonly soak: Millis
  readonly wayBack: WayBack
  /** The baseline is not listed for the minor that the control plane goes to: it can be installed again only when that is back. */
  readonly backAfterControlPlane?: true
}

export interface ControlPlaneIntent {
  /** The minor that it has, `1.33`. */
  readonly baseline: string
  readonly target: string
  /** False when it already is at the target. */
  readonly changes: boolean
  /** An open run has moved it already. */
  readonly changedByRun?: true
  /** EKS Auto Mode: its nodes go back with the control plane, before it. */
  readonly autoMode: boolean
  readonly nodesBackWithin?: Millis
  readonly gates: readonly GateSpec[]
  readonly soak: Millis
  readonly approval: PlanWave['approval']
  readonly wayBack: WayBack
}

/** Whether a step can be taken back. `disputed`: AWS's own pages disagree. */
export interface WayBack {
  readonly exists: 'yes' | 'disputed' | 'none'
  /** The call that goes back, or why there is none. */
  readonly how: string
  /** The token that the plan's `accept` needs when there is none, such as `no-way-back/vpc-cni`. */
  readonly acceptToken?: string
}

/** What makes two nodes of a managed group the same: its minor, AMI release or launch template number. */
export interface GroupSpec {
  readonly version?: string
  /** The AMI release; absent when the launch template brings the AMI. */
  readonly releaseVersion?: string
  readonly launchTemplate?: { readonly id: string; readonly name?: string; readonly version: string }
  /** The AMI id where it is known (custom AMI). */
  readonly imageId?: string
  /** What the Auto Scaling group of a self-managed group launches from, to be sent whole. */
  readonly launch?: LaunchFrom
}

/** The three forms of an EKS managed node group, and groups that EKS does not manage. */
export type GroupForm = 'optimised' | 'template' | 'custom-ami' | 'self-managed'

/** How Serin replaces the nodes of a group itself. */
export interface ReplacePace {
  /** Nodes that may be away at a time beyond what the surge brings. */
  readonly maxUnavailable: number
  /** Nodes launched ahead, beside the old ones. */
  readonly surge: number
  /** How long one node may take to be drained. */
  readonly drainTimeout: Millis
  /** What follows when it takes longer. */
  readonly blocked: BlockedAnswer
  /** All nodes of one zone before those of the next, in the order of their names. */
  readonly zoneByZone?: true
  /** When its nodes may be drained beside others of it, by their labels. */
  readonly order?: readonly NodeOrder[]
}

/** `hold`: a person decides. `skip`: so many nodes may stay as they are. `force`: pods are deleted past their budgets after that time. */
export type BlockedAnswer =
  | { readonly kind: 'hold' }
  | { readonly kind: 'skip'; readonly atMost: number }
  | { readonly kind: 'force'; readonly after: Millis }

export interface GroupIntent {
  readonly name: string
  /** The canary, or a wave by name. */
  readonly phase: 'canary' | 'wave'
  readonly wave: string
  readonly strategy: string
  readonly form: GroupForm
  readonly amiType: string
  readonly baseline: GroupSpec
  readonly target: GroupSpec
  /** False when the group already is what the plan wants, or is empty and skipped. */
  readonly changes: boolean
  readonly unchangedBecause?: string
  /** An open run has changed it already. */
  readonly changedByRun?: true
  /** Set for a group without nodes: what the plan wants done with it. */
  readonly whenEmpty?: 'skip' | 'update' | 'scale-one'
  readonly nodes: number
  readonly pods: number
  readonly zones: readonly string[]
  readonly subnets: readonly string[]
  readonly instanceTypes: readonly string[]
  readonly autoScalingGroup?: string
  /** By which it is known to be the same group. */
  readonly arn?: string
  /** Nodes that EKS may take away at a time, resolved to a number of at least one. */
  readonly maxUnavailable: number
  /** Nodes that EKS launches beside the old ones: max(2 × zones, maxUnavailable) under DEFAULT, 0 under MINIMAL. */
  readonly surge: number
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL'
  readonly timeout: Millis
  /** Never in flight together with another group. */
  readonly alone?: true
  /** Names of the groups that have to be through before it begins. */
  readonly after?: readonly string[]
  /** Names of the groups with which it is never in flight together. */
  readonly neverWith?: readonly string[]
  /** The plan lets EKS delete pods past their budgets when it cannot evict them. */
  readonly force?: true
  /** For groups whose nodes Serin replaces itself. */
  readonly pace?: ReplacePace
  /** The group that takes over from it. */
  readonly replacement?: Replacement
  /** Sizes at the time of the plan; the way back restores `max` and never lowers `desired`. */
  readonly sizes: { readonly min: number; readonly max: number; readonly desired: number }
  readonly wayBack: WayBack
  /** AMI type, architecture, instance family, template: groups of one class fail alike. */
  readonly nodeClass: string
}
