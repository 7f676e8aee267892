import type { Finding, PreflightResult } from '../model/finding.ts'

/**
 * Only what changed against an earlier result: findings that are new or have another verdict, and those that are gone.
 * The verdict stays that of all findings: nothing becomes clear by being known already. Messages are not compared; ages and
 * counts in them change by themselves.
 */
export function changedSince(result: PreflightResult, earlier: PreflightResult): PreflightResult {
  const before = new Map(earlier.findings.map((finding) => [keyOf(finding), finding]))
  const now = new Set(result.findings.map(keyOf))
  const findings = result.findings.filter((finding) => stateOf(before.get(keyOf(finding))) !== stateOf(finding))
  const gone = earlier.findings.filter((finding) => finding.verdict !== 'pass' && !now.has(keyOf(finding)))
  return { ...result, findings, since: { evaluatedAt: earlier.evaluatedAt, same: result.findings.length - findings.length, gone } }
}

function keyOf({ code, subject }: Finding): string {
  return `${code} ${subject}`
}

function stateOf(finding: Finding | undefined): string {
  return finding === undefined ? '' : `${finding.verdict} ${finding.waivedBy !== undefined}`
}
