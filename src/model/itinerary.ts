import type { AddressNeed, RunForecast } from './forecast.ts'
import type { Millis } from './instant.ts'
import type { AddonSpec, GroupIntent, GroupSpec, Intent, ReplacePace, WayBack } from './intent.ts'
import type { ObserveStep } from './observe-step.ts'
import type { GateSpec, Notification, PlanWindow, RollbackPolicy, UpgradePlan, Waiver } from './plan.ts'
import type { CreateGroupStep, DeleteGroupStep, MoveStep } from './replacement-steps.ts'
import type { API_VERSION } from './snapshot.ts'

/** The compiled run: every step in order with before and after, its undo and its forecast. Data; printable; has a digest. */
export interface Itinerary {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'Itinerary'
  readonly digest: string
  /** What the digest covers; `apply` names the differences when it refuses (exit 52). */
  readonly decisionFacts: Readonly<Record<string, unknown>>
  readonly plan: string
  /** The plan and what it meant on this cluster: pinned, so that a later look judges the same bits. */
  readonly source: {
    readonly plan: UpgradePlan
    readonly intent: Intent
    /** The file of the plan as it was typed; not part of the digest. */
    readonly file?: string
  }
  readonly tool: string
  readonly madeFrom: { readonly capturedAt: string; readonly sandbox?: unknown }
  readonly cluster: {
    readonly name: string
    readonly region: string
    readonly accountId: string
    readonly minor: string
    readonly kubeconfigContext?: string
  }
  readonly batches: readonly Batch[]
  readonly baseline: Baseline
  readonly window?: PlanWindow
  readonly rollback: RollbackPolicy
  readonly waivers: readonly Waiver[]
  readonly notify: readonly Notification[]
  /** Groups in scope that stay as they are, and those left out, with the reason. */
  readonly untouched: readonly { readonly name: string; readonly reason: string }[]
  readonly pointsOfNoReturn: readonly string[]
  readonly forecast: {
    /** As it usually goes, gates and soaks included. */
    readonly expected: Millis
    readonly declaredWaits: Millis
    readonly run: RunForecast
  }
  /** What each batch takes of subnets, by its id, where a gate asks; absent where none does. Moves with the cluster, so not part of the digest. */
  readonly addressNeeds?: Readonly<Record<string, readonly AddressNeed[]>>
  /** Which tool made an object (`NodeGroup/app-a`, `Addon/vpc-cni`), where its tags tell; not part of the digest. */
  readonly owners?: Readonly<Record<string, OwningTool>>
}

/** A tool that a change has to be written back to, so that its next apply does not undo the run. */
export type OwningTool = 'terraform' | 'cloudformation' | 'eksctl'

/** Steps moved together, then gated together. */
export interface Batch {
  /** `addon/vpc-cni/1`, `control-plane`, `canary/1`, `wave/app/2`; on the way back with the prefix `back/`. */
  readonly id: string
  readonly phase: 'addon' | 'control-plane' | 'canary' | 'wave' | 'back'
  /** `vpc-cni 1/2`, `canary`, or the wave's name. */
  readonly title: string
  readonly steps: readonly Step[]
  readonly gates: readonly GateSpec[]
  /** Time that must be seen passing before the next batch begins; zero: none. */
  readonly soak: Millis
  /** A person must say yes before this batch starts. */
  readonly approval: false | { readonly role?: string }
}

export interface StepBase {
  /** Unique in the run, `wave/app/2/app-c`. */
  readonly id: string
  readonly title: string
  readonly timeout: Millis
  readonly wayBack: WayBack
  readonly forecast: StepForecast
  /** Steps of the same batch that must be done first; without it, steps of a batch run side by side. */
  readonly needs?: readonly string[]
}

export interface StepForecast {
  readonly expected: Millis
  /** How long going back takes. */
  readonly back: Millis
  /** What is exposed before Serin can stop: a managed update cannot be stopped. */
  readonly exposed: { readonly nodes: number; readonly pods: number; readonly minutes: number }
}

/** One hop of an EKS add-on. */
export interface AddonStep extends StepBase {
  readonly kind: 'addon-update'
  readonly addon: string
  readonly before: AddonSpec
  readonly after: AddonSpec
  readonly resolveConflicts: 'PRESERVE' | 'OVERWRITE' | 'NONE'
  /** EKS lists what was there before for the former minor only: it goes back when the control plane has. */
  readonly afterControlPlane?: true
}

/** The control plane by one minor, or back. */
export interface ControlPlaneStep extends StepBase {
  readonly kind: 'control-plane-update'
  /** Minors, `1.33`. */
  readonly before: string
  readonly after: string
  readonly goesBack?: true
  /** Auto Mode: its nodes go back first, within this time. */
  readonly nodesBackWithin?: Millis
}

/** One managed node group in place. Template and version go in one update: splitting would drain every node twice. */
export interface GroupStep extends StepBase {
  readonly kind: 'nodegroup-update'
  readonly group: string
  readonly before: GroupSpec
  readonly after: GroupSpec
  readonly form: GroupIntent['form']
  /** Pods that cannot be evicted are deleted past their budgets, by the plan's explicit word. */
  readonly force?: true
  readonly nodes: number
  readonly nodeClass: string
  readonly zones: readonly string[]
}

/** The nodes of one Auto Scaling group replaced by Serin itself, one by one: unlike an update of EKS it can be stopped after any of them. */
export interface ReplaceStep extends StepBase {
  readonly kind: 'replace-nodes'
  /** `asg:NAME` */
  readonly group: string
  readonly autoScalingGroup: string
  readonly before: GroupSpec
  readonly after: GroupSpec
  readonly nodes: number
  readonly nodeClass: string
  readonly zones: readonly string[]
  readonly pace: ReplacePace
  /** By how much an earlier step has left the desired size raised. */
  readonly raised?: number
}

