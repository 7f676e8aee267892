import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, stops, summaryOf, waiverText } from './findings.ts'
import { html } from './markdown.ts'

/** One case of a JUnit report. */
export interface JunitCase {
  readonly classname: string
  readonly name: string
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped'
  readonly message?: string
  /** Lines inside the case, below its message. */
  readonly details?: readonly string[]
  readonly seconds?: number
}

/** A JUnit report that GitHub, GitLab and Jenkins read. */
export function junit(suite: string, cases: readonly JunitCase[], about: string): string {
  const number = (outcome: JunitCase['outcome']) => cases.filter((one) => one.outcome === outcome).length
  const counts = `tests="${cases.length}" failures="${number('failure')}" errors="${number('error')}" skipped="${number('skipped')}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xml(suite)}" ${counts}>`,
    ...cases.map(caseLine),
    `    <system-out>${xml(about)}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function caseLine(one: JunitCase): string {
  const time = one.seconds === undefined ? '' : ` time="${one.seconds}"`
  const open = `    <testcase classname="${xml(one.classname)}" name="${xml(one.name)}"${time}`
  if (one.outcome === 'passed') return one.message ? `${open}><system-out>${xml(one.message)}</system-out></testcase>` : `${open}/>`
  const failed = `<${one.outcome} message="${xml(one.message ?? '')}"`
  const details = one.details?.length ? `>${html(one.details.join('\n'))}</${one.outcome}>` : '/>'
  return `${open}>${failed}${details}</testcase>`
}

/** A pre-flight as JUnit: what stops the run fails, what could not be read is an error, what is waived is skipped. */
export function findingsJunit(result: PreflightResult, plan: string): string {
  return junit(`serin preflight ${plan}`, inReadingOrder(result.findings).map(caseOf), `${result.verdict}: ${summaryOf(result.findings)}`)
}

function caseOf(finding: Finding): JunitCase {
  const message = [finding.message, waiverText(finding) ?? finding.remedy].filter(Boolean).join(' ')
  return { classname: `preflight.${finding.code}`, name: finding.subject, outcome: outcomeOf(finding), message }
}

function outcomeOf(finding: Finding): JunitCase['outcome'] {
  if (finding.waivedBy) return 'skipped'
  if (!stops(finding)) return 'passed'
  return finding.verdict === 'block' ? 'failure' : 'error'
}

function xml(text: string): string {
  return html(text).replace(/\n/g, '&#10;')
}
