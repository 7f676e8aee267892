import type { HeldBy } from './eviction.ts'
import type { Millis } from './instant.ts'
import type { AddonSpec, GroupSpec } from './intent.ts'
import type { GroupSizes, UpdateSettings } from './itinerary.ts'
import type { ProbeSpec } from './probe.ts'
import type { NewGroup } from './replacement.ts'
import type { LaunchFrom } from './self-managed.ts'

/** One effect on the world. Its id is derived (run + step + ordinal) and serves as the client request token. */
export interface Command {
  readonly id: string
  readonly step: string
  readonly action: Action
}

export type Action =
  | {
      readonly kind: 'update-addon'
      readonly addon: string
      readonly spec: AddonSpec
      readonly resolveConflicts: 'PRESERVE' | 'OVERWRITE' | 'NONE'
    }
  | {
      readonly kind: 'update-control-plane'
      /** A minor, `1.34`. */
      readonly version: string
      readonly goesBack?: true
      /** Of a way back under Auto Mode: how long its nodes may take. */
      readonly nodesBackWithin?: Millis
    }
  /** Only a rollback under Auto Mode can be cancelled, and only while its nodes are on their way. */
  | { readonly kind: 'cancel-rollback'; readonly updateId: string }
  | { readonly kind: 'update-nodegroup-version'; readonly group: string; readonly spec: GroupSpec; readonly force?: true }
  | { readonly kind: 'update-nodegroup-config'; readonly group: string; readonly settings: UpdateSettings }
  /** Without a desired size that stays as it is; with `raisedBy` it is only set if it is that much smaller when it is sent. */
  | {
      readonly kind: 'scale-nodegroup'
      readonly group: string
      readonly sizes: Pick<GroupSizes, 'min' | 'max'> & { readonly desired?: number; readonly raisedBy?: number }
    }
  /** A group beside `replaces`; `run` is the mark by which it is known again. */
  | {
      readonly kind: 'create-group'
      readonly group: string
      readonly replaces: string
      readonly run: string
      readonly made: NewGroup
      readonly sizes: GroupSizes
    }
  /** Only the very group that is meant: by its ARN, and by the run that made it where one did. */
  | { readonly kind: 'delete-group'; readonly group: string; readonly arn: string; readonly run?: string }
  /** Without a value it is removed. */
  | {
      readonly kind: 'tag-scaling-group'
      readonly autoScalingGroup: string
      readonly key: string
      readonly tag?: { readonly value: string; readonly propagate: boolean }
    }
  | { readonly kind: 'uncordon'; readonly node: string }
  | { readonly kind: 'include-in-balancers'; readonly node: string }
  | { readonly kind: 'taint-node'; readonly node: string; readonly key: string }
  /** The scheduler prefers other nodes for new pods; without them it takes this one. */
  | { readonly kind: 'avoid-node'; readonly node: string; readonly avoid: boolean }
  | { readonly kind: 'set-aws-node-env'; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'remove-taint'; readonly node: string; readonly key: string }
  /** A pod of ours comes and goes: nothing of the cluster is changed by it. */
  | { readonly kind: 'create-probe'; readonly probe: ProbeSpec }
  | { readonly kind: 'remove-probe'; readonly namespace: string; readonly probe: string }
  | { readonly kind: 'restore-max-size'; readonly group: string; readonly autoScalingGroup: string; readonly max: number }
  | { readonly kind: 'cordon'; readonly node: string }
  /** Out of load balancers, cordoned, left alone by the autoscaler, and marked as ours: what comes before its pods are evicted. */
  | { readonly kind: 'retire-node'; readonly node: string }
  | { readonly kind: 'exclude-from-balancers'; readonly node: string }
  /** Without a value it is removed. */
  | { readonly kind: 'annotate-node'; readonly node: string; readonly key: string; readonly value?: string }
  | { readonly kind: 'label-node'; readonly node: string; readonly key: string; readonly value?: string }
  /** By the uid too: a StatefulSet gives the next pod the same name. */
  | { readonly kind: 'evict-pod'; readonly namespace: string; readonly pod: string; readonly uid: string; readonly node: string }
  /** Past every budget; only where the plan says so. */
  | { readonly kind: 'delete-pod'; readonly namespace: string; readonly pod: string; readonly uid: string; readonly node: string }
  | {
      readonly kind: 'terminate-instance'
      readonly autoScalingGroup: string
      readonly instanceId: string
      readonly decrement: boolean
      /** The node that it is, where it is one. */
      readonly node?: string
    }
  | {
      readonly kind: 'protect-instances'
      readonly autoScalingGroup: string
      readonly instanceIds: readonly string[]
      readonly protect: boolean
    }
  | { readonly kind: 'suspend-processes'; readonly autoScalingGroup: string; readonly processes: readonly string[] }
  | { readonly kind: 'resume-processes'; readonly autoScalingGroup: string; readonly processes: readonly string[] }
  | {
      readonly kind: 'complete-lifecycle-action'
      readonly autoScalingGroup: string
      readonly hook: string
      readonly instanceId: string
      readonly result: 'CONTINUE' | 'ABANDON'
    }
  | { readonly kind: 'update-scaling-group'; readonly autoScalingGroup: string; readonly change: ScalingGroupChange }

/** What is changed of an Auto Scaling group; what is absent stays as it is. */
export interface ScalingGroupChange {
  readonly min?: number
  readonly max?: number
  readonly desired?: number
  /** By how much `desired` is more than it was: what is to be taken back by terminating without a replacement. */
  readonly raisedBy?: number
  /** The group's own size, without what it is raised by. */
  readonly keeps?: number
  readonly launch?: LaunchFrom
}

/** What became of a command when it was sent, or when the world was asked about it. */
export type CommandResult =
  /** Accepted; `updateId` when EKS works on it. `found`: it had been accepted before, seen by looking. */
  | { readonly kind: 'accepted'; readonly updateId?: string; readonly found?: boolean }
  /** Another operation is in progress (409): try again later. */
  | { readonly kind: 'deferred'; readonly code: string; readonly message: string }
  /** Throttled or unreachable, and the world says it did not happen: try again later. */
  | { readonly kind: 'unsettled'; readonly code: string; readonly message: string }
  /**
   * No longer wanted: the world already is as the step wants it. `unwanted`: given up without being sent again, nobody knows what it
   * did. `unbegun`: looked for and not found, so it has begun nothing; it is forgotten, and intended anew where it is still wanted.
   */
  | { readonly kind: 'moot'; readonly unwanted?: true; readonly unbegun?: true }
  /** A pod stays for now: its budget, two budgets or a webhook keep it. Whoever drains asks again. */
  | { readonly kind: 'held'; readonly code: HeldBy; readonly message: string }
  /** Refused for good (400, 403, 404). */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
