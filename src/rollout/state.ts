import type { BatchBaseline } from '../catalog/gates/definition.ts'
import type { StepMemory } from '../catalog/steps/definition.ts'
import type { Outcome } from '../journal/event.ts'
import type { Command, CommandResult } from '../model/command.ts'
import type { Failure } from '../model/failure.ts'
import type { Instant } from '../model/instant.ts'
import type { Batch } from '../model/itinerary.ts'
import type { ProbeReport } from '../model/probe.ts'
import type { Judgement } from '../model/verdict.ts'

/** What became true in a run: the fold of its journal. Plain JSON, nested by batch and step. */
export interface RunState {
  readonly run: string
  readonly digest: string
  readonly openedAt: Instant
  readonly openedBy: string
  /** Last pre-flight, or undefined when it has to be evaluated (again). */
  readonly preflight?: {
    readonly at: Instant
    readonly verdict: 'clear' | 'blocked' | 'inconclusive'
    readonly stopping: readonly { code: string; subject: string; message: string }[]
  }
  readonly batches: Readonly<Record<string, BatchState>>
  readonly back?: {
    readonly failure: Failure
    readonly scope: 'everything' | 'failed-batch'
    readonly batches: readonly Batch[]
    readonly notBefore: Instant
  }
  /** By the batch whose failure they answer: what failed last, and the batches that cure it, of all rounds. */
  readonly cures?: Readonly<Record<string, { readonly failure: Failure; readonly batches: readonly Batch[] }>>
  readonly hold?: {
    readonly because: string
    readonly resumeWith: string
    readonly cause: string
    readonly at: Instant
    readonly failure?: Failure
  }
  /** When a hold was last left. */
  readonly resumedAt?: Instant
  /** When a process last took the run up; absent for the one that opened it. */
  readonly drivenSince?: Instant
  /** A hold, an abandon or a rollback that a person asked for and that has not taken effect yet. */
  readonly asked?: { readonly kind: 'hold' | 'rollback' | 'abandon'; readonly by: string; readonly reason?: string }
  readonly requestsTaken: readonly string[]
  /** What is being waited for, by name, since when. */
  readonly waits: Readonly<Record<string, { readonly since: Instant; readonly because: string }>>
  readonly outcome?: Outcome
  /** Every taking of the Lease for this run, oldest first: whose work this state knows. */
  readonly drivers?: readonly string[]
}

export interface BatchState {
  readonly startedAt?: Instant
  readonly baseline?: BatchBaseline
  readonly approval?: { readonly by: string; readonly at: Instant; readonly reason?: string }
  readonly approvalRequestedAt?: Instant
  readonly steps: Readonly<Record<string, StepState>>
  readonly gates: Readonly<Record<string, Judgement & { readonly since: Instant }>>
  readonly soak: { readonly passed: number; readonly runningSince?: Instant }
  /** Gates that a person took responsibility for, with who and why. */
  readonly overridden?: Readonly<Record<string, { readonly by: string; readonly reason: string }>>
  /** What probes told, by name. */
  readonly probes?: Readonly<Record<string, ProbeReport>>
  /** How often the batch was begun anew after a hold. */
  readonly epoch?: number
  readonly status: 'waiting' | 'running' | 'passed' | 'failed' | 'accepted'
  readonly failure?: Failure
}

export interface StepState {
  readonly commands: readonly CommandState[]
  readonly acceptedAt?: Instant
  /** A command of this step was accepted at some attempt: there is something to gate and to take back. */
  readonly acted?: boolean
  readonly updateId?: string
  /** Updates of earlier attempts, so that none of them is taken for that of a later one. */
  readonly earlierUpdates?: readonly string[]
  readonly doneAt?: Instant
  readonly failure?: Failure
  /** Until when what it did can be taken back, where that ends. */
  readonly wayBackUntil?: Instant
  /** Of a step that Serin drives node by node: what it did, in little; its commands are forgotten once they are settled. */
  readonly memory?: StepMemory
  /** Commands intended so far, where settled ones are forgotten: their ids count on. */
  readonly intended?: number
  /** How often commands of it were intended since it was begun or resumed, and when last. */
  readonly rounds?: { readonly count: number; readonly at: Instant }
  /** How often the step was begun; a retry after a hold counts up, so that ids differ. */
  readonly attempt: number
}

export interface CommandState {
  readonly command: Command
  readonly intendedAt: Instant
  readonly answeredAt?: Instant
  readonly result?: CommandResult
}

/** Since when the run goes on without having stood still, on hold or with no process that drives it. */
export function goesOnSince({ resumedAt = 0, drivenSince = 0 }: Pick<RunState, 'resumedAt' | 'drivenSince'>): Instant {
  return Math.max(resumedAt, drivenSince)
}

/** Updates that EKS accepted for the commands of a step, in its present attempt. */
export function updatesOf(step: StepState): readonly string[] {
  return step.commands.flatMap(({ result }) => (result?.kind === 'accepted' && result.updateId !== undefined ? [result.updateId] : []))
}

/** A batch that nothing has happened to. */
export const WAITING: BatchState = { steps: {}, gates: {}, soak: { passed: 0 }, status: 'waiting' }
/** A step that nothing has happened to. */
export const UNTOUCHED: StepState = { commands: [], attempt: 1 }
