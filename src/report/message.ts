import { EXIT } from '../errors/catalogue.ts'
import type { RunEvent, WaivedFinding } from '../journal/event.ts'
import type { CommandResult } from '../model/command.ts'
import { causeInBrief, type NotedCause } from '../model/diagnosis.ts'
import type { Failure } from '../model/failure.ts'
import { formatDuration, iso } from '../model/instant.ts'
import type { ProbeReport } from '../model/probe.ts'
import type { Verdict } from '../model/verdict.ts'
import { actionWords } from './action-words.ts'
import { count, listed } from './layout.ts'

/** Everything a run can say. Codes and event members are stable; the sentences are for people and may change. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

/** What the ids of a run are called by people. */
export interface Names {
  /** `app 1/2` for `wave/app/1`. */
  readonly batch: (id: string) => string
  /** `app 1/2 (wave/app/1)`: the id is what `serin accept --step` takes. */
  readonly batchWithId: (id: string) => string
  /** `app 1/2: app-a` for `wave/app/1/app-a`. */
  readonly step: (id: string) => string
  /** `app 1/2` for its step `wave/app/1/app-a`. */
  readonly batchOf: (step: string) => string
  /** The step of a command. */
  readonly command: (id: string) => string
  /** ` after 12m40s` once a batch or step began, or nothing. */
  readonly after: (id: string) => string
}

/** Where nothing but the event is known, ids stand for themselves. */
const IDS: Names = {
  batch: (id) => id,
  batchWithId: (id) => id,
  step: (id) => id,
  batchOf: (id) => id,
  command: (id) => id,
  after: () => '',
}

interface MessageRow<E extends RunEvent> {
  readonly code: string
  readonly level: Level | ((event: E) => Level)
  readonly says: (event: E, names: Names) => string
}

type Registry = { readonly [T in RunEvent['type']]: MessageRow<Extract<RunEvent, { type: T }>> }

