import type { BatchBaseline } from '../catalog/gates/definition.ts'
import type { ExitName } from '../errors/catalogue.ts'
import type { Command, CommandResult } from '../model/command.ts'
import type { NotedCause } from '../model/diagnosis.ts'
import type { Failure } from '../model/failure.ts'
import type { Instant } from '../model/instant.ts'
import type { Batch } from '../model/itinerary.ts'
import type { Waiver } from '../model/plan.ts'
import type { ProbeReport } from '../model/probe.ts'
import type { Judgement } from '../model/verdict.ts'

/** A run told as past-tense facts. Read top to bottom this is everything that can happen in a run. */
export type RunEvent =
  | {
      readonly type: 'run-opened'
      readonly run: string
      readonly plan: string
      readonly digest: string
      readonly by: string
      readonly cluster: string
    }
  /** A driver went on with an open run; `imported` when its state came from the record in the cluster. */
  | { readonly type: 'run-resumed'; readonly by: string; readonly imported?: unknown; readonly importedSequence?: number }
  | { readonly type: 'lease-taken'; readonly identity: string; readonly transitions: number }
  /** Pre-flight was evaluated: at the start, and again after a soak, a hold or a resume. */
  | {
      readonly type: 'preflight-evaluated'
      readonly verdict: 'clear' | 'blocked' | 'inconclusive'
      readonly stopping: readonly { readonly code: string; readonly subject: string; readonly message: string }[]
      readonly warnings: number
      /** Findings that would have stopped the run, and who took them upon themselves; absent where there is none. */
      readonly waived?: readonly WaivedFinding[]
    }
  | { readonly type: 'approval-requested'; readonly batch: string; readonly role?: string }
  | { readonly type: 'approval-given'; readonly batch: string; readonly by: string; readonly reason?: string; readonly request: string }
  | { readonly type: 'batch-started'; readonly batch: string; readonly baseline: BatchBaseline }
  /** Durable before the effect. */
  | { readonly type: 'command-intended'; readonly command: Command }
  | { readonly type: 'command-answered'; readonly command: string; readonly result: CommandResult }
  /** The world shows the step done. */
  | { readonly type: 'step-done'; readonly step: string }
  /** A node could not be drained and stays as it is, within what the plan allows. */
  | { readonly type: 'node-skipped'; readonly step: string; readonly node: string; readonly because: string }
  /** EKS takes a control plane back until then and no longer. */
  | { readonly type: 'way-back-until'; readonly step: string; readonly until: Instant }
  | { readonly type: 'step-failed'; readonly step: string; readonly failure: Failure }
  | { readonly type: 'gate-judged'; readonly batch: string; readonly gate: string; readonly judgement: Judgement }
  /** The soak's clock: runs while all watched gates pass, stands otherwise. `passed` is the time counted so far. */
  | { readonly type: 'soak-clock'; readonly batch: string; readonly running: boolean; readonly passed: number }
  /** A probe pod has told what it can, for good. */
  | {
      readonly type: 'probe-reported'
      readonly batch: string
      readonly probe: string
      readonly report: ProbeReport
      /** The node of which it was to read the log. */
      readonly logOf?: string
    }
  | { readonly type: 'batch-passed'; readonly batch: string }
  /** The cluster was looked at when a batch failed: the known causes that show, likeliest first; `unread` when it could not be read. */
  | {
      readonly type: 'diagnosed'
      readonly batch: string
      readonly causes: readonly NotedCause[]
      readonly unread?: string
      readonly cure?: readonly Batch[]
      /** What the failure counts as by its cause, where the gate that noticed it cannot know. */
      readonly answeredAs?: Failure['cause']
      /** Why what failed is not cured, where the plan wants this gate's failures cured. */
      readonly uncured?: string
    }
  /** What failed is cured first, and then judged again. */
  | { readonly type: 'cure-started'; readonly batch: string; readonly batches: readonly Batch[] }
  | { readonly type: 'batch-failed'; readonly batch: string; readonly failure: Failure }
  | {
      readonly type: 'hold-entered'
      readonly because: string
      readonly resumeWith: string
      readonly cause: Failure['cause'] | 'asked' | 'approval' | 'until' | 'preflight' | 'grace' | 'window'
      readonly failure?: Failure
    }
  | {
      readonly type: 'hold-left'
      readonly by: string
      readonly door: 'resume' | 'accept' | 'approve' | 'rollback' | 'abandon'
      readonly reason?: string
    }
  /** A person repaired or took responsibility for a step or batch by hand. */
  | {
      readonly type: 'accepted-by-hand'
      readonly at: string
      readonly by: string
      readonly reason: string
      /** `at` is a batch, also where it has not begun; else a step of a batch that has begun, or `batch#gate`. */
      readonly batch?: true
    }
  /** A request of a person was seen in the open-run record. */
  | {
      readonly type: 'request-taken'
      readonly request: string
      readonly kind: string
      readonly by: string
      readonly reason?: string
      readonly refused?: string
    }
  /** A subscriber could not be told; only the host is named, since a webhook's path is often its secret. */
  | { readonly type: 'notification-failed'; readonly on: string; readonly reason: string }
  /** Waiting began because of throttling, capacity or missing evidence; judged against a budget. */
  | { readonly type: 'waiting-began'; readonly on: string; readonly because: string }
  | { readonly type: 'waiting-ended'; readonly on: string }
  /** Going back began; `batches` is the whole way, derived from what was really done. */
  | {
      readonly type: 'rollback-started'
      readonly failure: Failure
      readonly scope: 'everything' | 'failed-batch'
      readonly batches: readonly Batch[]
      readonly notBefore: Instant
    }
  | { readonly type: 'run-finished'; readonly outcome: Outcome }

export interface Outcome {
  /** A person ended the run where it stood. */
  readonly abandoned?: boolean
  readonly exit: ExitName
  readonly summary: string
  /** What was changed and stays, what was taken back, what was never touched, and what is to do by hand. */
  readonly changed: readonly string[]
  readonly takenBack: readonly string[]
  readonly untouched: readonly string[]
  readonly byHand: readonly string[]
}

/** A finding and the waiver that let it pass. */
export interface WaivedFinding {
  readonly code: string
  readonly subject: string
  readonly message: string
  readonly waiver: Waiver
}

/** One line of the journal. */
export interface JournalEntry {
  /** 1, 2, 3 … without gaps within a run. */
  readonly sequence: number
  readonly at: Instant
  readonly event: RunEvent
}
