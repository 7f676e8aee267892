import type { AddonSpec, GroupSpec } from './intent.ts'
import type { GroupSizes, UpdateSettings } from './itinerary.ts'

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
  | { readonly kind: 'update-nodegroup-version'; readonly group: string; readonly spec: GroupSpec }
  | { readonly kind: 'update-nodegroup-config'; readonly group: string; readonly settings: UpdateSettings }
  | { readonly kind: 'scale-nodegroup'; readonly group: string; readonly sizes: GroupSizes }
  | { readonly kind: 'uncordon'; readonly node: string }
  | { readonly kind: 'include-in-balancers'; readonly node: string }
  | { readonly kind: 'taint-node'; readonly node: string; readonly key: string }
  | { readonly kind: 'set-aws-node-env'; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'remove-taint'; readonly node: string; readonly key: string }
  | { readonly kind: 'restore-max-size'; readonly group: string; readonly autoScalingGroup: string; readonly max: number }

/** What became of a command when it was sent, or when the world was asked about it. */
export type CommandResult =
  /** Accepted; `updateId` when EKS works on it. `found`: it had been accepted before, seen by looking. */
  | { readonly kind: 'accepted'; readonly updateId?: string; readonly found?: boolean }
  /** Another operation is in progress (409): try again later. */
  | { readonly kind: 'deferred'; readonly code: string; readonly message: string }
  /** Throttled or unreachable, and the world says it did not happen: try again later. */
  | { readonly kind: 'unsettled'; readonly code: string; readonly message: string }
  /** No longer wanted: the world already is as the step wants it. */
  | { readonly kind: 'moot' }
  /** Refused for good (400, 403, 404). */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