export const MESSAGES: Registry = {
  'run-opened': {
    code: 'RUN_OPENED',
    level: 'info',
    says: (e) => `Run ${e.run} of plan ${e.plan} on cluster ${e.cluster} was opened by ${e.by}.`,
  },
  'run-resumed': {
    code: 'RUN_RESUMED',
    level: 'info',
    says: (e) => `The run was resumed by ${e.by}${e.imported === undefined ? '' : ', from the record in the cluster'}.`,
  },
  'lease-taken': {
    code: 'LEASE_TAKEN',
    level: 'debug',
    says: (e) => `${e.identity} holds the Lease (transition ${e.transitions}).`,
  },
  'preflight-evaluated': {
    code: 'PREFLIGHT_EVALUATED',
    level: (e) => (e.verdict === 'clear' ? 'info' : 'error'),
    says: (e) => preflightSentence(e.verdict, e.stopping, e.warnings, e.waived),
  },
  'approval-requested': {
    code: 'APPROVAL_REQUESTED',
    level: 'warn',
    says: (e, names) => `${names.batchWithId(e.batch)} waits for a yes${e.role ? ` of ${e.role}` : ''}: \`serin approve\`.`,
  },
  'approval-given': {
    code: 'APPROVAL_GIVEN',
    level: 'info',
    says: (e, names) => `${names.batch(e.batch)} was approved by ${e.by}${reason(e.reason)}.`,
  },
  'batch-started': {
    code: 'BATCH_STARTED',
    level: 'info',
    says: (e, names) =>
      `${names.batchWithId(e.batch)} begins; a baseline of ${count(Object.keys(e.baseline.nodes).length, 'node')} was taken.`,
  },
  'command-intended': {
    code: 'COMMAND_INTENDED',
    level: ({ command: { action } }) => (action.kind === 'create-probe' || action.kind === 'remove-probe' ? 'debug' : 'info'),
    says: (e, names) => `${names.batchOf(e.command.step)}: ${actionWords(e.command.action)}.`,
  },
  'command-answered': {
    code: 'COMMAND_ANSWERED',
    level: (e) => (isQuiet(e.result) ? 'debug' : e.result.kind === 'refused' ? 'error' : 'warn'),
    says: (e, names) => `${names.command(e.command)} ${answerSentence(e.result)}.`,
  },
  'step-done': { code: 'STEP_DONE', level: 'info', says: (e, names) => `${names.step(e.step)} is done${names.after(e.step)}.` },
  'node-skipped': {
    code: 'NODE_SKIPPED',
    level: 'warn',
    says: (e, names) => `${names.step(e.step)}: ${e.node} cannot be drained and stays as it is: ${sentence(e.because)}`,
  },
  'way-back-until': {
    code: 'WAY_BACK_UNTIL',
    level: 'info',
    says: (e, names) => `${names.step(e.step)} can be taken back until ${iso(e.until)}.`,
  },
  'step-failed': { code: 'STEP_FAILED', level: 'error', says: (e, names) => `${names.step(e.step)} failed: ${failureSentence(e.failure)}` },
  'gate-judged': {
    code: 'GATE_JUDGED',
    level: (e) => (e.judgement.verdict === 'fail' ? 'error' : e.judgement.verdict === 'unknown' ? 'warn' : 'info'),
    says: (e, names) => `${names.batch(e.batch)}: gate ${e.gate} ${VERBS[e.judgement.verdict]}: ${e.judgement.reason}`,
  },
  'soak-clock': {
    code: 'SOAK_CLOCK',
    level: (e) => (e.running ? 'info' : 'debug'),
    says: (e, names) =>
      `${names.batch(e.batch)}: the soak clock ${e.running ? 'runs' : 'stands'}, ${formatDuration(e.passed)} seen passing.`,
  },
  diagnosed: {
    code: 'DIAGNOSED',
    level: 'warn',
    says: (e, names) =>
      `${names.batch(e.batch)}: ${diagnosedSentence(e.causes, e.unread)}${e.uncured === undefined ? '' : ` It is not cured: ${sentence(e.uncured)}`}`,
  },
  'probe-reported': {
    code: 'PROBE_REPORTED',
    level: ({ logOf, report }) => (logOf === undefined ? 'debug' : report.kind === 'told' ? 'info' : 'warn'),
    says: ({ batch, probe, logOf, report }, names) =>
      `${names.batch(batch)}: ${logOf === undefined ? `probe ${probe} ${probeSentence(report)}` : logSentence(logOf, report)}.`,
  },
  'cure-started': {
    code: 'CURE_STARTED',
    level: 'warn',
    says: (e, names) =>
      `${names.batch(e.batch)} is cured first, within the plan's bounds: ${e.batches.flatMap(({ steps }) => steps.map(({ title }) => title)).join('; ')}.`,
  },
  'batch-passed': { code: 'BATCH_PASSED', level: 'info', says: (e, names) => `${names.batch(e.batch)} passed${names.after(e.batch)}.` },
  'batch-failed': {
    code: 'BATCH_FAILED',
    level: 'error',
    says: (e, names) => `${names.batchWithId(e.batch)} failed${names.after(e.batch)}: ${failureSentence(e.failure)}`,
  },
  'hold-entered': {
    code: 'HOLD_ENTERED',
    level: 'warn',
    says: (e) => `The run holds: ${sentence(e.because)} What to do: ${e.resumeWith}`,
  },
  'hold-left': { code: 'HOLD_LEFT', level: 'info', says: (e) => `${e.by} left the hold by ${e.door}${reason(e.reason)}.` },
  'accepted-by-hand': {
    code: 'ACCEPTED_BY_HAND',
    level: 'warn',
    says: (e, names) => `${e.by} took responsibility for ${names.batchWithId(e.at)}${reason(e.reason)}.`,
  },
  'request-taken': {
    code: 'REQUEST_TAKEN',
    level: 'info',
    says: (e) =>
      e.refused === undefined
        ? `The request "${e.kind}" of ${e.by} was taken up${reason(e.reason)}.`
        : `The request "${e.kind}" of ${e.by} has no effect: ${sentence(e.refused)}`,
  },
  'notification-failed': {
    code: 'NOTIFICATION_FAILED',
    level: 'warn',
    says: (e) => `A subscriber could not be told that the run was ${e.on}: ${sentence(e.reason)}`,
  },
  'waiting-began': { code: 'WAITING_BEGAN', level: 'warn', says: (e, names) => `${waitName(e.on, names)} waits: ${sentence(e.because)}` },
  'waiting-ended': { code: 'WAITING_ENDED', level: 'info', says: (e, names) => `${waitName(e.on, names)} no longer waits.` },
  'rollback-started': {
    code: 'ROLLBACK_STARTED',
    level: 'error',
    says: rollbackSentence,
  },
  'run-finished': {
    code: 'RUN_FINISHED',
    level: (e) => (e.outcome.exit === 'ok' ? 'info' : 'error'),
    says: (e) => `The run ended (exit ${EXIT[e.outcome.exit]}): ${sentence(e.outcome.summary)}`,
  },
}

/** What goes its way, or is only asked again by itself, is no news. */
function isQuiet({ kind }: CommandResult): boolean {
  return kind === 'accepted' || kind === 'moot' || kind === 'held'
}

export interface Message {
  readonly code: string
  readonly level: Level
  readonly text: string
}

