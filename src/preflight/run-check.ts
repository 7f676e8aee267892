import type { CheckDefinition, CheckFinding, CheckInput } from '../catalog/checks/definition.ts'
import type { Finding } from '../model/finding.ts'
import { type Gap, gapsIn } from './evidence.ts'

/**
 * What one check says, with code and remedy filled in. Never throws: a check that does becomes an unknown finding
 * that carries the error. Missing evidence is unknown, and a pass over partial evidence is unknown too.
 */
export function runCheck(check: CheckDefinition, input: CheckInput): readonly Finding[] {
  try {
    return statements(check, input).map((each) => complete(check, each))
  } catch (error) {
    const message = `The check itself failed: ${error instanceof Error ? error.message : String(error)}.`
    return [
      complete(check, { verdict: 'unknown', subject: subjectOf(input), message, remedy: 'This is a defect of Serin; please report it.' }),
    ]
  }
}

function statements(check: CheckDefinition, input: CheckInput): readonly CheckFinding[] {
  const reason = check.notApplicable?.(input)
  if (reason !== undefined) return [{ verdict: 'pass', subject: subjectOf(input), message: reason }]
  const gaps = gapsIn(input.snapshot, check.needs)
  const blind = gaps.filter((gap) => !gap.partial).map((gap) => unseen(gap, input))
  if (blind.length > 0) return blind
  const told = check.evaluate(input)
  if (gaps.length === 0) return told
  return [...told.filter((each) => each.verdict !== 'pass'), ...gaps.map((gap) => unseen(gap, input))]
}

function unseen({ unavailable, partial }: Gap, input: CheckInput): CheckFinding {
  const { source, reason, message } = unavailable
  const extent = partial ? 'was only partly readable' : 'could not be read'
  return {
    verdict: 'unknown',
    subject: subjectOf(input),
    message: `${source} ${extent}: ${reason}${message === undefined ? '' : ` (${message})`}. What was not seen is not judged.`,
    remedy: '`serin permissions --read` prints what is needed; then take the snapshot again.',
  }
}

function complete(check: CheckDefinition, found: CheckFinding): Finding {
  const remedy = found.verdict === 'pass' ? undefined : (found.remedy ?? check.remedy)
  return {
    ...found,
    code: check.code,
    ...(remedy !== undefined && { remedy }),
    ...(found.verdict === 'unknown' && { wouldBlock: check.severity === 'block' }),
  }
}

const subjectOf = ({ plan }: CheckInput) => `Cluster/${plan.cluster.name}`
