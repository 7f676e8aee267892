import type { Allocation } from './allocation.ts'
import type { FailureCause } from './failure.ts'
import type { Evidence } from './verdict.ts'

/** How sure a diagnosis is, in the word that people are shown; the number beside it is calibrated (docs/diagnosis.md). */
export type Likelihood = 'certain' | 'likely' | 'possible'

/** What cures a cause. */
export interface Remedy {
  /** `automatic`: safe to do unattended within a plan. `person`: needs a change of IAM, VPC, policy or configuration. */
  readonly disposition: 'automatic' | 'person'
  readonly text: string
  /** To type, in this order. */
  readonly commands: readonly string[]
  /** What `serin remediate` would do about it, where it can. */
  readonly cure?: Cure
  /** Why that would not help yet: what a person has to do first. */
  readonly blockedUntil?: string
}

/** `rotate-nodes`: new nodes in the place of the failing ones. `recreate-pods`: stuck pods are made anew by their owners. */
export type Cure = 'rotate-nodes' | 'recreate-pods'

/** One cause with what speaks for it and against it. */
export interface Diagnosis {
  /** `F05`, `P01`: of the catalogue of signatures. */
  readonly code: string
  readonly title: string
  /** 0 to 1: the share of diagnoses as strong as this one that were right on worlds nobody had looked at. */
  readonly confidence: number
  readonly likelihood: Likelihood
  readonly nodes: readonly string[]
  /** `namespace/name`. */
  readonly pods: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly against: readonly Evidence[]
  readonly remedy: Remedy
  /** How far it reaches: nodes and pods that show it, of how many, and what is yet to be met. */
  readonly blast: string
  /** The code of the cause that this follows from, when another explains it. */
  readonly explainedBy?: string
  /** What a failure of a run counts as that comes from this, where its gate cannot know. */
  readonly answeredAs?: FailureCause
  readonly source: string
}

/** Everything that a snapshot tells about what is wrong with the network of a cluster. */
export interface DiagnosisReport {
  readonly capturedAt: string
  readonly cluster: string
  /** Best first: causes before what follows from them. */
  readonly diagnoses: readonly Diagnosis[]
  /** How far each pod that waits for an address came; `pod` is `namespace/name`. */
  readonly allocations: readonly (Allocation & { readonly pod: string })[]
  /** What was considered besides, and what speaks against it. */
  readonly considered: readonly { readonly code: string; readonly title: string; readonly because: string }[]
  /** What is wrong and has no cause in the catalogue. */
  readonly unclassified: readonly Evidence[]
  /** What to read next to be surer; commands among it. */
  readonly collect: readonly string[]
  /** Parts of the cluster that could not be read, and so speak neither for nor against anything. */
  readonly unread: readonly string[]
}

/** A cause as the journal keeps it: bounded, since the record of a run must stay small. */
export interface NotedCause extends Pick<Diagnosis, 'code' | 'title' | 'confidence' | 'likelihood' | 'blast' | 'remedy'> {
  readonly nodes: readonly string[]
  readonly pods: readonly string[]
  readonly evidence: readonly Evidence[]
}

const MOST_NAMES = 20
const MOST_EVIDENCE = 5
const MOST_CAUSES = 3

/** The causes of a report in brief: the likeliest three, without what only follows from them. */
export function notedCauses({ diagnoses }: Pick<DiagnosisReport, 'diagnoses'>): readonly NotedCause[] {
  const causes = diagnoses.filter(({ explainedBy }) => explainedBy === undefined).slice(0, MOST_CAUSES)
  return causes.map(({ code, title, confidence, likelihood, blast, remedy, nodes, pods, evidence }) => ({
    code,
    title,
    confidence,
    likelihood,
    blast,
    remedy,
    nodes: nodes.slice(0, MOST_NAMES),
    pods: pods.slice(0, MOST_NAMES),
    evidence: evidence.slice(0, MOST_EVIDENCE),
  }))
}

/** `F05, certain: kube-proxy on the node … (3 of 9 nodes)`: for a line among others. */
export function causeInBrief({ code, likelihood, title, blast }: NotedCause): string {
  return `${code}, ${likelihood}: ${title} (${blast})`
}
