import type { JournalEntry, RunEvent } from '../journal/event.ts'
import { formatDuration, type Instant } from '../model/instant.ts'
import { type Batch, type Itinerary, movesVersions, replacesNodes, type Step } from '../model/itinerary.ts'
import type { RunState } from '../rollout/state.ts'
import { type Message, messageOf, type Names } from './message.ts'

/** Tells the events of a run in order, with the names that people know and how long things took. */
export interface Teller {
  readonly tell: (entry: JournalEntry) => Message
  readonly names: Names
}

interface Known {
  readonly batches: Map<string, Batch>
  /** The step of each command. */
  readonly commands: Map<string, string>
  /** When a batch began, and when the first command of a step was meant. */
  readonly began: Map<string, Instant>
  /** Commands that EKS or an API put off: what was said last, since when. */
  readonly putOff: Map<string, { readonly said: string; readonly since: Instant }>
  /** Reasons that were told; they are long, so once is enough. */
  readonly reasons: Set<string>
  now: Instant
}

/** @param before what was told already: the journal of an open run that is gone on with. */
export function createTeller(itinerary: Itinerary, before: readonly JournalEntry[] = []): Teller {
  const known: Known = {
    batches: new Map(itinerary.batches.map((batch) => [batch.id, batch])),
    commands: new Map(),
    began: new Map(),
    putOff: new Map(),
    reasons: new Set(),
    now: 0,
  }
  const names = namesOf(known)
  const tell = (entry: JournalEntry): Message => {
    known.now = entry.at
    learn(known, entry.event)
    const message = toldOf(known, entry.event, names)
    remember(known, entry.event)
    return message
  }
  for (const entry of before) tell(entry)
  return { tell, names }
}

function learn(known: Known, event: RunEvent): void {
  if (event.type === 'rollback-started' || event.type === 'cure-started') learnBatches(known, event.batches)
  if (event.type === 'batch-started') known.began.set(event.batch, known.now)
  if (event.type === 'command-intended') learnCommand(known, event.command)
  if (event.type === 'run-resumed' && event.imported !== undefined) learnState(known, event.imported as RunState)
}

function learnBatches(known: Known, batches: readonly Batch[]): void {
  for (const batch of batches) known.batches.set(batch.id, batch)
}

function learnCommand(known: Known, { id, step }: { readonly id: string; readonly step: string }): void {
  known.commands.set(id, step)
  if (!known.began.has(step)) known.began.set(step, known.now)
}

/** A state that came from the record in the cluster tells of events that this machine has not seen. */
function learnState(known: Known, { back, batches, cures = {} }: RunState): void {
  learnBatches(known, [...(back?.batches ?? []), ...Object.values(cures).flatMap((cure) => cure.batches)])
  for (const [id, batch] of Object.entries(batches)) {
    if (batch.startedAt !== undefined) known.began.set(id, batch.startedAt)
    for (const { command } of Object.values(batch.steps).flatMap((step) => step.commands)) known.commands.set(command.id, command.step)
  }
}

function toldOf(known: Known, event: RunEvent, names: Names): Message {
  if (event.type === 'command-answered') return answerTold(known, event, names)
  const message = messageOf(short(known, event), names)
  // Settings and tidying are means: that their batch is through says it all.
  if (event.type === 'step-done' && isMeans(known, event.step)) return { ...message, level: 'debug' }
  const ungated = event.type === 'batch-passed' && known.batches.get(event.batch)?.gates.length === 0
  return ungated ? { ...message, text: `${names.batch(event.batch)}: done${names.after(event.batch)}.` } : message
}

function isMeans(known: Known, id: string): boolean {
  const step = [...known.batches.values()].flatMap(({ steps }) => steps).find((one) => one.id === id)
  return step !== undefined && !movesVersions(step)
}

function remember(known: Known, event: RunEvent): void {
  if (event.type === 'gate-judged' && event.judgement.verdict === 'fail') known.reasons.add(bare(event.judgement.reason))
  if (event.type === 'batch-failed' || event.type === 'step-failed') known.reasons.add(bare(event.failure.message))
}

/** The event without a reason that was told before. */
function short(known: Known, event: RunEvent): RunEvent {
  const told = (text: string) => [...known.reasons].some((reason) => bare(text).endsWith(reason))
  if (event.type === 'batch-failed' && told(event.failure.message))
    return { ...event, failure: { ...event.failure, message: 'for the reason above' } }
  if (event.type === 'hold-entered' && told(event.because)) return { ...event, because: `for the reason above (${event.cause})` }
  if (event.type !== 'run-finished') return event
  const { summary } = event.outcome
  const reason = [...known.reasons].find((one) => summary.startsWith(`${one}. `))
  return reason === undefined ? event : { ...event, outcome: { ...event.outcome, summary: summary.slice(reason.length + 2) } }
}

function bare(text: string): string {
  return text.replace(/\.$/, '')
}

/** A command that is put off again and again is told once for each reason, and once when it goes on. */
function answerTold(known: Known, event: Extract<RunEvent, { type: 'command-answered' }>, names: Names): Message {
  const message = messageOf(event, names)
  const { result } = event
  const earlier = known.putOff.get(event.command)
  if (result.kind === 'deferred' || result.kind === 'unsettled') {
    known.putOff.set(event.command, { said: message.text, since: earlier?.since ?? known.now })
    return earlier?.said === message.text ? { ...message, level: 'debug' } : message
  }
  known.putOff.delete(event.command)
  if (earlier === undefined || result.kind === 'refused') return message
  const waited = formatDuration(known.now - earlier.since)
  return { ...message, level: 'info', text: `${names.command(event.command)} goes on after ${waited} of waiting.` }
}

function namesOf(known: Known): Names {
  const batch = (id: string) => known.batches.get(id)?.title ?? id
  const step = (id: string) => stepName(known, id)
  return {
    batch: (id) => (known.batches.has(id) ? batch(id) : step(id)),
    batchWithId: (id) => withId(known.batches.has(id) ? batch(id) : step(id), id),
    step,
    batchOf: (id) => batchOfStep(known, id)?.title ?? id,
    command: (id) => step(known.commands.get(id) ?? id),
    after: (id) => {
      const began = known.began.get(id)
      return began === undefined || began === known.now ? '' : ` after ${formatDuration(known.now - began)}`
    },
  }
}

function withId(title: string, id: string): string {
  return title === id ? id : `${title} (${id})`
}

/** The batch of a step, by its id: the way back and its tidying have steps that no list names. */
function batchOfStep(known: Known, id: string): Batch | undefined {
  const owners = [...known.batches.values()].filter((one) => id === one.id || id.startsWith(`${one.id}/`))
  return owners.sort((a, b) => b.id.length - a.id.length)[0]
}

/** A step by its batch and what it is about; what the batch is called after is not said twice. */
function stepName(known: Known, id: string): string {
  const batch = batchOfStep(known, id)
  if (batch === undefined) return id
  const step = batch.steps.find((one) => one.id === id)
  const about = step === undefined ? '' : aboutOf(step)
  return about === '' || batch.title.startsWith(about) ? batch.title : `${batch.title}: ${about}`
}

/** The add-on or the group a step moves, or what else it does. */
function aboutOf(step: Step): string {
  if (step.kind === 'addon-update') return step.addon
  return replacesNodes(step) ? step.group : step.title
}
