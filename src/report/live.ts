import { DefaultRenderer, Listr, ListrLogger, type ListrTaskWrapper, ProcessOutput, type SimpleRenderer } from 'listr2'
import type { JournalEntry, RunEvent } from '../journal/event.ts'
import type { Batch, Itinerary } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { RunState } from '../rollout/state.ts'
import { printable } from './layout.ts'
import { failureSentence, type Message } from './message.ts'
import { clockLine, gateLines, heartbeatLine, soakPart, stepProgress, waitingLine } from './progress.ts'
import { dim, glyph, type MarkName, type Style } from './style.ts'
import { createTeller } from './teller.ts'
import type { View } from './view.ts'

/** The only place that knows listr2: batches as a list that moves. It shows a run and never drives it. */

type Row = ListrTaskWrapper<unknown, typeof Terminal, typeof SimpleRenderer>

/** listr2 asks whether stdout is a terminal; this view writes to stderr, which the caller has looked at. */
class Terminal extends DefaultRenderer {
  static override nonTTY = true
}

interface LiveOptions {
  readonly itinerary: Itinerary
  /** The journal so far, when an open run is gone on with. */
  readonly before?: readonly JournalEntry[]
  readonly style: Style
  /** The terminal, which is where progress goes: stderr. */
  readonly stream: NodeJS.WriteStream
}

/** Batches, node groups with nodes done of all, gates with the reason they wait, elapsed and remaining time. */
export function liveView(options: LiveOptions): View {
  const teller = createTeller(options.itinerary, options.before)
  let board = openBoard(options.itinerary.batches, options)
  return {
    onEvent(entry) {
      const { event } = entry
      const message = teller.tell(entry)
      if (event.type === 'rollback-started') {
        const finished = board.finish()
        board = openBoard(event.batches, options, finished)
      } else board.take(event, message)
    },
    onTick: (seen, state, waitingFor) => board.show(seen, state, waitingFor),
    close: () => board.finish(),
  }
}

interface Board {
  take(event: RunEvent, message: Message): void
  show(seen: Seen, state: RunState | undefined, waitingFor: string | undefined): void
  finish(): Promise<void>
}

/** One list on the screen; the way back is a second one, drawn when the first is done. */
function openBoard(batches: readonly Batch[], options: LiveOptions, after: Promise<void> = Promise.resolve()): Board {
  const endings = new Map(batches.map((batch) => [batch.id, ending()]))
  const rows = new Map<string, Row>()
  let remark = ''
  // Made only when the list before is done: a renderer keeps the stream as it finds it, and the one before has taken it over.
  const draw = () =>
    new Listr<unknown, typeof Terminal, typeof SimpleRenderer>(
      batches.map((batch) => ({
        title: batch.title,
        task: (_: unknown, row: Row) => {
          rows.set(batch.id, row)
          return endings.get(batch.id)?.promise.then((end) => applyEnd(row, batch, end))
        },
        rendererOptions: { outputBar: 1 },
      })),
      { renderer: Terminal, exitOnError: false, registerSignalListeners: false, rendererOptions: rendererOptions(options) },
    )
  const shown = after.then(() => draw().run()).then(() => undefined)
  return {
    take(event, message) {
      const end = endOf(event)
      if (end) endings.get(end.batch)?.settle(end)
      if (event.type === 'batch-started' || isThrough(event)) remark = ''
      if (event.type !== 'gate-judged' && (message.level === 'warn' || message.level === 'error'))
        remark = `${glyph(options.style, 'warn')} ${printable(message.text)}`
    },
    show(seen, state, waitingFor) {
      for (const batch of batches) {
        const row = rows.get(batch.id)
        if (row && state?.batches[batch.id]?.status === 'running') showBatch(row, batch, { seen, state, waitingFor, remark }, options)
        else if (row && state) row.output = dim(options.style, printable(heartbeatLine(options.itinerary, seen, state, waitingFor)))
      }
    },
    finish() {
      const begun = new Set(rows.keys())
      for (const [batch, one] of endings) one.settle({ batch, how: begun.has(batch) ? 'not finished' : 'not begun' })
      return shown
    },
  }
}

interface End {
  readonly batch: string
  readonly how: 'passed' | 'failed' | 'accepted by hand' | 'not finished' | 'not begun'
  readonly why?: string
}

function endOf(event: RunEvent): End | undefined {
  if (event.type === 'batch-passed') return { batch: event.batch, how: 'passed' }
  if (event.type === 'batch-failed') return { batch: event.batch, how: 'failed', why: failureSentence(event.failure) }
  if (event.type === 'accepted-by-hand') return { batch: event.at, how: 'accepted by hand' }
  return undefined
}

function applyEnd(row: Row, batch: Batch, end: End): void {
  if (end.how === 'failed') throw new Error(`${batch.title}: ${printable(end.why ?? 'failed')}`)
  if (end.how === 'not finished' || end.how === 'not begun') row.skip(`${batch.title}: ${end.how}`)
  else row.title = end.how === 'passed' ? batch.title : `${batch.title} (${end.how})`
}

/** A promise with its resolver; settling it again changes nothing. */
function ending(): { readonly promise: Promise<End>; readonly settle: (end: End) => void } {
  const { promise, resolve } = Promise.withResolvers<End>()
  return { promise, settle: resolve }
}

/** A command went through: what was said of its waiting no longer holds. */
function isThrough(event: RunEvent): boolean {
  return event.type === 'command-answered' && (event.result.kind === 'accepted' || event.result.kind === 'moot')
}

interface Moment {
  readonly seen: Seen
  readonly state: RunState
  readonly waitingFor: string | undefined
  readonly remark: string
}

function showBatch(row: Row, batch: Batch, { seen, state, waitingFor, remark }: Moment, options: LiveOptions): void {
  const own = state.batches[batch.id]
  const counted = batch.steps.map((step) => stepProgress(step, own, seen)).filter((text) => text !== undefined)
  row.title = [batch.title, ...counted, ...soakPart(batch, own, seen.now)].join('  ')
  const gates = gateLines(own).map((line) => gateText(line, options.style))
  // The soak stands in the title, a gate's reason beside the gate.
  const unsaid =
    waitingFor !== undefined && !waitingFor.startsWith('soak: ') && !gateLines(own).some((line) => waitingFor.includes(line.reason))
  const waiting = unsaid ? [printable(waitingLine(waitingFor))] : []
  const clock = dim(options.style, clockLine(options.itinerary, state, seen.now))
  row.output = [...gates, ...(remark ? [remark] : []), ...waiting, clock].join('\n')
}

function gateText(line: { readonly gate: string; readonly verdict: string; readonly reason: string }, style: Style): string {
  const why = line.verdict === 'pass' ? '' : `: ${printable(line.reason)}`
  return `${glyph(style, line.verdict as MarkName)} ${line.gate} ${line.verdict}${why}`
}

function rendererOptions({ stream, style }: LiveOptions) {
  const icon = style.unicode
    ? {}
    : { COMPLETED: '+', FAILED: 'x', PENDING: '.', WAITING: ' ', OUTPUT: '>', OUTPUT_WITH_BOTTOMBAR: '>', SKIPPED_WITH_COLLAPSE: 'o' }
  const logger = new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(stream, stream) })
  return { logger, icon, collapseErrors: false, collapseSkips: true, formatOutput: 'wrap' as const, showErrorMessage: true }
}
