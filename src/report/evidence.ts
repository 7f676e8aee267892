import { causeInBrief } from '../model/diagnosis.ts'
import type { Failure } from '../model/failure.ts'
import type { Evidence } from '../model/verdict.ts'
import { count, listed } from './layout.ts'

/**
 * What is said of many nodes or pods in like words is one line, with how many they are and the names of some:
 * `each of 300 pods (a, b, …): waits`. `known`: names that stand beside it already are not said again where they are just these.
 */
export function groupedEvidence(evidence: readonly Evidence[], ...known: readonly (readonly string[])[]): readonly string[] {
  return [...Map.groupBy(evidence, likeness).values()].map((alike) => {
    const words = [...new Set(alike.map(({ says }) => says))]
    const subjects = [...new Set(alike.map(({ subject }) => subject))]
    const [[first = '', ...others], [says]] = [subjects, words]
    if (others.length === 0) return `${first}: ${says}`
    const names = subjects.map((subject) => subject.slice(subject.indexOf('/') + 1))
    const isKnown = known.some((list) => list.length === names.length && names.every((name) => list.includes(name)))
    const whom = `each of ${count(names.length, first.slice(0, first.indexOf('/')).toLowerCase())}${isKnown ? '' : ` (${listed(names, 3)})`}`
    return words.length === 1 ? `${whom}: ${says}` : `${whom}: for example ${says}`
  })
}

/** How much of a sentence tells it from others: the ends of long ones are cut off at different words. */
const TELLING = 120

/** Names, ids and numbers do not make two sentences different ones; only nodes and pods are many. */
function likeness({ subject, says }: Evidence): string {
  const [, kind, name = ''] = /^(Node|Pod)\/(?:.*\/)?(.+)$/.exec(subject) ?? []
  if (kind === undefined) return `${subject}: ${says}`
  return `${kind} ${says
    .replaceAll(name, '')
    .replace(/"[^"]*"/g, '')
    .replace(/\b[0-9a-f]{8,}\b|[\d.:]+/g, '#')
    .slice(0, TELLING)}`
}

/** How many lines of evidence a report shows; the journal and the JSON form have all of them. */
const MOST = 12

/** What speaks for a failure, `Node/ip-10-0-1-7: waits for IPAM since 10:02 UTC`, bounded; the same is said once. */
export function evidenceLines(failure: Failure | undefined, most = MOST): readonly string[] {
  const lines = groupedEvidence(failure?.evidence ?? [])
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
