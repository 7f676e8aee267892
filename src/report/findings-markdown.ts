import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, markOf, mendFirst, sinceSentence, stops, summaryOf, waiverText } from './findings.ts'
import { code, fitted, folded, markdownTable, plain } from './markdown.ts'
import { type Origin, originSentence, sandboxSentence } from './origin.ts'
import { mark, PLAIN } from './style.ts'

const PORTION = 25

/** Findings for a pull-request comment: the verdict first, what passed folded away. */
export function findingsMarkdown(result: PreflightResult, origin: Origin): string {
  const ordered = inReadingOrder(result.findings)
  const passed = ordered.filter((finding) => markOf(finding) === 'pass')
  const rest = ordered.filter((finding) => markOf(finding) !== 'pass')
  return fitted(
    [headOf(result, origin), ...firstPart(rest), ...inPortions(rest).map(tableOf), ...gonePart(result), ...foldedPasses(passed)],
    'the JSON output has all findings.',
  )
}

function headOf(result: PreflightResult, origin: Origin): string {
  const sandbox = sandboxSentence(origin.sandbox)
  const lines = [`## Pre-flight of \`${origin.plan}\`: ${result.verdict}`, '', `${summaryOf(result.findings)}; ${originSentence(origin)}.`]
  const since = sinceSentence(result)
  return [...lines, ...(since ? ['', `${since}.`] : []), ...(sandbox ? ['', `**${sandbox}**`] : [])].join('\n')
}

function firstPart(rest: readonly Finding[]): readonly string[] {
  const first = mendFirst(rest)
  if (first.length === 0) return []
  const rows = first.map(
    ({ code: name, subject, remedy = '' }, index) => `${index + 1}. ${code(name)} on ${plain(subject)}: ${plain(remedy)}`,
  )
  return [['**Do first**', '', ...rows].join('\n')]
}

function gonePart({ since }: PreflightResult): readonly string[] {
  const gone = since?.gone ?? []
  if (gone.length === 0) return []
  const rows = gone.map((finding) => [code(finding.code), plain(finding.subject), finding.verdict])
  return [folded(`${gone.length} gone`, markdownTable(['Check', 'Subject', 'Was'], rows))]
}

/** The findings alone, in parts that a longer comment is made of: what did not pass, folded unless it stops the run. */
export function findingsParts(result: PreflightResult): readonly string[] {
  const rest = inReadingOrder(result.findings).filter((finding) => markOf(finding) !== 'pass')
  return inPortions(rest).map((portion, index) => {
    const loud = portion.some(stops)
    const from = index * PORTION + 1
    const title = `Findings ${from} to ${from + portion.length - 1} of ${rest.length}`
    return loud ? `### ${title}\n\n${tableOf(portion)}` : folded(title, tableOf(portion))
  })
}

/** Tables of bounded size, so that a long list is cut between findings and not as a whole. */
function inPortions(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const portions = Math.ceil(findings.length / PORTION)
  return Array.from({ length: portions }, (_, index) => findings.slice(index * PORTION, (index + 1) * PORTION))
}

function tableOf(findings: readonly Finding[]): string {
  return markdownTable(['Verdict', 'Check', 'Subject', 'What', 'What to do'], findings.map(rowOf))
}

function rowOf(finding: Finding): readonly string[] {
  return [
    mark(PLAIN, markOf(finding)),
    code(finding.code),
    plain(finding.subject),
    plain(finding.message),
    plain(waiverText(finding) ?? finding.remedy ?? ''),
  ]
}

function foldedPasses(passed: readonly Finding[]): readonly string[] {
  if (passed.length === 0) return []
  const rows = passed.map((finding) => [code(finding.code), plain(finding.message)])
  return [folded(`${passed.length} passed`, markdownTable(['Check', 'What was looked at'], rows))]
}