/** A step that replaces nodes: what gates judge, and what has a way back of its own. */
export type NodesStep = GroupStep | ReplaceStep | MoveStep

/** A step that moves something from one version to another: what a run is for. Settings, sizes and tidying are means. */
export function movesVersions(step: Step): step is AddonStep | ControlPlaneStep | NodesStep {
  return step.kind === 'addon-update' || step.kind === 'control-plane-update' || replacesNodes(step)
}

export function replacesNodes(step: Step): step is NodesStep {
  return step.kind === 'nodegroup-update' || step.kind === 'replace-nodes' || step.kind === 'move-workloads'
}

/** The node groups that a step has to do with. */
export function groupsOfStep(step: Step): readonly string[] {
  if (step.kind === 'move-workloads') return [step.group, step.from]
  if (step.kind === 'tidy') return step.groups
  // A pool is nobody's group: nothing describes it but its nodes.
  return 'group' in step && step.kind !== 'observe-nodes' ? [step.group] : []
}

/** A new node in the place of one on which the network fails; what the group launches stays the same. */
export interface RotateStep extends StepBase {
  readonly kind: 'rotate-node'
  /** A managed group by name, a self-managed one as `asg:NAME`. */
  readonly group: string
  readonly autoScalingGroup: string
  readonly node: string
  readonly instanceId: string
  /** How many nodes of the group have to be Ready afterwards. */
  readonly nodes: number
}

/** A pod that got no address, and what made it. */
export interface StuckPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly node: string
  /** The name of its controller, which makes its successor too. */
  readonly owner: string
  /** `Deployment/shop/web`: what has to have all its replicas again. */
  readonly workload?: string
}

/** Stuck pods made anew, some at a time. */
export interface RecreateStep extends StepBase {
  readonly kind: 'recreate-pods'
  readonly pods: readonly StuckPod[]
  readonly atOnce: number
}

/** Changes the update settings of a group for this run (EKS takes them only from the group), or restores them. */
export interface GroupSettingsStep extends StepBase {
  readonly kind: 'nodegroup-settings'
  readonly group: string
  readonly before: UpdateSettings
  readonly after: UpdateSettings
}

export interface UpdateSettings {
  readonly maxUnavailable?: number
  readonly maxUnavailablePercentage?: number
  readonly updateStrategy?: string
}

/** Gives an empty group a node to prove the new version on, or takes it away again. */
export interface GroupSizeStep extends StepBase {
  readonly kind: 'nodegroup-size'
  readonly group: string
  readonly before: GroupSizes
  readonly after: GroupSizes
}

export interface GroupSizes {
  readonly min: number
  readonly max: number
  readonly desired: number
}

/** Leftovers of a failed update removed: cordons that were not there before, balancer labels, inflated maxima, our marks. */
export interface TidyStep extends StepBase {
  readonly kind: 'tidy'
  /** Groups to look at; empty: all that the run touched. */
  readonly groups: readonly string[]
  /** Nodes that were chosen to be put back into service. */
  readonly nodes?: readonly string[]
}

/** Keeps new pods away from nodes on which aws-node fails. */
export interface MarkStep extends StepBase {
  readonly kind: 'mark-nodes'
  readonly nodes: readonly string[]
}

/** Re-applies settings of aws-node that an add-on update wiped. */
export interface FieldsStep extends StepBase {
  readonly kind: 'aws-node-fields'
  /** Environment of the aws-node container as it was. */
  readonly env: Readonly<Record<string, string>>
}

export type Step =
  | AddonStep
  | ControlPlaneStep
  | GroupStep
  | ReplaceStep
  | CreateGroupStep
  | MoveStep
  | DeleteGroupStep
  | ObserveStep
  | GroupSettingsStep
  | GroupSizeStep
  | TidyStep
  | MarkStep
  | FieldsStep
  | RotateStep
  | RecreateStep
export type StepKind = Step['kind']

/** What "as it was" means: recorded before anything moves. */
export interface Baseline {
  readonly takenAt: string
  readonly addons: Readonly<Record<string, AddonSpec>>
  readonly groups: Readonly<Record<string, GroupBaseline>>
  /** Nodes cordoned before the run, by name. */
  readonly cordoned: readonly string[]
  /** Nodes that carried the exclude-from-balancers label before the run. */
  readonly excludedFromBalancers: readonly string[]
  /** Nodes that the autoscaler was told to leave alone before the run. */
  readonly keptFromAutoscaler?: readonly string[]
  /** Digest of the aws-node template, for the comparison after a way back. */
  readonly awsNodeTemplate?: string
  readonly awsNodeVersion?: string
  /** Environment of the aws-node container, variables with a plain value. */
  readonly awsNodeEnv?: Readonly<Record<string, string>>
}

export interface GroupBaseline {
  readonly spec: GroupSpec
  readonly sizes: { readonly min: number; readonly max: number; readonly desired: number }
  readonly updateSettings: UpdateSettings
  readonly autoScalingGroup?: string
  readonly autoScalingMax?: number
  readonly nodes: readonly string[]
  /** Of a self-managed group: what was suspended and protected before anything moved. */
  readonly scaling?: {
    readonly suspended: readonly string[]
    readonly protected: readonly string[]
    /** The group itself protects what it launches. */
    readonly protectsNew: boolean
  }
  /** The tag by which Cluster Autoscaler finds it, where it has one. */
  readonly autoscalerTag?: { readonly value: string; readonly propagate: boolean }
  /** AMI labels that its nodes carried: how old nodes are told from new ones. */
  readonly images?: readonly string[]
}
