import { EXIT, type ExitName } from '../errors/catalogue.ts'
import type { JournalEntry, Outcome } from '../journal/event.ts'
import type { Failure } from '../model/failure.ts'
import type { Instant } from '../model/instant.ts'
import type { Batch, Itinerary, Step } from '../model/itinerary.ts'
import type { Judgement } from '../model/verdict.ts'
import { originOf } from './itinerary-words.ts'
import { nextCommands } from './next.ts'
import type { Origin } from './origin.ts'
import { writeBack } from './write-back.ts'

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
  readonly batches: readonly BatchReport[]
  readonly wayBack: readonly BatchReport[]
  readonly failure?: Failure
  /** Nodes that showed the failure. */
  readonly hangingNodes: readonly string[]
  readonly decisions: readonly { readonly at: Instant; readonly who: string; readonly what: string; readonly reason?: string }[]
  readonly changed: readonly string[]
  readonly takenBack: readonly string[]
  readonly untouched: readonly string[]
  readonly byHand: readonly string[]
  /** What is to be written back to Terraform, CloudFormation or eksctl. */
  readonly writeBack: readonly string[]
  /** What to type next. */
  readonly next: readonly string[]
}

export interface BatchReport {
  readonly id: string
  readonly title: string
  readonly phase: Batch['phase']
  readonly status: 'not begun' | 'running' | 'passed' | 'failed' | 'accepted by hand'
  readonly startedAt?: Instant
  readonly endedAt?: Instant
  readonly steps: readonly { readonly id: string; readonly title: string; readonly status: 'not begun' | 'begun' | 'done' | 'failed' }[]
  readonly gates: readonly { readonly gate: string; readonly judgement: Judgement }[]
  readonly soak?: number
  readonly failure?: Failure
}

/** The report of a run. Pure: the same journal gives the same report. */
export function runReport(itinerary: Itinerary, journal: readonly JournalEntry[]): RunReport {
  const opened = eventOf(journal, 'run-opened')
  const rollback = eventOf(journal, 'rollback-started')
  const batches = itinerary.batches.map((batch) => batchReport(batch, journal))
  const wayBack = (rollback?.event.batches ?? []).map((batch) => batchReport(batch, journal))
  const ending = endingOf(journal, batches, itinerary)
  const failure = rollback?.event.failure ?? ending.failure ?? batches.find((batch) => batch.failure)?.failure
  const run = opened?.event.run ?? 'unknown'
  const report = {
    run,
    origin: originOf(itinerary),
    digest: itinerary.digest,
    openedBy: opened?.event.by ?? 'unknown',
    openedAt: opened?.at,
    lastAt: journal.at(-1)?.at,
    ...ending.outcome,
    batches,
    wayBack,
    failure,
    hangingNodes: hangingNodes(batches, failure),
    decisions: decisionsOf(journal),
  }
  const done = doneSteps([...itinerary.batches, ...(rollback?.event.batches ?? [])], [...batches, ...wayBack])
  return { ...report, writeBack: writeBack(itinerary, done), next: nextCommands(report, ending.resumeWith) }
}

function doneSteps(batches: readonly Batch[], reports: readonly BatchReport[]): readonly Step[] {
  const done = new Set(reports.flatMap((batch) => batch.steps.filter((step) => step.status === 'done').map((step) => step.id)))
  return batches.flatMap((batch) => batch.steps.filter((step) => done.has(step.id)))
}

/** The exit code that belongs to the report, or undefined while the run goes on. */
export function exitOf(report: RunReport): number | undefined {
  return report.exit && EXIT[report.exit]
}

type EventOf<T extends JournalEntry['event']['type']> = JournalEntry & { readonly event: Extract<JournalEntry['event'], { type: T }> }

function isOf<T extends JournalEntry['event']['type']>(entry: JournalEntry, type: T): entry is EventOf<T> {
  return entry.event.type === type
}

/** The last event of a type. */
function eventOf<T extends JournalEntry['event']['type']>(journal: readonly JournalEntry[], type: T): EventOf<T> | undefined {
  return journal.filter((entry) => isOf(entry, type)).at(-1)
}

function batchReport(batch: Batch, journal: readonly JournalEntry[]): BatchReport {
  const own = journal.filter(({ event }) => 'batch' in event && event.batch === batch.id)
  const started = eventOf(own, 'batch-started')
  const ended = own.filter(({ event }) => event.type === 'batch-passed' || event.type === 'batch-failed').at(-1)
  const accepted = journal.some(({ event }) => event.type === 'accepted-by-hand' && event.at === batch.id)
  return {
    id: batch.id,
    title: batch.title,
    phase: batch.phase,
    status: statusOf(started !== undefined, ended?.event.type, accepted),
    startedAt: started?.at,
    endedAt: ended?.at,
    steps: batch.steps.map((step) => ({ id: step.id, title: step.title, status: stepStatus(step.id, journal) })),
    gates: lastJudgements(own),
    soak: eventOf(own, 'soak-clock')?.event.passed,
    failure: ended?.event.type === 'batch-failed' ? ended.event.failure : undefined,
  }
}

function statusOf(started: boolean, ended: string | undefined, accepted: boolean): BatchReport['status'] {
  if (ended === 'batch-passed') return 'passed'
  if (accepted) return 'accepted by hand'
  if (ended === 'batch-failed') return 'failed'
  return started ? 'running' : 'not begun'
}

function stepStatus(step: string, journal: readonly JournalEntry[]): BatchReport['steps'][number]['status'] {
  const last = journal.filter(({ event }) => 'step' in event && event.step === step).at(-1)
  if (last?.event.type === 'step-done') return 'done'
  if (last?.event.type === 'step-failed') return 'failed'
  return journal.some(({ event }) => event.type === 'command-intended' && event.command.step === step) ? 'begun' : 'not begun'
}

/** The last word of each gate, in the order in which they first spoke. */
function lastJudgements(own: readonly JournalEntry[]): BatchReport['gates'] {
  const last = new Map<string, Judgement>()
  for (const { event } of own) if (event.type === 'gate-judged') last.set(event.gate, event.judgement)
  return [...last].map(([gate, judgement]) => ({ gate, judgement }))
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

interface Ending {
  readonly outcome: Pick<RunReport, 'exit' | 'summary' | 'changed' | 'takenBack' | 'untouched' | 'byHand'>
  readonly resumeWith?: string
  readonly failure?: Failure
}

function endingOf(journal: readonly JournalEntry[], batches: readonly BatchReport[], itinerary: Itinerary): Ending {
  const finished = eventOf(journal, 'run-finished')
  if (finished) return { outcome: finished.event.outcome }
  const hold = eventOf(journal, 'hold-entered')
  const left = eventOf(journal, 'hold-left')
  const holds = hold && (!left || left.sequence < hold.sequence)
  if (!holds) return { outcome: { ...openLists(batches, itinerary), summary: 'The run is open.' } }
  const { because, resumeWith, failure } = hold.event
  return { outcome: { ...openLists(batches, itinerary), exit: 'held', summary: because }, resumeWith, failure }
}

/** What is changed and untouched so far, while the run has no outcome of its own. */
function openLists(batches: readonly BatchReport[], itinerary: Itinerary): Omit<Outcome, 'exit' | 'summary'> {
  const steps = batches.flatMap((batch) => batch.steps)
  const titles = (...of: readonly string[]) => steps.filter((step) => of.includes(step.status)).map((step) => step.title)
  const stays = itinerary.untouched.map((group) => `${group.name} (${group.reason})`)
  return { changed: titles('done', 'begun', 'failed'), takenBack: [], untouched: [...titles('not begun'), ...stays], byHand: [] }
}