const VERBS: Record<Verdict, string> = { pass: 'passes', fail: 'fails', pending: 'is pending', unknown: 'is unknown' }

/** What an event says, as one plain sentence. */
export function messageOf(event: RunEvent, names: Names = IDS): Message {
  const row = MESSAGES[event.type] as MessageRow<RunEvent>
  return { code: row.code, level: typeof row.level === 'function' ? row.level(event) : row.level, text: row.says(event, names) }
}

/** What the signatures made of a failure. */
function diagnosedSentence(causes: readonly NotedCause[], unread?: string): string {
  if (unread !== undefined) return `why could not be looked at: ${sentence(unread)}`
  const [first, ...others] = causes
  if (first === undefined) return 'no known cause shows. `serin diagnose` says what to read next.'
  const besides = others.length === 0 ? '' : ` Also possible: ${others.map(({ code, title }) => `${code} (${title})`).join('; ')}.`
  return `the likeliest cause is ${causeInBrief(first)}.${besides}`
}

function probeSentence(report: ProbeReport): string {
  if (report.kind !== 'told') return `${report.kind === 'no-address' ? 'failed' : 'could tell nothing'}: ${report.says.replace(/\.$/, '')}`
  const bad = report.results.filter(({ outcome }) => outcome !== 'works')
  return bad.length === 0 ? 'found nothing wrong' : `found fault with ${listed(bad.map(({ says }) => says))}`
}

function logSentence(node: string, report: ProbeReport): string {
  return report.kind === 'told'
    ? `ipamd.log of ${node} was read`
    : `ipamd.log of ${node} could not be read, so what it says is unknown: ${report.says.replace(/\.$/, '')}`
}

export function failureSentence(failure: Failure): string {
  const nodes = failure.nodes.length > 0 ? ` Nodes: ${listed(failure.nodes)}.` : ''
  return `${failure.message.replace(/\.$/, '')} (${failure.cause}).${nodes}`
}

function preflightSentence(
  verdict: 'clear' | 'blocked' | 'inconclusive',
  stopping: readonly { readonly code: string; readonly subject: string }[],
  warnings: number,
  waived: readonly WaivedFinding[] = [],
): string {
  const uses = waived.map(({ code, subject, waiver }) => `${code} on ${subject} by ${waiver.owner}`)
  const tail = `${warnings > 0 ? `, ${count(warnings, 'warning')}` : ''}${uses.length > 0 ? `; waived: ${listed(uses)}` : ''}`
  if (verdict === 'clear') return `Pre-flight is clear${tail}.`
  const names = listed(stopping.map((finding) => `${finding.code} on ${finding.subject}`))
  return `Pre-flight is ${verdict}: ${names}${tail}.`
}

/** Waits are named after what waits: `gates/canary/1`, or a thing of its own such as `throttling`. */
function waitName(on: string, names: Names): string {
  if (on.startsWith('gates/')) return names.batch(on.slice('gates/'.length))
  return on.startsWith('steps/') ? names.step(on.slice('steps/'.length)) : `The run (${on})`
}

const REFUSALS = {
  held: 'stays for now',
  deferred: 'has to wait, EKS is busy with something else',
  unsettled: 'got no clear answer and is looked for before it is sent again',
  refused: 'was refused',
} as const

function answerSentence(result: CommandResult): string {
  if (result.kind === 'moot' && result.unwanted === true) return 'is given up: the world is no longer as it was when it was meant'
  if (result.kind === 'moot' && result.unbegun === true) return 'was looked for and has begun nothing: it is not sent as it stands'
  if (result.kind === 'moot') return 'is no longer needed: the world already is as it wants'
  if (result.kind !== 'accepted') return `${REFUSALS[result.kind]} (${result.code}): ${result.message.replace(/\.$/, '')}`
  const update = result.updateId ? `, update ${result.updateId}` : ''
  return result.found ? `had been accepted before${update}` : `was accepted${update}`
}

function rollbackSentence(event: Extract<RunEvent, { type: 'rollback-started' }>, names: Names): string {
  const what = event.scope === 'everything' ? 'Everything' : 'The failed batch'
  const batches = count(event.batches.length, 'batch')
  return `${what} is taken back in ${batches}, not before ${iso(event.notBefore).slice(11, 19)} UTC, because of ${event.failure.cause} at ${names.batch(event.failure.at)}.`
}

function reason(text: string | undefined): string {
  return text ? `, because: ${text.replace(/\.$/, '')}` : ''
}

/** A text that ends like a sentence. */
export function sentence(text: string): string {
  return /[.!?`]$/.test(text) ? text : `${text}.`
}
