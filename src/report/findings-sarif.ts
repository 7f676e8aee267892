import { CHECKS } from '../catalog/checks/registry.ts'
import type { Finding, PreflightResult } from '../model/finding.ts'
import { inReadingOrder, stops, waiverText } from './findings.ts'
import { jsonText } from './json.ts'
import type { Origin } from './origin.ts'

/**
 * Findings as SARIF 2.1.0, which code scanning shows beside the plan. What could not be read and would block is an error too,
 * since nobody may take it for a pass; what is waived is suppressed with its reason. Source: SARIF 2.1.0, OASIS, sections 3.27 and 3.35.
 * @param file the plan's path as the repository has it
 */
export function findingsSarif(result: PreflightResult, origin: Origin, file: string, tool: string): string {
  const [name = tool, version = ''] = tool.split(/[ /@]/)
  const codes = [...new Set(result.findings.map(({ code }) => code))]
  const driver = { name, version, rules: codes.map(ruleOf) }
  const { plan, cluster, region, capturedAt, sandbox } = origin
  return jsonText({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        results: inReadingOrder(result.findings).map((finding) => resultOf(finding, codes, file)),
        properties: { plan, cluster, region, capturedAt, sandbox, verdict: result.verdict },
      },
    ],
  })
}

function ruleOf(code: string): object {
  const check = CHECKS.find((candidate) => candidate.code === code)
  if (check === undefined) return { id: code }
  const { title, prevents, remedy, source } = check
  return { id: code, shortDescription: { text: title }, fullDescription: { text: prevents }, help: { text: remedy }, helpUri: source }
}

function resultOf(finding: Finding, codes: readonly string[], file: string): object {
  const { code, subject, message, remedy } = finding
  const reason = waiverText(finding)
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    ...weightOf(finding),
    message: { text: [`${subject}: ${message}`, reason === undefined ? remedy : undefined].filter(Boolean).join(' ') },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: subject }],
      },
    ],
    partialFingerprints: { 'codeAndSubject/v1': `${code} ${subject}` },
    ...(reason !== undefined && { suppressions: [{ kind: 'external', justification: reason }] }),
  }
}

/** A level other than `none` belongs to kind `fail` alone. */
function weightOf(finding: Finding): object {
  if (finding.verdict === 'pass') return { kind: 'pass', level: 'none' }
  if (finding.verdict === 'unknown' && finding.wouldBlock !== true) return { kind: 'open', level: 'none' }
  return { kind: 'fail', level: finding.verdict === 'block' || stops(finding) || finding.verdict === 'unknown' ? 'error' : 'warning' }
}
