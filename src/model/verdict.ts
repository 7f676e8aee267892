/** What a gate or a check can say. A boolean gate lies whenever an API is down, so there are four values. */
export type Verdict = 'pass' | 'pending' | 'fail' | 'unknown'

const RANK: Record<Verdict, number> = { pass: 0, pending: 1, unknown: 2, fail: 3 }

/** The verdict of several: fail beats unknown beats pending beats pass. Nothing to judge is unknown, never a pass. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'unknown'
  return verdicts.reduce((a, b) => (RANK[b] > RANK[a] ? b : a))
}

/** One fact that speaks for a judgement: what was looked at, and what it said. */
export interface Evidence {
  /** For example `Node/ip-10-0-1-7.ec2.internal` or `Pod/kube-system/aws-node-x`. */
  readonly subject: string
  readonly says: string
}

/** A verdict with a reason that a person can act on. */
export interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
  readonly evidence: readonly Evidence[]
  /** Subjects the gate does not apply to, with the reason; printed, never judged. */
  readonly notApplicable?: readonly Evidence[]
}
