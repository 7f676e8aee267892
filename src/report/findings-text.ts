import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, markOf, summaryOf, waiverText } from './findings.ts'
import { hanging, printable } from './layout.ts'
import { type Origin, originSentence, sandboxSentence } from './origin.ts'
import { arrow, bold, dim, mark, type Style } from './style.ts'

const VERDICT = { clear: 'clear', blocked: 'BLOCKED', inconclusive: 'INCONCLUSIVE' } as const

/** Findings for a terminal: what stops the run first, each with its remedy. */
export function findingsText(result: PreflightResult, origin: Origin, style: Style): string {
  const sandbox = sandboxSentence(origin.sandbox)
  const head = [
    `${bold(style, `Pre-flight of plan ${origin.plan}: ${VERDICT[result.verdict]}`)}`,
    dim(style, `${originSentence(origin)}`),
    ...(sandbox ? [dim(style, sandbox)] : []),
    '',
  ]
  const body = inReadingOrder(result.findings).flatMap((finding) => findingLines(finding, style))
  return [...head, ...body, '', `${summaryOf(result.findings)}.`, ''].join('\n')
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
