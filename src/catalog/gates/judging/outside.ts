import { keyOf, type OutsideReading, type Question } from '../../../model/outside.ts'
import { redactText } from '../../../model/secret-text.ts'
import { type Evidence, type Judgement, type Verdict, worst } from '../../../model/verdict.ts'
import type { GateInput } from '../definition.ts'
import { clockTime } from './words.ts'

/** What a gate makes of an answer from outside: its verdict, with the words that people read. */
export interface Said {
  readonly verdict: Verdict
  readonly says: string
}

type Answered = Exclude<OutsideReading, 'nobody' | { trouble: string }>

/** The answer of what says its verdict itself. */
export function verdictSaid({ answer }: Answered): Said {
  return answer.kind === 'verdict' ? answer : { verdict: 'unknown', says: 'it answered no verdict' }
}

/** The judgement of an answer from outside that is about one thing. */
export function judgeOutside(
  input: GateInput<unknown>,
  question: Question,
  read: (reading: Answered) => Said,
  measuredOnly = false,
): Judgement {
  return judgeEach(input, question, [{ subject: nameOf(question), read }], measuredOnly)
}

/** One of the things that an answer is about. */
export interface Asked {
  readonly subject: string
  readonly read: (reading: Answered) => Said
}

/** The judgement of an answer from outside about several things, each judged for itself: the worst of them counts, and is named. */
export function judgeEach(input: GateInput<unknown>, question: Question, asked: readonly Asked[], measuredOnly: boolean): Judgement {
  const judged = asked.map((each) => judgeOne(input, question, each, measuredOnly))
  const verdict = worst(judged.map((each) => each.verdict))
  const telling = judged.filter((each) => each.verdict === verdict).map(({ reason }) => reason)
  return { verdict, reason: [...new Set(telling)].join('; '), evidence: judged.flatMap(({ evidence }) => evidence) }
}

/**
 * What failed already before the batch changed anything is not the batch's doing, and what was not known then cannot be compared:
 * both are unknown, which holds and takes nothing back. On the way back it is what goes back for: it fails at first, and may recover
 * minutes later, so it stops nothing that it does not get worse by.
 */
function judgeOne(input: GateInput<unknown>, question: Question, { subject, read }: Asked, measuredOnly: boolean): Judgement {
  const { seen, baseline, settledAt } = input
  const now = saidBy(seen.outside?.[keyOf(question)], read)
  const before = saidBy(baseline.outside?.[keyOf(question)], read)
  const evidence: readonly Evidence[] = [{ subject, says: now.says }]
  if (now.nobody) return { verdict: settledAt === undefined ? 'pending' : 'pass', reason: now.says, evidence }
  if (measuredOnly)
    return {
      verdict: settledAt === undefined ? 'pending' : 'pass',
      reason: `measured, not enforced: ${now.verdict}, ${now.says}`,
      evidence,
    }
  if (now.verdict === 'pass' && settledAt === undefined)
    return { verdict: 'pending', reason: `EKS still works on it; so far: ${now.says}`, evidence }
  if (now.verdict !== 'fail') return { verdict: now.verdict, reason: now.says, evidence }
  if (before.verdict === 'fail' && input.batch.phase === 'back')
    return {
      verdict: settledAt === undefined ? 'pending' : 'pass',
      reason: `${now.says}; but so it was before this step of the way back, which made nothing worse`,
      evidence,
    }
  if (before.verdict === 'fail')
    return { verdict: 'unknown', reason: `${now.says}; but so it was before the batch began${asBefore(now.says, before.says)}`, evidence }
  if (before.verdict === 'unknown')
    return { verdict: 'unknown', reason: `${now.says}; how it was before the batch began is not known (${before.says})`, evidence }
  return { verdict: 'fail', reason: `${now.says}; before the batch began: ${before.says}`, evidence }
}

function asBefore(now: string, before: string): string {
  return now === before ? '' : ` (${before})`
}

function saidBy(reading: OutsideReading | undefined, read: Asked['read']): Said & { readonly nobody?: true } {
  if (reading === undefined) return { verdict: 'unknown', says: 'it has not been asked yet' }
  if (reading === 'nobody') return { verdict: 'pass', says: 'a rehearsal asks nobody outside, and takes it to pass', nobody: true }
  if ('trouble' in reading) return { verdict: 'unknown', says: `no answer since ${clockTime(reading.at)}: ${reading.trouble}` }
  return read(reading)
}

function nameOf(question: Question): string {
  if (question.kind === 'alarms') return `Alarms ${question.names.join(', ')}`
  return redactText(question.kind === 'command' ? `Command ${question.command[0]}` : `${question.kind} ${question.url}`)
}
