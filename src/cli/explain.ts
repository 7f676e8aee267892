import { ANSWERS } from '../catalog/answers.ts'
import { CHECKS } from '../catalog/checks/registry.ts'
import { GATES } from '../catalog/gates/registry.ts'
import { SIGNATURES } from '../catalog/signatures/registry.ts'
import { STEPS } from '../catalog/steps/registry.ts'
import { STRATEGIES } from '../catalog/strategies/registry.ts'
import { ERRORS, EXIT } from '../errors/catalogue.ts'
import { MESSAGES } from '../report/message.ts'
import { EXIT_MEANINGS } from './exit-codes.ts'

/** Something that can be explained: what it is, its lines, and where the rule comes from. */
export interface Topic {
  readonly code: string
  readonly kind: string
  readonly title: string
  readonly lines: readonly (readonly [label: string, text: string])[]
}

/** Every code that Serin prints, in the order of the registries. */
export function topics(): readonly Topic[] {
  return [
    ...checkTopics(),
    ...gateTopics(),
    ...strategyTopics(),
    ...stepTopics(),
    ...causeTopics(),
    ...signatureTopics(),
    ...errorTopics(),
    ...exitTopics(),
    ...eventTopics(),
  ]
}

/** The topic of a code, written as printed or in another case; an exit code may be given by number or name. */
export function topicOf(code: string): Topic | undefined {
  return topics().find((topic) => topic.code.toLowerCase() === code.toLowerCase())
}

function checkTopics(): readonly Topic[] {
  return CHECKS.map((check) => ({
    code: check.code,
    kind: check.severity === 'block' ? 'check, may block' : 'check, warns',
    title: check.title,
    lines: [
      ['What it prevents', check.prevents],
      ['What to do', check.remedy],
      ['Needs', check.needs.join(', ') || 'nothing beyond the plan'],
      ['Waivable', check.waivable ? 'yes' : 'no'],
      ['Source', check.source],
    ],
  }))
}

function gateTopics(): readonly Topic[] {
  return GATES.map((gate) => ({
    code: gate.kind,
    kind: 'gate',
    title: gate.summary,
    lines: [
      ['Passes', gate.rule.pass],
      ['Fails', gate.rule.fail],
      ['Unknown', gate.rule.unknown],
      ['Judges', gate.appliesTo.join(', ')],
      ['Source', gate.source],
    ],
  }))
}

function strategyTopics(): readonly Topic[] {
  return Object.values(STRATEGIES).map((strategy) => ({
    code: strategy.kind,
    kind: 'strategy',
    title: strategy.summary,
    lines: [
      ['Way back', strategy.rollback],
      ['Source', strategy.source],
    ],
  }))
}

function stepTopics(): readonly Topic[] {
  return Object.values(STEPS).map((step) => ({
    code: step.kind,
    kind: 'step',
    title: step.title,
    lines: [['Reversibility', step.reversibility]],
  }))
}

function causeTopics(): readonly Topic[] {
  return ANSWERS.map((answer) => ({
    code: answer.cause,
    kind: 'cause of a failure',
    title: answer.seen,
    lines: [
      ['Answer', answer.answer],
      ['Why', answer.why],
      ['What to do', answer.person],
    ],
  }))
}

function signatureTopics(): readonly Topic[] {
  return SIGNATURES.map(({ code, title, explains = [], needs, source }) => ({
    code,
    kind: 'signature of a network failure',
    title,
    lines: [
      ['Explains', explains.join(', ') || 'nothing else'],
      ['Needs', needs.join(', ')],
      ['Look for it', 'serin diagnose --snapshot FILE'],
      ['Source', source],
    ],
  }))
}

function errorTopics(): readonly Topic[] {
  return Object.entries(ERRORS).map(([code, row]) => ({
    code,
    kind: 'error',
    title: row.title,
    lines: [
      ['What to do', row.remedy],
      ['Exit code', `${EXIT[row.exit]} (${row.exit})`],
      ['The same call may succeed later', row.retryable ? 'yes' : 'no'],
    ],
  }))
}

function exitTopics(): readonly Topic[] {
  return EXIT_MEANINGS.flatMap(({ name, when, next }) => {
    const topic = { kind: 'exit code', title: when, lines: [['Exit code', `${EXIT[name]} (${name})`] as const, ['Next', next] as const] }
    return [
      { ...topic, code: String(EXIT[name]) },
      { ...topic, code: name },
    ]
  })
}

function eventTopics(): readonly Topic[] {
  return Object.entries(MESSAGES).map(([type, row]) => ({
    code: row.code,
    kind: 'event',
    title: `The event \`${type}\` of a run.`,
    lines: [['Format', 'serin schema events']],
  }))
}
