import { answerTo } from '../catalog/answers.ts'
import type { ExitName } from '../errors/catalogue.ts'
import type { JournalEntry, Outcome, WaivedFinding } from '../journal/event.ts'
import type { Failure } from '../model/failure.ts'
import type { Instant, Millis } from '../model/instant.ts'
import type { Batch, Itinerary, Step } from '../model/itinerary.ts'
import type { Judgement } from '../model/verdict.ts'
import { evolve } from '../rollout/evolve.ts'
import type { BatchState, RunState, StepState } from '../rollout/state.ts'
import { hasActed } from '../rollout/subjects.ts'
import { deadlineLines } from './deadlines.ts'
import { diagnosisLines, evidenceLines, exposedLines } from './evidence.ts'
import { originOf } from './itinerary-words.ts'
import { adviceOf, nextCommands } from './next.ts'
import type { Origin } from './origin.ts'
import { type WriteBack, writeBack } from './write-back.ts'

/** What happened in a run, told from its journal: the one source of every report of a run. */
export interface RunReport {
  readonly run: string
  readonly origin: Origin
  readonly digest: string
  readonly openedBy: string
  readonly openedAt?: Instant
  readonly lastAt?: Instant
  /** Absent while the run is open and nobody is asked. */
  readonly exit?: ExitName
  readonly summary: string
  /** What a held run asks of a person, in words. */
  readonly advice?: string
  readonly batches: readonly BatchReport[]
  readonly wayBack: readonly BatchReport[]
  /** When it stood still and waited for somebody. */
  readonly holds: readonly { readonly from: Instant; readonly to?: Instant; readonly because: string }[]
  readonly failure?: Failure
  /** What speaks for the failure: which node says what, which budget holds which pod; bounded. */
  readonly evidence: readonly string[]
  /** Known causes of the failure, the likeliest first, with what to do about each. */
  readonly diagnosis: readonly string[]
  /** Nodes that showed the failure. */
  readonly hangingNodes: readonly string[]
  readonly decisions: readonly { readonly at: Instant; readonly who: string; readonly what: string; readonly reason?: string }[]
  /** Findings that were waived, each once, with when that was used first. */
  readonly waived: readonly (WaivedFinding & { readonly at: Instant })[]
  readonly changed: readonly string[]
  readonly takenBack: readonly string[]
  readonly untouched: readonly string[]
  readonly byHand: readonly string[]
  /** What is to be written back to Terraform, CloudFormation or eksctl. */
  readonly writeBack: WriteBack
  /** Until when what was done can be taken back, where that ends: the control plane's 7 days. */
  readonly deadlines: readonly string[]
  /** What to type next. */
  readonly next: readonly string[]
  /** Of a rehearsal: faults of its scenarios that met nothing, so that it has shown nothing about them. */
  readonly unmet?: readonly string[]
}

export interface BatchReport {
  readonly id: string
  readonly title: string
  readonly phase: Batch['phase']
  readonly status: 'not begun' | 'running' | 'held' | 'not finished' | 'passed' | 'failed' | 'accepted by hand'
  readonly startedAt?: Instant
  /** When its last step was done; its gates and its soak follow. */
  readonly movedAt?: Instant
  readonly endedAt?: Instant
  /** What nine of ten were forecast to take at most, gates and soak included. */
  readonly forecast?: Millis
  readonly steps: readonly { readonly id: string; readonly title: string; readonly status: 'not begun' | 'begun' | 'done' | 'failed' }[]
  readonly gates: readonly { readonly gate: string; readonly judgement: Judgement }[]
  readonly soak?: number
  readonly failure?: Failure
}

/** How a drive ended that left the run open. */
export interface Rest {
  readonly exit: ExitName
  readonly because: string
  readonly resumeWith: string
}

/**
 * The report of a run. Pure: the same journal gives the same report.
 * @param state the fold of the journal, or what the record in the cluster says where there is no journal here.
 * @param rested why a drive came to rest without an end, where the state does not say: an approval, a window, a signal.
 */
