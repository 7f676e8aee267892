import type { Millis } from './instant.ts'

/** How a run would go: its drains played through in the planned order on one snapshot. Moves with the cluster, so no digest covers it. */
export interface RunForecast {
  /** From the first command to the end, gates and soaks included; approvals and closed windows are not in it. */
  readonly takes: Span
  /** One for each batch, in the order of the run. */
  readonly stages: readonly StageForecast[]
  /** Pods that would keep a node from being emptied in the time that EKS takes for it. */
  readonly blockers: readonly DrainBlocker[]
  /** Pods that found no place for more than a moment, by owner, with what was against it. */
  readonly unplaced: readonly { readonly owner: string; readonly pods: number; readonly because: string }[]
  /** Evictions by owner, most first: a pod that is moved twice counts twice. */
  readonly disruptions: readonly { readonly owner: string; readonly evictions: number }[]
  /** Subnets that new nodes take addresses from, the tightest first; empty where it is not known how they do. */
  readonly addresses: readonly SubnetForecast[]
  /** How many times it was played through, each time with the nodes of a group in another order: EKS does not say in which it takes them. */
  readonly rehearsals: number
}

/** As it usually goes, and so that nine of ten runs are faster. */
export interface Span {
  readonly p50: Millis
  readonly p90: Millis
}

export interface StageForecast {
  /** The id of the batch. */
  readonly id: string
  /** After the first command of the run, as it usually goes. */
  readonly from: Millis
  /** Until the last of its steps is done. */
  readonly steps: Span
  /** What the gates wait for after that. */
  readonly gates: Millis
  readonly soak: Millis
  /** Longest first. */
  readonly groups: readonly GroupForecast[]
}

export interface GroupForecast {
  readonly group: string
  readonly nodes: number
  readonly takes: Span
  /** From the cordon of an old node until it is gone. */
  readonly perNode: Span
  /** Absent for a group without nodes. */
  readonly slowest?: { readonly node: string; readonly takes: Millis }
}

/** A pod that no budget lets go. */
export interface HeldPod {
  /** `shop/db-0` */
  readonly pod: string
  /** `StatefulSet/shop/db` */
  readonly owner: string
  /** `shop/db`, or two of them: then nobody can evict it at all. */
  readonly budgets: readonly string[]
  readonly healthy: number
  readonly desired: number
  /** Pods of the same budgets that found no place, with what was against it. */
  readonly waiting: readonly { readonly pod: string; readonly because: string }[]
}

export interface DrainBlocker extends HeldPod {
  /** The batch at which it would block. */
  readonly stage: string
  readonly group: string
  readonly node: string
  /** Minutes after the run's first command. */
  readonly minute: number
  /** In how many of the rehearsals a pod of these budgets blocked this group. */
  readonly seen: number
}

export interface SubnetForecast {
  readonly subnet: string
  readonly zone: string
  /** Free addresses now. */
  readonly free: number
  /** The most that the run takes of them at one moment: usually, and at its worst. */
  readonly peak: { readonly usual: number; readonly worst: number }
  /** The batch in which the worst is; absent where nothing is taken. */
  readonly stage?: string
  /** The batch in which a new node or a pod got no address, in half of the rehearsals or more. */
  readonly dry?: string
}

/** What one group takes of a zone's subnets while its update is at its widest: Auto Scaling chooses among them. */
export interface AddressNeed {
  readonly group: string
  readonly zone: string
  readonly subnets: readonly string[]
  readonly newNodes: number
  /** Addresses of a new node with a single pod, which any DaemonSet brings. */
  readonly perNode: number
}
