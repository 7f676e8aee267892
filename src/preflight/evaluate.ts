import type { CheckDefinition, CheckInput } from '../catalog/checks/definition.ts'
import { runForecast } from '../catalog/checks/reading/run-forecast.ts'
import { CHECKS } from '../catalog/checks/registry.ts'
import type { Finding, PreflightResult } from '../model/finding.ts'
import { iso } from '../model/instant.ts'
import type { UpgradePlan } from '../model/plan.ts'
import { runCheck } from './run-check.ts'
import { applyWaivers } from './waivers.ts'

export interface PreflightInput extends Omit<CheckInput, 'options'> {
  /** The checks to run; by default all of the catalog. */
  readonly checks?: readonly CheckDefinition[]
}

/**
 * Runs every check and says what follows. Pure; the time is `now`.
 * Findings are sorted by how much they matter, then in the order of the checks, then by subject.
 */
export function evaluatePreflight({ checks = CHECKS, ...input }: PreflightInput): PreflightResult {
  const { snapshot, plan, intent, now } = input
  const raised = raisedBy(plan)
  const found = checks.flatMap((check) => runCheck(check, { ...input, options: {} })).map(raised)
  const endsAt = plan.waivers.length === 0 ? now : now + runForecast(snapshot, plan, intent).takes.p90
  const findings = applyWaivers(found, plan.waivers, checks, { now, endsAt }).map((each) => (found.includes(each) ? each : raised(each)))
  return { evaluatedAt: iso(input.now), findings: sorted(findings, checks), verdict: verdictOf(findings) }
}

/** Warnings that the plan wants to stop the run, and gaps in what they are judged by. Nothing is ever lowered. */
function raisedBy({ severities = {} }: UpgradePlan): (finding: Finding) => Finding {
  return (finding) => {
    if (severities[finding.code] !== 'block' || finding.waivedBy !== undefined) return finding
    if (finding.verdict === 'warn') return { ...finding, verdict: 'block', message: `${finding.message} The plan takes it for blocking.` }
    return finding.verdict === 'unknown' ? { ...finding, wouldBlock: true } : finding
  }
}

/** Blocked beats inconclusive: what is known to be wrong can be mended before what is not known can be read. */
function verdictOf(findings: readonly Finding[]): PreflightResult['verdict'] {
  if (findings.some(stops)) return 'blocked'
  return findings.some(leavesOpen) ? 'inconclusive' : 'clear'
}

const stops = (finding: Finding) => finding.verdict === 'block' && finding.waivedBy === undefined
const leavesOpen = (finding: Finding) => finding.verdict === 'unknown' && finding.wouldBlock === true && finding.waivedBy === undefined

/** Blocking first, passes last; what was waived stands between warnings and passes. */
function weight(finding: Finding): number {
  if (stops(finding)) return 0
  if (leavesOpen(finding)) return 1
  if (finding.waivedBy) return 4
  if (finding.verdict === 'pass') return 5
  return finding.verdict === 'unknown' ? 2 : 3
}

function sorted(findings: readonly Finding[], checks: readonly CheckDefinition[]): readonly Finding[] {
  const codes = checks.map((check) => check.code)
  const order = (finding: Finding) => (codes.includes(finding.code) ? codes.indexOf(finding.code) : codes.length)
  return [...findings].sort((a, b) => weight(a) - weight(b) || order(a) - order(b) || compareText(a.subject, b.subject))
}

/** By code unit, so that every machine sorts alike. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
