import { causeInBrief } from '../model/diagnosis.ts'
import type { Failure } from '../model/failure.ts'
import { count, listed } from './layout.ts'

/** How many lines of evidence a report shows; the journal and the JSON form have all of them. */
const MOST = 12

/** What speaks for a failure, `Node/ip-10-0-1-7: waits for IPAM since 10:02 UTC`, bounded; the same is said once. */
export function evidenceLines(failure: Failure | undefined, most = MOST): readonly string[] {
  const lines = [...new Set((failure?.evidence ?? []).map(({ subject, says }) => `${subject}: ${says}`))]
  return lines.length <= most ? lines : [...lines.slice(0, most), `and ${lines.length - most} more`]
}

/** Nodes that had been changed when it was noticed. */
export function exposedLines(failure: Failure | undefined): readonly string[] {
  const { exposed = [] } = failure ?? {}
  return exposed.length === 0 ? [] : [`exposed before it was stopped: ${count(exposed.length, 'node')} (${listed(exposed)})`]
}

/** What a failure comes from, as far as it is known: each cause, what says so, and what to do about it. */
export function diagnosisLines(failure: Failure | undefined): readonly string[] {
  return (failure?.diagnosis ?? []).flatMap((cause) => {
    const [first] = cause.evidence
    const { text, commands } = cause.remedy
    return [
      causeInBrief(cause),
      ...(first === undefined ? [] : [`  for it speaks ${first.subject}: ${first.says}`]),
      `  what to do: ${text}`,
      ...commands.slice(0, 3).map((command) => `  ${command}`),
    ]
  })
}
