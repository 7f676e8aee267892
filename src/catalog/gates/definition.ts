import type { z } from 'zod'
import type { FailureCause } from '../../model/failure.ts'
import type { AddressNeed } from '../../model/forecast.ts'
import type { Instant, Millis } from '../../model/instant.ts'
import type { Batch } from '../../model/itinerary.ts'
import type { OutsideReading, Question } from '../../model/outside.ts'
import type { ProbeSpec, ProbeState } from '../../model/probe.ts'
import type { NodeFacts, Seen, WorkloadFacts } from '../../model/seen.ts'
import type { ServiceFacts } from '../../model/service-facts.ts'
import type { Judgement } from '../../model/verdict.ts'
import type { KubernetesAccess } from '../knowledge/run-permissions.ts'

/** What a gate judges. Differential: subjects are the nodes this batch changed, controls are nodes the run has not touched. */
export interface GateInput<Options> {
  readonly options: Options
  readonly batch: Batch
  readonly seen: Seen
  readonly now: Instant
  /** When the batch's first command was accepted. */
  readonly actedAt: Instant
  /** When every step of the batch was done, or undefined while EKS still works on one. */
  readonly settledAt?: Instant
  readonly subjects: readonly NodeFacts[]
  readonly controls: readonly NodeFacts[]
  readonly baseline: BatchBaseline
  readonly probing: ProbingNow
  /** What the batches after this one take of subnets; none on the way back. Undefined where it is not known. */
  readonly ahead?: readonly { readonly title: string; readonly needs: readonly AddressNeed[] }[]
}

/** What was asked of the network from inside, for this batch. */
export interface ProbingNow {
  readonly run: string
  /** Counts how often the batch was begun anew: what was told before does not count any more. */
  readonly epoch: number
  /** The batch has passed: nothing more is found out, what was told still holds. */
  readonly over: boolean
  /** Whether the batch has changed anything yet. */
  readonly acted: boolean
  /** In the order in which they were asked for. */
  readonly probes: readonly ProbeState[]
}

/** Taken at the start of each batch. Small enough to stand in the journal. */
export interface BatchBaseline {
  readonly takenAt: Instant
  /** Nodes by name, with the restarts of their aws-node containers summed. */
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly uid: string
        readonly group?: string
        readonly ready: string
        readonly restarts: number
        readonly awsNodeReady: boolean
        readonly waiting: number
        readonly zone?: string
        /** It took no pods then. */
        readonly cordoned?: true
        /** Whether ipamd was in trouble by what it counts; absent where that was not asked. */
        readonly ipamdFails?: boolean
        readonly awsNodeUid?: string
        /** Absent where no kube-proxy pod stood. */
        readonly kubeProxy?: { readonly ready: boolean; readonly restarts: number }
      }
    >
  >
  /** Answers from outside, by question. */
  readonly outside?: Readonly<Record<string, OutsideReading>>
  /** Services with ready endpoints; absent in runs of before they were looked at. */
  readonly services?: Readonly<Record<string, Pick<ServiceFacts, 'ready' | 'nodes' | 'workloads'> & { readonly unlisted?: number }>>
  readonly workloads: Readonly<
    Record<string, Pick<WorkloadFacts, 'desired' | 'available' | 'generation' | 'restarts'> & { readonly nodes: readonly string[] }>
  >
}

export interface GateDefinition<Options = Record<string, never>> {
  /** As plans name it: `nodes-ready`. */
  readonly kind: string
  readonly summary: string
  /** What passes, fails, and stays unknown, for docs/gates.md. */
  readonly rule: { readonly pass: string; readonly fail: string; readonly unknown: string }
  readonly options: z.ZodType<Options>
  /** Phases whose batches it can judge; elsewhere the plan is refused. */
  readonly appliesTo: readonly ('addon' | 'control-plane' | 'nodes')[]
  /** Which cause a confirmed fail has. */
  readonly cause: 'addon-or-networking' | 'control-plane-fails' | 'workloads-fail' | 'nodes-never-join'
  /** Which cause an unknown of this gate has when it outlives its budget; undefined: the evidence is missing. */
  readonly lasting?: (input: GateInput<Options>) => FailureCause | undefined
  /** Whether it wants the addresses left in subnets to be of the last minute. */
  readonly readsSubnets?: true
  /** How long it wants to see everything well before it passes; absent: it passes at once. For forecasts. */
  readonly least?: Millis
  /** Whether it also fails where subnets have no address left: then nothing that was changed is to blame. */
  readonly failsWithoutAddresses?: (judgement: Judgement) => boolean
  /** Whether a single new node has to pass it before the next old one is drained, where Serin replaces nodes itself. */
  readonly provesNode?: true
  readonly source: string
  /** Absent where no picture of the cluster can answer: time and people are the rollout's to wait for. */
  readonly judge?: (input: GateInput<Options>) => Judgement
  /** Pods that it wants to be there now, to look at the network from inside; the rollout makes them, and removes those it does not want. */
  readonly probes?: (input: GateInput<Options>) => readonly ProbeSpec[]
  /** Nodes whose ipamd it wants asked what it counts; asked while its batch is current, from right before it begins. */
  readonly metricsOf?: (nodes: Pick<GateInput<unknown>, 'subjects' | 'controls'>) => readonly NodeFacts[]
  /** What it asks of the cluster that a snapshot does not show to be allowed; asked about before the run. */
  readonly access?: (options: Options) => readonly KubernetesAccess[]
  /** What it wants to know from outside; asked while its batch is current, from right before it begins. */
  readonly questions?: (options: Options) => readonly Question[]
  /** Why the batch should not act yet, or undefined. */
  readonly first?: (input: GateInput<Options>) => string | undefined
}