export function runReport(itinerary: Itinerary, state: RunState, journal: readonly JournalEntry[] = [], rested?: Rest): RunReport {
  const { back, hold } = state
  const rest = rested ?? awaitedYes(itinerary, state)
  const resumeWith = rest?.resumeWith ?? hold?.resumeWith
  const forecasts = new Map((itinerary.forecast.run?.stages ?? []).map(({ id, steps, gates, soak }) => [id, steps.p90 + gates + soak]))
  const batches = itinerary.batches
    .flatMap((batch) => [...(state.cures?.[batch.id]?.batches ?? []), batch])
    .map((batch) => ({ ...batchReport(batch, state, journal), forecast: forecasts.get(batch.id) }))
  const wayBack = (back?.batches ?? []).map((batch) => batchReport(batch, state, journal))
  const failure = back?.failure ?? hold?.failure ?? batches.find((batch) => batch.failure)?.failure
  const report = {
    run: state.run,
    origin: originOf(itinerary),
    digest: itinerary.digest,
    openedBy: state.openedBy,
    openedAt: state.openedAt,
    lastAt: journal.at(-1)?.at,
    ...endingOf(state, batches, itinerary),
    ...(rest && { exit: rest.exit, summary: rest.because }),
    advice: adviceOf(resumeWith) ?? (state.outcome && adviceOn(failure)),
    batches,
    wayBack,
    holds: holdsIn(journal),
    failure,
    evidence: [...exposedLines(failure), ...evidenceLines(failure)],
    diagnosis: diagnosisLines(failure),
    hangingNodes: hangingNodes(batches, failure),
    decisions: decisionsOf(journal),
    waived: waivedIn(journal),
  }
  const done = [...stepsThatStand(itinerary.batches, batches, state), ...stepsThatStand(back?.batches ?? [], wayBack, state)]
  const reached = (...of: readonly BatchReport['status'][]) => batches.find(({ status }) => of.includes(status))?.id
  const at = failure?.at ?? reached('held', 'running') ?? reached('not begun')
  const unknown = hold?.failure === undefined ? [] : gatesUnknown(state, hold.failure.at)
  const next = nextCommands({ run: report.run, exit: report.exit, plan: itinerary.source.file, at, unknown }, resumeWith)
  return { ...report, writeBack: writeBack(itinerary, done, state.outcome === undefined), deadlines: deadlineLines(itinerary, state), next }
}

function gatesUnknown({ batches }: RunState, batch: string): readonly string[] {
  return Object.entries(batches[batch]?.gates ?? {}).flatMap(([gate, { verdict }]) => (verdict === 'unknown' ? [gate] : []))
}

/** What the person on call is asked to do about what failed; nothing where a person asked for it. */
function adviceOn(failure: Failure | undefined): string | undefined {
  return failure === undefined || failure.cause === 'asked' ? undefined : answerTo(failure.cause).person
}

/** A run that waits for a yes has no driver and no hold: it says so itself. */
function awaitedYes({ batches }: Itinerary, { batches: states, hold, outcome }: RunState): Rest | undefined {
  if (hold || outcome) return undefined
  const waiting = batches.find(({ id }) => states[id]?.approvalRequestedAt !== undefined && states[id]?.approval === undefined)
  if (waiting === undefined) return undefined
  const who = waiting.approval !== false && waiting.approval.role ? ` of ${waiting.approval.role}` : ''
  return { exit: 'held', because: `${waiting.title} waits for a yes${who}`, resumeWith: 'serin approve, then serin resume' }
}

/** The state that a journal adds up to, or undefined when it is empty. */
export function stateOf(journal: readonly JournalEntry[]): RunState | undefined {
  return journal.reduce<RunState | undefined>((state, { event, at }) => evolve(state, event, at), undefined)
}

/**
 * Steps whose effect stands, unless a later one took it back: what was done, and once the run goes back also what acted
 * without being seen done, since it stands wherever its way back did not pass.
 */
function stepsThatStand(batches: readonly Batch[], reports: readonly BatchReport[], state: RunState): readonly Step[] {
  const done = new Set(reports.flatMap((batch) => batch.steps.filter((step) => step.status === 'done').map((step) => step.id)))
  const acted = (batch: Batch, step: Step) => state.back !== undefined && batch.phase !== 'back' && hasActed(state, batch.id, step.id)
  return batches.flatMap((batch) => batch.steps.filter((step) => done.has(step.id) || acted(batch, step)))
}

function batchReport(batch: Batch, state: RunState, journal: readonly JournalEntry[]): BatchReport {
  const own = state.batches[batch.id]
  const ended = journal.filter(({ event }) => (event.type === 'batch-passed' || event.type === 'batch-failed') && event.batch === batch.id)
  return {
    id: batch.id,
    title: batch.title,
    phase: batch.phase,
    status: statusOf(own, state),
    startedAt: own?.startedAt,
    movedAt: movedAt(batch, own),
    endedAt: ended.at(-1)?.at,
    steps: batch.steps.map((step) => ({ id: step.id, title: step.title, status: stepStatus(own?.steps[step.id]) })),
    gates: Object.entries(own?.gates ?? {}).map(([gate, judgement]) => ({ gate, judgement })),
    soak: own?.soak.passed,
    failure: own?.failure,
  }
}

