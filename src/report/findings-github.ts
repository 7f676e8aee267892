import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, stops } from './findings.ts'

/** GitHub shows so many errors and so many warnings of a step, and drops the rest without a word. */
const MOST = 10

/**
 * Findings as GitHub's workflow commands, which it shows beside the plan: what stops the run as errors, the rest as warnings.
 * Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function findingsGithub(result: PreflightResult, file: string): string {
  const loud = inReadingOrder(result.findings).filter((finding) => finding.waivedBy === undefined && finding.verdict !== 'pass')
  const errors = loud.filter(stops)
  const warnings = loud.filter((finding) => !stops(finding))
  return [...annotations('error', errors, file), ...annotations('warning', warnings, file)].map((line) => `${line}\n`).join('')
}

function annotations(level: 'error' | 'warning', findings: readonly Finding[], file: string): readonly string[] {
  const shown = findings.length > MOST ? findings.slice(0, MOST - 1) : findings
  const lines = shown.map(({ code, subject, message, remedy }) => {
    const text = [`${subject}: ${message}`, remedy].filter(Boolean).join('\n')
    return `::${level} file=${property(file)},line=1,title=${property(code)}::${data(text)}`
  })
  if (shown.length === findings.length) return lines
  const more = `${findings.length - shown.length} more; the job's log and the JSON output have all of them.`
  return [...lines, `::${level} file=${property(file)},line=1,title=Serin::${data(more)}`]
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
