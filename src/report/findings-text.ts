import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, markOf, mendFirst, sinceSentence, stops, summaryOf, VERDICT_WORDS, waiverText } from './findings.ts'
import { count, hanging, listed, printable } from './layout.ts'
import { type Origin, originSentence, sandboxSentence } from './origin.ts'
import { arrow, bold, dim, mark, type Style } from './style.ts'

/**
 * Findings for a terminal: what stops the run first, each with its remedy. `brief` counts what passed, and tells of the warnings of one
 * code, and of what stops the run for one cause, the first in full and the others by subject: nobody scrolls back over ninety lines at night.
 */
export function findingsText(result: PreflightResult, origin: Origin, style: Style, brief = false): string {
  const sandbox = sandboxSentence(origin.sandbox)
  const head = [
    `${bold(style, `Pre-flight of plan ${origin.plan}: ${VERDICT_WORDS[result.verdict]}`)}`,
    dim(style, `${originSentence(origin)}`),
    ...(sandbox ? [dim(style, sandbox)] : []),
    '',
  ]
  const ordered = inReadingOrder(result.findings)
  const body = brief ? [...briefLines(ordered, style), ...passLines(ordered, style)] : ordered.flatMap((one) => findingLines(one, style))
  const since = sinceSentence(result)
  const tail = [
    ...goneLines(result, style),
    '',
    ...hanging('', `${VERDICT_WORDS[result.verdict]}: ${summaryOf(result.findings)}.`, style.columns),
    ...(since ? [`${since}.`] : []),
    '',
  ]
  return [...head, ...firstLines(ordered, style), ...body, ...tail].join('\n')
}

/** Where there is more to do than fits a glance, what to do first. */
function firstLines(findings: readonly Finding[], style: Style): readonly string[] {
  const first = mendFirst(findings)
  if (first.length === 0) return []
  const lines = first.flatMap(({ code, subject, remedy }, index) =>
    hanging(`  ${index + 1}. `, printable(`${code} on ${subject}${remedy ? `: ${remedy}` : ''}`), style.columns),
  )
  return [bold(style, 'Do first'), ...lines, '']
}

function goneLines({ since }: PreflightResult, style: Style): readonly string[] {
  return (since?.gone ?? []).flatMap(({ code, subject, verdict }) =>
    hanging(`  ${mark(style, 'pass', true)}  `, `gone: ${code} on ${printable(subject)} (was ${verdict})`, style.columns),
  )
}

function briefLines(findings: readonly Finding[], style: Style): readonly string[] {
  const told = findings.filter((finding) => markOf(finding) !== 'pass')
  return [...Map.groupBy(told, alikeKey).values()].flatMap((alike) => {
    const [first, ...others] = alike
    if (first === undefined) return []
    return others.length === 0 ? findingLines(first, style) : [...findingLines(first, style), ...likewiseLines(first, others, style)]
  })
}

/** Of what stops the run all are named. */
function likewiseLines(first: Finding, others: readonly Finding[], style: Style): readonly string[] {
  const names = others.map((one) => printable(first.verdict === 'unknown' ? one.code : one.subject))
  const unread = new Set(
    [first, ...others].flatMap(({ verdict, evidence = [] }) => (verdict === 'unknown' ? evidence.map(({ subject }) => subject) : [])),
  )
  const all = (many: readonly string[]) => listed(many, stops(first) ? many.length : undefined)
  return [
    ...hanging(INDENT, `likewise ${first.verdict === 'unknown' ? '' : 'on '}${all([...new Set(names)])}`, style.columns),
    ...(unread.size > 1 ? hanging(INDENT, `not read: ${printable(all([...unread]))}`, style.columns) : []),
  ]
}

/** Warnings of one code are told together; what stops the run, or could not be judged, where one remedy mends it all. */
function alikeKey(finding: Finding): string {
  const { code, subject, remedy = '' } = finding
  const mark = markOf(finding)
  if (mark === 'warn') return `warn ${code}`
  if (mark === 'block') return `block ${code} ${remedy}`
  return mark === 'unknown' ? `unknown ${stops(finding)} ${remedy}` : `${mark} ${code} ${subject}`
}

function passLines(findings: readonly Finding[], style: Style): readonly string[] {
  const codes = new Set(findings.filter((finding) => markOf(finding) === 'pass').map((finding) => finding.code))
  if (codes.size === 0) return []
  return hanging(
    `  ${mark(style, 'pass', true)}  `,
    `${count(codes.size, 'check')}; \`serin preflight --all\` says what each looked at`,
    style.columns,
  )
}

const INDENT = ' '.repeat('  x pending  '.length)

function findingLines(finding: Finding, style: Style): readonly string[] {
  const label = `  ${mark(style, markOf(finding), true)}  `
  const waiver = waiverText(finding)
  if (finding.verdict === 'pass') return hanging(label, `${finding.code}: ${printable(finding.message)}`, style.columns)
  return [
    ...hanging(label, `${finding.code} on ${printable(finding.subject)}`, style.columns),
    ...hanging(INDENT, printable(finding.message), style.columns),
    ...(finding.remedy && !finding.waivedBy ? hanging(`${INDENT}${arrow(style)} `, printable(finding.remedy), style.columns) : []),
    ...(waiver ? hanging(`${INDENT}${arrow(style)} `, waiver, style.columns) : []),
  ]
}