/** Undefined while a step is not done. */
function movedAt({ steps }: Batch, own: BatchState | undefined): Instant | undefined {
  const done = steps.map(({ id }) => own?.steps[id]?.doneAt)
  return done.every((at) => at !== undefined) && done.length > 0 ? Math.max(...done) : undefined
}

function holdsIn(journal: readonly JournalEntry[]): RunReport['holds'] {
  const ends = journal.filter(
    ({ event }) => event.type === 'hold-left' || event.type === 'rollback-started' || event.type === 'run-finished',
  )
  return journal.flatMap(({ at, event, sequence }) =>
    event.type === 'hold-entered' ? [{ from: at, to: ends.find((end) => end.sequence > sequence)?.at, because: event.because }] : [],
  )
}

function statusOf(own: BatchState | undefined, { hold, outcome }: RunState): BatchReport['status'] {
  if (own?.status !== 'running') return STATUS[own?.status ?? 'waiting']
  return hold ? 'held' : outcome ? 'not finished' : 'running'
}

const STATUS: Record<BatchState['status'], BatchReport['status']> = {
  waiting: 'not begun',
  running: 'running',
  passed: 'passed',
  failed: 'failed',
  accepted: 'accepted by hand',
}

function stepStatus(step: StepState | undefined): BatchReport['steps'][number]['status'] {
  if (step?.doneAt !== undefined) return 'done'
  if (step?.failure) return 'failed'
  // A step that is tried again has no command yet, and may have changed something the first time.
  return step && (step.acted === true || step.commands.length > 0) ? 'begun' : 'not begun'
}

function hangingNodes(batches: readonly BatchReport[], failure: Failure | undefined): readonly string[] {
  const named = [...(failure?.nodes ?? []), ...batches.flatMap((batch) => batch.failure?.nodes ?? [])]
  return [...new Set(named)].sort()
}

function decisionsOf(journal: readonly JournalEntry[]): RunReport['decisions'] {
  return journal.flatMap(({ at, event }) => {
    if (event.type === 'approval-given') return [{ at, who: event.by, what: `approved ${event.batch}`, reason: event.reason }]
    if (event.type === 'accepted-by-hand') return [{ at, who: event.by, what: `accepted ${event.at}`, reason: event.reason }]
    if (event.type === 'hold-left') return [{ at, who: event.by, what: `left the hold by ${event.door}`, reason: event.reason }]
    if (event.type === 'request-taken') return [{ at, who: event.by, what: `asked to ${event.kind}`, reason: event.reason }]
    return []
  })
}

function waivedIn(journal: readonly JournalEntry[]): RunReport['waived'] {
  const uses = journal.flatMap(({ at, event }) =>
    event.type === 'preflight-evaluated' ? (event.waived ?? []).map((use) => ({ ...use, at })) : [],
  )
  const firsts = Map.groupBy(uses, ({ code, subject, waiver }) => [code, subject, waiver.owner].join('\n'))
  return [...firsts.values()].flatMap(([first]) => first ?? [])
}

function endingOf(
  state: RunState,
  batches: readonly BatchReport[],
  itinerary: Itinerary,
): Pick<RunReport, 'exit' | 'summary' | 'changed' | 'takenBack' | 'untouched' | 'byHand'> {
  if (state.outcome) return state.outcome
  const lists = openLists(batches, itinerary)
  return state.hold ? { ...lists, exit: 'held', summary: state.hold.because } : { ...lists, summary: 'The run is open.' }
}

/** What is changed and untouched so far, while the run has no outcome of its own. */
function openLists(batches: readonly BatchReport[], itinerary: Itinerary): Omit<Outcome, 'exit' | 'summary'> {
  const steps = batches.flatMap((batch) => batch.steps)
  const titles = (of: string, note = '') => steps.filter((step) => step.status === of).map((step) => `${step.title}${note}`)
  const stays = itinerary.untouched.map((group) => `${group.name} (${group.reason})`)
  return {
    changed: [...titles('done'), ...titles('begun', ' (under way)'), ...titles('failed', ' (not finished)')],
    takenBack: [],
    untouched: [...titles('not begun'), ...stays],
    byHand: [],
  }
}
