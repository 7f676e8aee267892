import type { Seen } from '../../../model/seen.ts'
import type { Evidence, Judgement } from '../../../model/verdict.ts'
import { worst } from '../../../model/verdict.ts'
import type { GateInput } from '../definition.ts'
import type { Control, Item } from './item.ts'
import { clockTime, count, names } from './words.ts'

/** What a gate has found about its subjects and controls. */
export interface Findings {
  readonly items: readonly Item[]
  readonly controls: readonly Control[]
  /** How the subjects' predecessors stood when the batch began, for want of controls. */
  readonly before: { readonly total: number; readonly failing: number }
  readonly notApplicable: readonly Evidence[]
  /** `node`, `workload` */
  readonly noun: string
  /** The reason when every item passes: `aws-node runs on all 3 nodes`. */
  readonly passed: string
  /** The reason when there is nothing to judge. */
  readonly nothing: string
}

/**
 * The verdict of a gate. Fail only where what the batch changed fails and what the run has not touched does not;
 * where both fail, or nothing can be compared, the answer is unknown, which holds and takes nothing back.
 * While EKS still works on the batch nothing passes yet.
 */
export function conclude(input: Pick<GateInput<unknown>, 'settledAt' | 'batch'>, findings: Findings): Judgement {
  const { items, notApplicable } = findings
  const settled = input.settledAt !== undefined
  const left = notApplicable.length > 0 ? { notApplicable } : {}
  if (items.length === 0) return { ...nothingToJudge(settled, findings.nothing), ...left }
  const verdict = worst(items.map((item) => item.verdict))
  if (verdict === 'fail') return { ...differ(findings), ...left }
  if (verdict === 'pass') return { ...passed(settled, findings), ...left }
  return { verdict, reason: sentenceOf(items, verdict), evidence: evidenceOf(items, verdict), ...left }
}

function nothingToJudge(settled: boolean, nothing: string): Judgement {
  if (settled) return { verdict: 'unknown', reason: nothing, evidence: [] }
  return { verdict: 'pending', reason: `EKS still works on it; so far: ${nothing}`, evidence: [] }
}

function passed(settled: boolean, { items, passed: reason }: Findings): Judgement {
  const evidence = evidenceOf(items, 'pass')
  if (settled) return { verdict: 'pass', reason, evidence }
  return { verdict: 'pending', reason: `EKS still works on it; so far: ${reason}`, evidence }
}

/** Subjects fail: whether what was changed is the difference. */
function differ(findings: Findings): Judgement {
  const { items, controls, noun } = findings
  const sentence = sentenceOf(items, 'fail')
  const suspects = items.filter((item) => item.suspect === true && item.verdict === 'pending')
  const evidence = [...evidenceOf(items, 'fail'), ...suspects.map(({ subject, says }) => ({ subject, says }))]
  const failing = controls.filter((control) => control.state === 'fails').map((control) => control.name)
  const fine = controls.filter((control) => control.state === 'fine').length
  if (failing.length > 0) {
    const reason = `${sentence}; but so ${failing.length === 1 ? 'does' : 'do'} ${names(failing)}, which this run has not touched: look for what they share`
    return { verdict: 'unknown', reason, evidence: [...evidence, ...failing.map((name) => untouched(noun, name))] }
  }
  if (fine > 0)
    return { verdict: 'fail', reason: `${sentence}; ${count(fine, `untouched ${noun}`)} ${fine === 1 ? 'is' : 'are'} healthy`, evidence }
  if (controls.length > 0) return { verdict: 'unknown', reason: `${sentence}; no untouched ${noun} can be read to compare with`, evidence }
  return againstBefore(findings, sentence, evidence)
}

/** Evidence about controls never looks like evidence about a subject: who reads the failing nodes must not find healthy ones. */
function untouched(noun: string, name: string): Evidence {
  return { subject: `Untouched ${noun} ${name}`, says: 'fails too' }
}

function againstBefore({ items, before, noun }: Findings, sentence: string, evidence: readonly Evidence[]): Judgement {
  const failing = items.filter((item) => item.verdict === 'fail').length
  const stood = `${before.total - before.failing} of ${count(before.total, noun)} ${before.total === 1 ? 'was' : 'were'} healthy when the batch began`
  if (before.total === 0)
    return { verdict: 'unknown', reason: `${sentence}; no untouched ${noun} and no baseline is there to compare with`, evidence }
  if (failing * before.total > before.failing * items.length)
    return { verdict: 'fail', reason: `${sentence}; no untouched ${noun} is left to compare with, but ${stood}`, evidence }
  return { verdict: 'unknown', reason: `${sentence}; but only ${stood}, so it is not worse than before`, evidence }
}

function sentenceOf(items: readonly Item[], verdict: Item['verdict']): string {
  const [first, ...others] = items.filter((item) => item.verdict === verdict)
  const beside = others.map((item) => item.name)
  return `${first?.sentence ?? ''}${beside.length === 0 ? '' : ` (likewise ${names(beside)})`}`
}

function evidenceOf(items: readonly Item[], verdict: Item['verdict']): readonly Evidence[] {
  return items.filter((item) => item.verdict === verdict).map(({ subject, says }) => ({ subject, says }))
}

/** The judgement when a part of the picture that the gate needs could not be read; undefined when all of it could. */
export function gapJudgement(seen: Seen, needs: readonly string[]): Judgement | undefined {
  const gap = gapIn(seen, needs)
  if (gap === undefined) return undefined
  const reason = `${gap.source} cannot be read since ${clockTime(gap.since)} (${gap.reason}); what was read before is not judged`
  return { verdict: 'unknown', reason, evidence: [{ subject: gap.source, says: gap.reason }] }
}

export function gapIn(seen: Seen, needs: readonly string[]): Seen['unavailable'][number] | undefined {
  return seen.unavailable.find((gap) => needs.includes(gap.source))
}
