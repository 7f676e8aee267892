import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, markOf, summaryOf, waiverText } from './findings.ts'
import { hanging, printable } from './layout.ts'
import { type Origin, originSentence, sandboxSentence } from './origin.ts'
import { arrow, bold, dim, mark, type Style } from './style.ts'

const VERDICT = { clear: 'clear', blocked: 'BLOCKED', inconclusive: 'INCONCLUSIVE' } as const

/** Findings for a terminal: what stops the run first, each with its remedy. `brief` names what passed by code alone. */
export function findingsText(result: PreflightResult, origin: Origin, style: Style, brief = false): string {
  const sandbox = sandboxSentence(origin.sandbox)
  const head = [
    `${bold(style, `Pre-flight of plan ${origin.plan}: ${VERDICT[result.verdict]}`)}`,
    dim(style, `${originSentence(origin)}`),
    ...(sandbox ? [dim(style, sandbox)] : []),
    '',
  ]
  const shown = inReadingOrder(result.findings).filter((finding) => !brief || markOf(finding) !== 'pass')
  const body = [...shown.flatMap((finding) => findingLines(finding, style)), ...(brief ? passLines(result.findings, style) : [])]
  return [...head, ...body, '', `${summaryOf(result.findings)}.`, ''].join('\n')
}

function passLines(findings: readonly Finding[], style: Style): readonly string[] {
  const codes = new Set(findings.filter((finding) => markOf(finding) === 'pass').map((finding) => finding.code))
  return codes.size === 0 ? [] : hanging(`  ${mark(style, 'pass', true)}  `, [...codes].join(', '), style.columns)
}

function findingLines(finding: Finding, style: Style): readonly string[] {
  const label = `  ${mark(style, markOf(finding), true)}  `
  const indent = ' '.repeat('  x pending  '.length)
  const waiver = waiverText(finding)
  if (finding.verdict === 'pass') return hanging(label, `${finding.code}: ${printable(finding.message)}`, style.columns)
  return [
    ...hanging(label, `${finding.code} on ${printable(finding.subject)}`, style.columns),
    ...hanging(indent, printable(finding.message), style.columns),
    ...(finding.remedy && !finding.waivedBy ? hanging(`${indent}${arrow(style)} `, printable(finding.remedy), style.columns) : []),
    ...(waiver ? hanging(`${indent}${arrow(style)} `, waiver, style.columns) : []),
  ]
}
