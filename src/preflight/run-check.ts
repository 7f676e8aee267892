import type { CheckDefinition, CheckFinding, CheckInput } from '../catalog/checks/definition.ts'
import type { Finding } from '../model/finding.ts'
import type { Intent } from '../model/intent.ts'
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
  const read = new Set<IntentPart>()
  const watched = { ...input, intent: watch(input.intent, read) }
  const reason = check.notApplicable?.(watched)
  const told = reason === undefined ? judged(check, watched) : [{ verdict: 'pass' as const, subject: subjectOf(input), message: reason }]
  return withoutBlindPasses(told, gapsIn(input.snapshot, needsBehind(read, input)), input)
}

function judged(check: CheckDefinition, input: CheckInput): readonly CheckFinding[] {
  const gaps = gapsIn(input.snapshot, check.needs)
  const blind = gaps.filter((gap) => !gap.partial)
  return blind.length > 0 ? unseen(blind, input) : withoutBlindPasses(check.evaluate(input), gaps, input)
}

/** What was found stands; that nothing was found says nothing where not all was seen. */
function withoutBlindPasses(told: readonly CheckFinding[], gaps: readonly Gap[], input: CheckInput): readonly CheckFinding[] {
  if (gaps.length === 0) return told
  const found = told.filter(({ verdict }) => verdict !== 'pass')
  const said = new Set(found.map(({ message }) => message))
  return [...found, ...unseen(gaps, input).filter(({ message }) => !said.has(message))]
}

/** What a run moves is known only as far as it could be read: a check that looks there has the same gaps. */
type IntentPart = 'groups' | 'addons'

function watch(intent: Intent, read: Set<IntentPart>): Intent {
  const { groups, addons, ...rest } = intent
  return {
    ...rest,
    get groups() {
      read.add('groups')
      return groups
    },
    get addons() {
      read.add('addons')
      return addons
    },
  }
}

function needsBehind(read: ReadonlySet<IntentPart>, { plan }: CheckInput): readonly string[] {
  const ofGroups = read.has('groups') && (plan.canary !== undefined || plan.waves.length > 0)
  const ofAddons = read.has('addons') && plan.target.addons.length > 0
  return [...(ofGroups ? ['eks:DescribeNodegroup'] : []), ...(ofAddons ? ['eks:ListAddons', 'eks:DescribeAddonVersions'] : [])]
}

/** The parts of a snapshot behind what the run moves, as far as a check looks at that. */
export function behindIntent(check: CheckDefinition, input: CheckInput): readonly string[] {
  const read = new Set<IntentPart>()
  const watched = { ...input, intent: watch(input.intent, read) }
  if (check.notApplicable?.(watched) === undefined) check.evaluate(watched)
  return needsBehind(read, input)
}

/** What could not be read for one reason is told together. */
function unseen(gaps: readonly Gap[], input: CheckInput): readonly CheckFinding[] {
  return [...Map.groupBy(gaps, ({ unavailable: { reason }, partial }) => `${reason} ${partial}`).values()].map((all) =>
    unseenTogether(all, input),
  )
}

function unseenTogether(gaps: readonly Gap[], input: CheckInput): CheckFinding {
  const [first] = gaps
  const sources = [...new Set(gaps.map(({ unavailable: { source } }) => source))]
  const { reason = '', message, mayPass } = first?.unavailable ?? {}
  const extent = first?.partial === true ? 'only partly readable' : 'not readable'
  return {
    verdict: 'unknown',
    subject: subjectOf(input),
    message: `${sources.join(', ')} ${sources.length === 1 ? 'was' : 'were'} ${extent}: ${reason}${message === undefined ? '' : ` (${message})`}. What was not seen is not judged.`,
    evidence: sources.map((source) => ({ subject: source, says: reason })),
    remedy:
      mayPass === true
        ? 'Take the snapshot again: this passes by itself as a rule.'
        : 'Take the snapshot again, with the permissions that `serin permissions --read` prints.',
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
