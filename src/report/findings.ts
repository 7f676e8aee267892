import { EXIT, type ExitCode } from '../errors/catalogue.ts'
import type { Finding, PreflightResult } from '../model/finding.ts'
import { count } from './layout.ts'
import type { MarkName } from './style.ts'

/** Findings in the order in which a person needs them: what stops the run first. */
export function inReadingOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .map((finding, index) => ({ finding, index, rank: rankOf(finding) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map((entry) => entry.finding)
}

/** Whether this finding keeps the run from starting. */
export function stops(finding: Finding): boolean {
  return !finding.waivedBy && (finding.verdict === 'block' || (finding.verdict === 'unknown' && finding.wouldBlock === true))
}

export const VERDICT_WORDS = { clear: 'clear', blocked: 'BLOCKED', inconclusive: 'INCONCLUSIVE' } as const

export function markOf(finding: Finding): MarkName {
  return finding.waivedBy ? 'waived' : finding.verdict
}

/** `2 blocking, 1 warning, 14 passed`. */
export function summaryOf(findings: readonly Finding[]): string {
  const number = (name: MarkName) => findings.filter((finding) => markOf(finding) === name).length
  const parts = [
    number('block') > 0 && `${number('block')} blocking`,
    number('unknown') > 0 && `${number('unknown')} unknown`,
    number('warn') > 0 && count(number('warn'), 'warning'),
    number('waived') > 0 && `${number('waived')} waived`,
    number('pass') > 0 && `${number('pass')} passed`,
  ].filter(Boolean)
  return parts.join(', ') || 'nothing was checked'
}

/** `Since 2026-11-23T10:00:05Z: 3 new or of another verdict, 2 gone, 30 as they were`, where the findings are only those. */
export function sinceSentence({ since, findings }: PreflightResult): string | undefined {
  if (since === undefined) return undefined
  return `Since ${since.evaluatedAt}: ${findings.length} new or of another verdict, ${since.gone.length} gone, ${since.same} as they were`
}

/** What a person mends first: of what stops the run, else of the rest, three; none where all fit a glance anyway. */
export function mendFirst(findings: readonly Finding[]): readonly Finding[] {
  const ordered = inReadingOrder(findings).filter((finding) => markOf(finding) !== 'pass' && !finding.waivedBy)
  if (ordered.length <= MEND_FIRST) return []
  const stopping = ordered.filter(stops)
  // Two findings about one thing are mended together, and so are two with one remedy.
  const firsts = firstOfEach(
    firstOfEach(stopping.length > 0 ? stopping : ordered, ({ subject }) => subject),
    ({ code, remedy = '' }) => `${code} ${remedy}`,
  )
  return firsts.length > 1 ? firsts.slice(0, MEND_FIRST) : []
}

const MEND_FIRST = 3

function firstOfEach(findings: readonly Finding[], key: (finding: Finding) => string): readonly Finding[] {
  return [...Map.groupBy(findings, key).values()].flatMap(([first]) => first ?? [])
}

/** Exit code of a pre-flight: 0 clear, 10 blocked, 11 inconclusive. */
export function preflightExit(result: PreflightResult): ExitCode {
  return result.verdict === 'clear' ? EXIT.ok : EXIT[result.verdict]
}

/** `waived by lena until 2027-01-31: moved by hand first`. */
export function waiverText(finding: Finding): string | undefined {
  const waiver = finding.waivedBy
  return waiver ? `waived by ${waiver.owner} until ${waiver.expires}: ${waiver.reason}` : undefined
}

function rankOf(finding: Finding): number {
  if (finding.waivedBy) return 4
  if (finding.verdict === 'block') return 0
  if (finding.verdict === 'unknown') return finding.wouldBlock ? 1 : 2
  return finding.verdict === 'warn' ? 3 : 5
}
